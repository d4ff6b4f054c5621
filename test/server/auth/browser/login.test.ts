import { describe, expect, it } from 'vitest';
import { asSystem } from '../../../../worker/context.ts';
import { sessionCookie as cookie, jsonHeaders, openBrowser, pick, signIn } from '../../../support/browser.ts';
import { createTestDatabase } from '../../../support/database.ts';
import { sha256 } from '../../../support/sha256.ts';
import { startSite } from '../../../support/site.ts';

const database = await createTestDatabase();
const frontend = 'https://app.example.com';
const { server, standIn, tenants, click } = await startSite(database, { origins: [frontend] });
const admin = database.pool('admin');

const sessionOf = async (value: string | undefined) => {
  const { rows } = await admin.query('select * from identity.session where token_hash = $1', [
    sha256(value ?? ''),
  ]);
  return rows[0];
};
const whoAmI = async (browser: ReturnType<typeof openBrowser>) =>
  (await browser.get(`${server.url}/auth/session`, jsonHeaders)).json;

/** Waits at the callback: the code is made, and not used. */
async function atCallback(browser = openBrowser(), userId = 'user_ada', query = 'organization=org_acme') {
  const begun = await browser.get(`${server.url}/auth/login?${query}`);
  return { browser, callback: await pick(begun.location, { user_id: userId }) };
}

describe('a person who signs in', () => {
  it('lands where they wanted to go, in the tenant of the organization, with a cookie that opens the API', async () => {
    const browser = openBrowser();
    const landed = await signIn(browser, server.url, 'user_linus', { return_to: '/?page=2' });
    expect([landed.status, landed.location]).toEqual([303, `${server.url}/?page=2`]);
    expect(await whoAmI(browser)).toMatchObject({
      person: { email: 'linus@people.example', name: 'Linus Example' },
      tenant: { id: tenants.acme, name: 'Acme' },
      membership: { role: 'member' },
    });
    expect(await click(browser)).toBe('acme');
  });

  it('has a cookie of 32 random bytes that only this host gets, of which the database has the hash; the tokens are sealed', async () => {
    const browser = openBrowser();
    const landed = await signIn(browser, server.url, 'user_linus');
    const line = landed.headers.getSetCookie().find((set) => set.startsWith(`${cookie}=`)) ?? '';
    expect(line).toMatch(
      /^__Host-freehold_session=[0-9A-Za-z_-]{43}; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
    );
    const value = browser.cookies.get(cookie);
    const row = await sessionOf(value);
    expect(row).toMatchObject({
      method: 'Password',
      user_agent: 'Test browser',
      ip: '127.0.0.1',
      revoked_at: null,
    });
    expect(JSON.stringify(row)).not.toContain(value);
    expect(row.sealed_tokens).toMatch(/^[0-9a-f]{8}\.[0-9A-Za-z_-]+$/);
    expect(row.tokens_expire_at.getTime()).toBeGreaterThan(Date.now() + 200_000);
    expect(row.provider_session).toMatch(/^session_/);
  });

  it('is in the record of the tenant, as the member that they are', async () => {
    const { headers } = await signIn(openBrowser(), server.url, 'user_grace');
    const { rows } = await admin.query(
      `select e.actor_type, e.actor_id = e.entity_id as own, e.data ->> 'method' as method, e.data ->> 'ip' as ip, e.request_id
       from app.event e where e.type = 'user.signed_in' and e.tenant_id = $1`,
      [tenants.globex],
    );
    expect(rows).toEqual([
      {
        actor_type: 'member',
        own: true,
        method: 'Password',
        ip: '127.0.0.1',
        request_id: headers.get('x-request-id'),
      },
    ]);
  });

  it('belongs to several organizations, and says which', async () => {
    const browser = openBrowser();
    const choice = await signIn(browser, server.url, 'user_ada', { return_to: '/start' });
    expect(choice.status).toBe(200);
    expect(choice.text).toContain('Choose an organization');
    const state = /name="state" value="([^"]+)"/.exec(choice.text)?.[1] ?? '';
    const landed = await browser.post(`${server.url}/auth/choose`, { state, organization: 'org_globex' });
    expect([landed.status, landed.location]).toEqual([303, `${server.url}/start`]);
    expect((await whoAmI(browser)).tenant.name).toBe('Globex');
    // done once
    const again = await browser.post(
      `${server.url}/auth/choose`,
      { state, organization: 'org_acme' },
      jsonHeaders,
    );
    expect([again.status, again.json.code]).toEqual([400, 'unknown_sign_in']);
  });

  it('cannot say an organization of others', async () => {
    const browser = openBrowser();
    const choice = await signIn(browser, server.url, 'user_ada');
    const state = /name="state" value="([^"]+)"/.exec(choice.text)?.[1] ?? '';
    const answer = await browser.post(
      `${server.url}/auth/choose`,
      { state, organization: 'org_other' },
      jsonHeaders,
    );
    expect([answer.status, answer.json.code]).toEqual([403, 'sign_in_refused']);
    expect(browser.cookies.has(cookie)).toBe(false);
  });

  it('can be sent to an organization, a connection or with hints', async () => {
    const hints =
      'organization=org_acme&domain_hint=acme.example&login_hint=ada%40people.example&screen_hint=sign-up';
    const { location } = await openBrowser().get(`${server.url}/auth/login?${hints}`);
    expect(Object.fromEntries(new URL(location).searchParams)).toMatchObject({
      organization_id: 'org_acme',
      domain_hint: 'acme.example',
      login_hint: 'ada@people.example',
      screen_hint: 'sign-up',
      code_challenge_method: 'S256',
      redirect_uri: `${server.url}/auth/callback`,
    });
    const sso = await openBrowser().get(`${server.url}/auth/login?connection=conn_1`);
    expect(new URL(sso.location).searchParams.get('connection_id')).toBe('conn_1');
  });
});

