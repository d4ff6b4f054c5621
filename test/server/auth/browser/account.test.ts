import { describe, expect, it } from 'vitest';
import { asSystem } from '../../../../worker/context.ts';
import {
  sessionCookie as cookie,
  jsonHeaders,
  openBrowser,
  signIn,
  type TestBrowser,
} from '../../../support/browser.ts';
import { createTestDatabase } from '../../../support/database.ts';
import { sha256 } from '../../../support/sha256.ts';
import { startSite } from '../../../support/site.ts';

const database = await createTestDatabase();
const frontend = 'https://app.example.com';
const { server, standIn, tenants, click } = await startSite(database, { origins: [frontend] });
const admin = database.pool('admin');
const at = (path: string) => `${server.url}${path}`;

async function signedIn(user: string, organization?: string): Promise<TestBrowser> {
  const browser = openBrowser();
  const page = await signIn(browser, server.url, user, organization ? { organization } : {});
  expect(page.status).toBe(303);
  return browser;
}
const session = (browser: TestBrowser) => browser.get(at('/auth/session'), jsonHeaders);
describe('signing out', () => {
  it('ends the session here at once and at the identity provider, and forgets the tokens', async () => {
    const browser = await signedIn('user_linus');
    const thief = openBrowser(new Map(browser.cookies));
    const { session_id } = Object.fromEntries(
      new URL((await browser.post(at('/auth/logout'), {})).location).searchParams,
    );
    expect(session_id).toMatch(/^session_/);
    expect(browser.cookies.has(cookie)).toBe(false);
    expect(await click(thief)).toBe('unauthenticated');
    const { rows } = await admin.query(
      'select revoked_at, sealed_tokens from identity.session where token_hash = $1',
      [sha256(thief.cookies.get(cookie) ?? '')],
    );
    expect(rows).toEqual([{ revoked_at: expect.any(Date), sealed_tokens: null }]);
  });

  it('goes over the page that ends it there, and comes back', async () => {
    const browser = await signedIn('user_linus');
    const { location } = await browser.post(at('/auth/logout'), { return_to: '/bye' });
    const there = await openBrowser().get(location);
    expect([there.status, there.location]).toEqual([302, at('/bye')]);
  });

  it('tells a frontend where to go', async () => {
    const browser = await signedIn('user_linus');
    const answer = await browser.post(
      at('/auth/logout'),
      { return_to: `${frontend}/bye` },
      jsonHeaders,
      frontend,
    );
    expect(answer.json.url).toMatch(
      new RegExp(`^${standIn.url}/user_management/sessions/logout\\?session_id=`),
    );
  });

  it('of who is signed out already is no error, and of everywhere else is refused as an address', async () => {
    expect((await openBrowser().post(at('/auth/logout'), {})).location).toBe(at('/auth/login'));
    const page = await openBrowser().post(
      at('/auth/logout'),
      { return_to: 'https://evil.example' },
      jsonHeaders,
    );
    expect(page.json.code).toBe('invalid_return_to');
  });
});

describe('a change by cookie', async () => {
  const browser = await signedIn('user_linus');
  const mutation =
    '{"query":"mutation { createProject(input: {project: {name: \\"Origin\\"}}) { project { id } } }"}';
  const change = async (headers: Record<string, string>) => {
    const response = await fetch(at('/graphql'), {
      method: 'POST',
      body: mutation,
      headers: {
        'content-type': 'application/json',
        cookie: `${cookie}=${browser.cookies.get(cookie)}`,
        ...headers,
      },
    });
    const { data, errors } = (await response.json()) as {
      data?: { createProject: unknown };
      errors?: { extensions: { code: string } }[];
    };
    return errors?.[0]?.extensions.code ?? (data?.createProject ? 'done' : undefined);
  };

  it('is accepted from our own pages and from the frontends', async () => {
    expect(await change({ origin: server.url })).toBe('done');
    expect(await change({ origin: frontend })).toBe('done');
    expect(await change({ 'sec-fetch-site': 'same-origin' })).toBe('done');
  });

  it.each([
    ['another site', { origin: 'https://evil.example' }],
    ['a sibling host', { origin: 'https://x.app.example.com', 'sec-fetch-site': 'same-site' }],
    ['a frame without an origin', { origin: 'null' }],
    ['whoever does not say', {}],
    ['another port', { origin: `${frontend}:444` }],
  ])('is refused from %s', async (_, headers) => {
    expect(await change(headers)).toBe('cross_origin');
    const page = await browser.post(at('/auth/logout'), {}, { ...jsonHeaders, ...headers }, null);
    expect([page.status, page.json.code]).toEqual([403, 'cross_origin']);
    expect(await click(browser)).toBe('acme');
  });

  it('is not asked for an origin when it comes with a key', async () => {
    const { rows } = await asSystem(database.pool('worker'), tenants.acme, 'test', (client) =>
      client.query(`select secret from app.create_api_key('k', '{project:read}')`),
    );
    expect(
      (await server.query(rows[0].secret, '{ projects(first: 1) { nodes { id } } }')).errors,
    ).toBeUndefined();
  });
});

