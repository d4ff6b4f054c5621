import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { asSystem } from '../../worker/context.ts';
import {
  sessionCookie as cookie,
  jsonHeaders,
  openBrowser,
  signIn,
  type TestBrowser,
} from '../support/browser.ts';
import { createTestDatabase } from '../support/database.ts';
import { startIssuer } from '../support/issuer.ts';
import { sha256 } from '../support/sha256.ts';
import { startSite } from '../support/site.ts';
import { waitUntil } from '../support/wait.ts';

const database = await createTestDatabase();
const issuer = await startIssuer();
const { server, standIn, tenants, ask, click, inAcme } = await startSite(database, {
  tokenIssuers: [issuer.settings],
});
const admin = database.pool('admin');
async function signedIn(user = 'user_ada'): Promise<TestBrowser> {
  const browser = openBrowser();
  expect((await signIn(browser, server.url, user, { organization: 'org_acme' })).status).toBe(303);
  return browser;
}
/** As the owner of Acme, through the API. */
async function demand(rules: Record<string, unknown>, owner: TestBrowser): Promise<string | undefined> {
  const { errors } = await ask(
    owner,
    'mutation ($id: UUID!, $patch: TenantPatch!) { updateTenant(input: {id: $id, patch: $patch}) { tenant { id } } }',
    { id: tenants.acme, patch: rules },
  );
  return errors?.[0]?.extensions.code;
}
const anything = {
  maxSessionHours: 168,
  maxIdleMinutes: 1440,
  allowedNetworks: [],
  loginMethods: [],
  requireSso: false,
};
/** The rules as they were, for the next test: nobody may be able to come in and say so. */
const reset = () =>
  inAcme(
    `update app.tenant set max_session_hours = 168, max_idle_minutes = 1440, allowed_networks = '{}', login_methods = '{}', require_sso = false`,
  );

afterEach(reset);

describe('a tenant says how long a session lasts', () => {
  it('at most, and that holds for those that are open', async () => {
    const [owner, browser] = [await signedIn(), await signedIn('user_linus')];
    await admin.query(
      `update identity.session set created_at = now() - interval '3 hours' where token_hash = $1`,
      [sha256(browser.cookies.get(cookie) ?? '')],
    );
    expect(await click(browser)).toBe('acme');
    expect(await demand({ maxSessionHours: 2 }, owner)).toBeUndefined();
    expect(await click(browser)).toBe('unauthenticated');
    expect(await click(owner)).toBe('acme');
    expect((await browser.get(`${server.url}/auth/session`, jsonHeaders)).status).toBe(401);
    const later = await signedIn('user_linus');
    const { json } = await later.get(`${server.url}/auth/session`, jsonHeaders);
    expect(Date.parse(json.expires_at) - Date.now()).toBeLessThan(2 * 3_600_000 + 1_000);
  });

  it('unused', async () => {
    const [owner, browser] = [await signedIn(), await signedIn('user_linus')];
    const hash = sha256(browser.cookies.get(cookie) ?? '');
    await admin.query(
      `update identity.session set last_seen_at = now() - interval '20 minutes' where token_hash = $1`,
      [hash],
    );
    expect(await demand({ maxIdleMinutes: 15 }, owner)).toBeUndefined();
    expect(await click(browser)).toBe('unauthenticated');
  });

  it('and going over to another tenant does not renew it', async () => {
    const owner = await signedIn();
    await admin.query(
      `update identity.session set last_seen_at = now() - interval '20 minutes' where token_hash = $1`,
      [sha256(owner.cookies.get(cookie) ?? '')],
    );
    await inAcme('update app.tenant set max_idle_minutes = 15');
    const page = await owner.post(`${server.url}/auth/switch`, { organization: 'org_globex' }, jsonHeaders);
    expect([page.status, page.json.code]).toEqual([401, 'unauthenticated']);
  });

  it('and use is seen, to the minute', async () => {
    const browser = await signedIn('user_linus');
    const hash = sha256(browser.cookies.get(cookie) ?? '');
    await admin.query(
      `update identity.session set last_seen_at = now() - interval '10 minutes' where token_hash = $1`,
      [hash],
    );
    await click(browser);
    const { rows } = await admin.query(
      `select last_seen_at > now() - interval '1 minute' as seen from identity.session where token_hash = $1`,
      [hash],
    );
    expect(rows).toEqual([{ seen: true }]);
  });
});

describe('a tenant says from where it is entered', () => {
  it('by members and keys alike, from the next statement on', async () => {
    const owner = await signedIn();
    const [key] = await inAcme<{ secret: string }>(
      `select secret from app.create_api_key('k', '{tenant:read}')`,
    );
    const byKey = async () => {
      const { data, errors } = await server.query(key?.secret, '{ tenants { nodes { slug } } }');
      return data?.tenants?.nodes[0]?.slug ?? errors?.[0]?.extensions.code;
    };
    expect([await click(owner), await byKey()]).toEqual(['acme', 'acme']);
    expect(await demand({ allowedNetworks: ['203.0.113.0/24'] }, owner)).toBeUndefined();
    expect([await click(owner), await byKey()]).toEqual(['refused_by_policy', 'refused_by_policy']);
    const page = await signIn(openBrowser(), server.url, 'user_ada', { organization: 'org_acme' });
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('not in its allowed networks')]);
    await inAcme(`update app.tenant set allowed_networks = '{127.0.0.0/8}'`);
    expect([await click(owner), await byKey()]).toEqual(['acme', 'acme']);
  });
});