describe('a sign-in is refused', () => {
  const refused = async (page: { status: number; json: { code: string } }) => [page.status, page.json.code];

  it('when its callback is opened a second time, even with the cookie as it was', async () => {
    const { browser, callback } = await atCallback();
    const before = new Map(browser.cookies);
    expect((await browser.get(callback)).status).toBe(303);
    expect(await refused(await browser.get(callback, jsonHeaders))).toEqual([400, 'unknown_sign_in']);
    const thief = openBrowser(before);
    expect(await refused(await thief.get(callback, jsonHeaders))).toEqual([403, 'sign_in_refused']);
    expect(thief.cookies.has(cookie)).toBe(false);
  });

  it('when another browser began it: nobody is signed in as somebody else unasked', async () => {
    const { callback } = await atCallback();
    const victim = openBrowser();
    expect(await refused(await victim.get(callback, jsonHeaders))).toEqual([400, 'unknown_sign_in']);
    // nor with one of the victim's own under way
    await victim.get(`${server.url}/auth/login`);
    expect(await refused(await victim.get(callback, jsonHeaders))).toEqual([400, 'unknown_sign_in']);
    expect(victim.cookies.has(cookie)).toBe(false);
  });

  it('when its cookie was changed', async () => {
    const { browser, callback } = await atCallback();
    const name = '__Host-freehold_login';
    const value = browser.cookies.get(name) ?? '';
    browser.cookies.set(name, `${value.slice(0, -4)}AAAA`);
    expect(await refused(await browser.get(callback, jsonHeaders))).toEqual([400, 'unknown_sign_in']);
  });

  it('when the code is of another sign-in: the verifier does not fit', async () => {
    const first = await atCallback();
    const second = await atCallback();
    const mixed = new URL(second.callback);
    mixed.searchParams.set('code', new URL(first.callback).searchParams.get('code') ?? '');
    expect(await refused(await second.browser.get(mixed.href, jsonHeaders))).toEqual([
      403,
      'sign_in_refused',
    ]);
  });

  it('when the person cancelled it', async () => {
    const browser = openBrowser();
    const begun = await browser.get(`${server.url}/auth/login`);
    const state = new URL(begun.location).searchParams.get('state') ?? '';
    const page = await browser.get(`${server.url}/auth/callback?error=access_denied&state=${state}`);
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('The sign-in was cancelled')]);
  });

  it.each([
    ['of nobody who belongs to an organization', 'user_nobody'],
    ['of a member of an organization that is no tenant', 'user_stranger'],
  ])('%s, with a way out', async (_, user) => {
    const browser = openBrowser();
    const page = await signIn(browser, server.url, user);
    expect(page.status).toBe(403);
    expect(page.text).toContain('not_a_member');
    expect(page.text).toContain(`${standIn.url}/user_management/sessions/logout?session_id=session_`);
    expect(browser.cookies.has(cookie)).toBe(false);
  });

  it('of a member who was suspended here', async () => {
    const verb = (name: 'suspend' | 'reactivate') =>
      asSystem(database.pool('worker'), tenants.acme, 'test', (client) =>
        client.query(
          `select app.${name}_membership(id) from app.membership where email = 'linus@people.example'`,
        ),
      );
    await verb('suspend');
    const page = await signIn(openBrowser(), server.url, 'user_linus');
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('not_a_member')]);
    await verb('reactivate');
  });

  it('to the log goes why, and to the browser no more than it needs', async () => {
    const from = server.lines.length;
    const { browser, callback } = await atCallback();
    const forged = callback.replace(/code=[^&]+/, 'code=made-up');
    const { json } = await browser.get(forged, jsonHeaders);
    expect(json).toEqual({
      type: 'about:blank',
      title: 'The identity provider refused the sign-in.',
      status: 403,
      code: 'sign_in_refused',
      remedy: expect.any(String),
      requestId: expect.any(String),
    });
    expect(server.lines.slice(from)).toContainEqual(
      expect.objectContaining({
        msg: 'a sign-in was refused',
        reason: expect.stringContaining('invalid_grant'),
      }),
    );
    expect(JSON.stringify(server.lines.slice(from))).not.toMatch(/made-up|code=/);
  });
});