describe('the list of sessions', () => {
  it('shows all of the person, and none of others', async () => {
    const browser = await signedIn('user_ada', 'org_acme');
    await signedIn('user_ada', 'org_globex');
    await signedIn('user_grace');
    const { json } = await browser.get(at('/auth/sessions'), jsonHeaders);
    expect(json).toHaveLength(2);
    expect(
      json
        .map((entry: { current: boolean; tenant: { name: string } }) => [entry.current, entry.tenant.name])
        .sort(),
    ).toEqual([
      [false, 'Globex'],
      [true, 'Acme'],
    ]);
    expect(JSON.stringify(json)).not.toMatch(/token|hash|sealed/);
  });

  it('can end one of them, from its next request on, and no other person can', async () => {
    const mine = await signedIn('user_ada', 'org_acme');
    const lost = await signedIn('user_ada', 'org_globex');
    expect(await click(lost)).toBe('globex');
    const { id } = (await session(lost)).json;
    const grace = await signedIn('user_grace');
    expect((await grace.post(at('/auth/sessions/revoke'), { id }, jsonHeaders)).json).toEqual({ ended: 0 });
    expect(await click(lost)).toBe('globex');
    expect((await mine.post(at('/auth/sessions/revoke'), { id }, jsonHeaders)).json).toEqual({ ended: 1 });
    expect(await click(lost)).toBe('unauthenticated');
    expect(await click(mine)).toBe('acme');
  });

  it('can end all of them, at the identity provider too', async () => {
    const browsers = [await signedIn('user_ada', 'org_acme'), await signedIn('user_ada', 'org_globex')];
    const page = await browsers[0]?.post(at('/auth/sessions/revoke'), { all: 'true' });
    expect([page?.status, page?.location]).toEqual([303, at('/auth')]);
    const { rows } = await admin.query(
      `select count(*)::int from identity.session s join identity.person p on p.id = s.person_id
       where p.email = 'ada@people.example' and s.revoked_at is null`,
    );
    expect(rows).toEqual([{ count: 0 }]);
    for (const browser of browsers) expect((await session(browser)).status).toBe(401);
    const sessions = await fetch(`${standIn.url}/user_management/users/user_ada/sessions`, {
      headers: { authorization: 'Bearer sk_test_stand_in' },
    });
    const { data } = (await sessions.json()) as { data: { status: string }[] };
    expect(data.filter(({ status }) => status === 'active')).toEqual([]);
  });
});