describe('a tenant says how its members sign in', () => {
  it('and who came another way signs in anew', async () => {
    const owner = await signedIn();
    expect(await demand({ loginMethods: ['Passkey', 'SSO'] }, owner)).toBeUndefined();
    expect(await click(owner)).toBe('refused_by_policy');
    const page = await signIn(openBrowser(), server.url, 'user_ada', { organization: 'org_acme' });
    expect(page.text).toContain('Sign in with one of: Passkey, SSO.');
  });

  it('by names that there may be', async () => {
    expect(await demand({ loginMethods: ['<b>'] }, await signedIn())).toBe('invalid_argument');
  });

  it('by single sign-on alone, once there is one', async () => {
    const owner = await signedIn();
    expect(await demand({ requireSso: true }, owner)).toBe('invalid_argument');
    const { id } = standIn.directory.addConnection({ organization_id: 'org_acme' });
    await waitUntil('the connection is known', async () => {
      const { rows } = await admin.query(
        `select from identity.provider_object where kind = 'connection' and id = $1`,
        [id],
      );
      return rows.length > 0;
    });
    expect(await demand({ requireSso: true }, owner)).toBeUndefined();
    expect(await click(owner)).toBe('refused_by_policy');
    const browser = openBrowser();
    expect((await signIn(browser, server.url, 'user_ada', { organization: 'org_acme' })).text).toContain(
      'single sign-on',
    );
    expect((await signIn(browser, server.url, 'user_ada', { connection: id })).status).toBe(303);
    expect(await click(browser)).toBe('acme');
  });

  it("by their own connection: another tenant's single sign-on proves nothing here", async () => {
    const globex = standIn.directory.addConnection({ organization_id: 'org_globex' });
    const browser = openBrowser();
    expect((await signIn(browser, server.url, 'user_ada', { connection: globex.id })).status).toBe(303);
    expect(await click(browser)).toBe('globex');
    await inAcme(`update app.tenant set login_methods = '{SSO}'`);
    const page = await browser.post(`${server.url}/auth/switch`, { organization: 'org_acme' });
    expect(page.location).toContain('/auth/login?organization=org_acme');
    expect(await click(browser)).toBe('globex');
  });

  it('and an access token, which does not tell, is refused there', async () => {
    await admin.query(
      `insert into identity.login (issuer, subject, person_id) select $1, 'user_1', person_id from app.membership where email = 'ada@people.example' limit 1`,
      [issuer.settings.issuer],
    );
    await inAcme('select 1');
    await asSystem(database.pool('worker'), tenants.acme, 'test', async (client) => {
      await client.query('reset role');
      await client.query('select platform.link_organization($1, $2)', [issuer.settings.issuer, 'org_1']);
    });
    const use = async () => {
      const { data, errors } = await server.query(await issuer.token(), '{ tenants { nodes { slug } } }');
      return data?.tenants?.nodes[0]?.slug ?? errors?.[0]?.extensions.code;
    };
    expect(await use()).toBe('acme');
    await inAcme(`update app.tenant set login_methods = '{SSO}'`);
    expect(await use()).toBe('refused_by_policy');
  });

  it('in the record: what was changed, by whom, and what it was', async () => {
    const owner = await signedIn();
    await demand({ maxSessionHours: 24 }, owner);
    const { rows } = await admin.query(
      `select actor_type, data -> 'max_session_hours' as now, previous -> 'max_session_hours' as before
       from app.event where type = 'tenant.security_changed' and tenant_id = $1 and actor_type = 'member' order by id desc limit 1`,
      [tenants.acme],
    );
    expect(rows).toEqual([{ actor_type: 'member', now: 24, before: 168 }]);
    expect(await demand({ ...anything, name: 'Acme Ltd' }, owner)).toBeUndefined();
  });

  it('and nobody but an owner changes that', async () => {
    expect(await demand({ maxSessionHours: 1 }, await signedIn('user_linus'))).toBe('permission_denied');
  });
});

it('an operator lets everybody in again by the words of the guide', async () => {
  await inAcme(`update app.tenant set allowed_networks = '{203.0.113.0/24}'`);
  const browser = openBrowser();
  expect((await signIn(browser, server.url, 'user_ada', { organization: 'org_acme' })).status).toBe(403);
  const guide = readFileSync(new URL('../../docs/enterprise-onboarding.md', import.meta.url), 'utf8');
  const words = /`(begin; select platform\.enter_as_system[^`]*commit;)`/.exec(guide)?.[1] ?? '';
  await database.pool('worker').query(words.replaceAll('<tenant>', tenants.acme));
  expect(await click(await signedIn())).toBe('acme');
});