describe('where a sign-in returns to', () => {
  it.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example/',
    'https://app.example.com.evil.example/',
    'https://app.example.com@evil.example/',
    'https://user@app.example.com/',
    'http://app.example.com/',
    'javascript:alert(1)',
    'data:text/html,x',
    `/${'x'.repeat(500)}`,
    '\t//evil.example',
  ])('is not %s', async (to) => {
    const page = await openBrowser().get(
      `${server.url}/auth/login?${new URLSearchParams({ return_to: to })}`,
      jsonHeaders,
    );
    expect([400, 422]).toContain(page.status);
    expect(page.location).toBe('');
  });

  it('may be a page of a frontend', async () => {
    const to = `${frontend}/projects?id=1`;
    expect((await signIn(openBrowser(), server.url, 'user_grace', { return_to: to })).location).toBe(to);
  });
});

describe('a browser', () => {
  it('that was somebody before is somebody else now, and its former session is over', async () => {
    const browser = openBrowser();
    await signIn(browser, server.url, 'user_grace');
    const former = browser.cookies.get(cookie);
    await signIn(browser, server.url, 'user_linus');
    expect(browser.cookies.get(cookie)).not.toBe(former);
    expect((await whoAmI(browser)).person.email).toBe('linus@people.example');
    expect((await sessionOf(former)).revoked_at).not.toBeNull();
  });

  it('does not keep a cookie that was planted', async () => {
    const planted = 'p'.repeat(43);
    const browser = openBrowser(new Map([[cookie, planted]]));
    await signIn(browser, server.url, 'user_grace');
    expect(browser.cookies.get(cookie)).not.toBe(planted);
    expect(await sessionOf(planted)).toBeUndefined();
  });

  it('can have three sign-ins under way, in several tabs, and no more than a cookie holds', async () => {
    const browser = openBrowser();
    const callbacks: string[] = [];
    for (let tab = 0; tab < 4; tab += 1)
      callbacks.push((await atCallback(browser, 'user_grace', '')).callback);
    expect(browser.cookies.get('__Host-freehold_login')?.length).toBeLessThan(4_000);
    expect((await browser.get(callbacks[0] ?? '', jsonHeaders)).json.code).toBe('unknown_sign_in');
    for (const callback of callbacks.slice(1)) expect((await browser.get(callback)).status).toBe(303);
  });

  it('that comes back without a state is sent to sign in: the provider began that, not this browser', async () => {
    const { callback } = await atCallback();
    const stateless = callback.replace(/&?state=[^&]+/, '');
    const page = await openBrowser().get(stateless);
    expect([page.status, page.location]).toEqual([302, `${server.url}/auth/login`]);
  });

  it('is shown names as text', async () => {
    await admin.query(`update app.tenant set name = '<b>Globex</b>' where slug = 'globex'`);
    const browser = openBrowser();
    await signIn(browser, server.url, 'user_grace');
    const page = await browser.get(`${server.url}/auth`);
    expect(page.text).toContain('&lt;b&gt;Globex&lt;/b&gt;');
    expect(page.text).not.toContain('<b>');
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(page.headers.get('cache-control')).toBe('no-store');
  });
});

it('says that it is not known, when the identity provider does not answer', async () => {
  const { browser, callback } = await atCallback();
  await standIn.close();
  const { status, json } = await browser.get(callback, jsonHeaders);
  expect([status, json.code]).toEqual([503, 'identity_unavailable']);
});