describe('switching the organization', () => {
  it('takes the session to the other tenant, under another cookie', async () => {
    const browser = await signedIn('user_ada', 'org_acme');
    const former = openBrowser(new Map(browser.cookies));
    expect((await session(browser)).json.organizations).toEqual([
      { id: 'org_acme', name: 'Acme', role: 'owner', current: true },
      { id: 'org_globex', name: 'Globex', role: 'member', current: false },
    ]);
    const page = await browser.post(at('/auth/switch'), { organization: 'org_globex' });
    expect([page.status, page.location]).toEqual([303, at('/auth')]);
    expect(await click(browser)).toBe('globex');
    expect(browser.cookies.get(cookie)).not.toBe(former.cookies.get(cookie));
    expect(await click(former)).toBe('unauthenticated');
    expect((await session(browser)).json).toMatchObject({
      tenant: { id: tenants.globex },
      membership: { role: 'member' },
    });
  });

  it.each(['org_other', 'org_globex', 'org_unknown'])(
    'to %s, of which the person is no member, is refused, and they stay',
    async (organization) => {
      const browser = await signedIn('user_linus');
      const page = await browser.post(at('/auth/switch'), { organization }, jsonHeaders);
      expect([page.status, page.json.code]).toEqual([403, 'not_a_member']);
      expect(await click(browser)).toBe('acme');
    },
  );

  it('by two tabs at once leaves one session that works', async () => {
    const browser = await signedIn('user_ada', 'org_acme');
    const tabs = [openBrowser(new Map(browser.cookies)), openBrowser(new Map(browser.cookies))];
    const pages = await Promise.all(
      tabs.map((tab) => tab.post(at('/auth/switch'), { organization: 'org_globex' }, jsonHeaders)),
    );
    expect(pages.map(({ status }) => status).sort()).toEqual([200, 401]);
    const winner = tabs[pages.findIndex(({ status }) => status === 200)] as TestBrowser;
    expect(await click(winner)).toBe('globex');
  });

  it('goes over a new sign-in where the organization asks for it', async () => {
    const browser = await signedIn('user_ada', 'org_acme');
    standIn.directory.addConnection({ organization_id: 'org_globex', require_sso: true });
    const page = await browser.post(at('/auth/switch'), { organization: 'org_globex' });
    expect(page.location).toBe(
      at(`/auth/login?organization=org_globex&return_to=${encodeURIComponent(at('/auth'))}`),
    );
    const told = await browser.post(at('/auth/switch'), { organization: 'org_globex' }, jsonHeaders);
    expect([told.status, told.json.code]).toEqual([409, 'sign_in_required']);
    expect(await click(browser)).toBe('acme');
    standIn.directory.requireSso({ organization_id: 'org_globex', require_sso: false });
  });
});

describe('the page of an account', () => {
  it('shows who, where, and what can be done about it', async () => {
    const browser = await signedIn('user_grace');
    const { status, text } = await browser.get(at('/auth'));
    expect(status).toBe(200);
    for (const part of [
      'Grace Example',
      '<strong>Globex</strong>',
      'as owner',
      'Test browser',
      'Sign out everywhere',
    ])
      expect(text).toContain(part);
  });

  it('sends who is not signed in to the login', async () => {
    expect((await openBrowser().get(at('/auth'))).location).toBe(at('/auth/login'));
    const forged = openBrowser(new Map([[cookie, 'x'.repeat(43)]]));
    expect((await forged.get(at('/auth'))).location).toBe(at('/auth/login'));
    expect((await session(forged)).json.code).toBe('unauthenticated');
  });
});

it('a cookie that was never one is refused without a question to the database', async () => {
  const from = server.lines.length;
  const forged = openBrowser(new Map([[cookie, '<script>'.repeat(40)]]));
  expect((await session(forged)).json.code).toBe('unauthenticated');
  expect(server.lines.slice(from)).toContainEqual(
    expect.objectContaining({
      msg: 'a credential was refused',
      reason: 'the session cookie has not the form of one',
    }),
  );
});

it('cookies larger than any server takes are one clear answer and a line in the log', async () => {
  const from = server.lines.length;
  const response = await fetch(at('/auth/session'), {
    headers: { cookie: `${cookie}=${'x'.repeat(20_000)}` },
  });
  expect([response.status, response.headers.get('content-type')]).toEqual([431, 'application/problem+json']);
  expect(await response.json()).toMatchObject({ status: 431, code: 'headers_too_large' });
  expect(server.lines.slice(from)).toContainEqual(
    expect.objectContaining({ event: 'request', status_code: 431, error_code: 'headers_too_large' }),
  );
});
