import { describe, expect, it } from 'vitest';
import { jsonHeaders, openBrowser, pick, signIn, type TestBrowser } from '../support/browser.ts';
import { createTestDatabase } from '../support/database.ts';
import { startSite } from '../support/site.ts';

const database = await createTestDatabase();
const { server, tenants, ask, click, inAcme } = await startSite(database);
const admin = database.pool('admin');

async function signedIn(user = 'user_ada'): Promise<TestBrowser> {
  const browser = openBrowser();
  expect((await signIn(browser, server.url, user, { organization: 'org_acme' })).status).toBe(303);
  return browser;
}

describe('support who acts as a member', () => {
  /** As the dashboard of WorkOS begins it. */
  async function impersonate(user = 'user_ada'): Promise<{ browser: TestBrowser; status: number }> {
    const browser = openBrowser();
    const begun = await browser.get(`${server.url}/auth/login?organization=org_acme`);
    const callback = await pick(begun.location, {
      user_id: user,
      impersonator_email: 'help@vendor.example',
      reason: 'Ticket 4711',
    });
    return { browser, status: (await browser.get(callback)).status };
  }

  it('sees what they see, for an hour, and the tenant is told who and why', async () => {
    const { browser } = await impersonate();
    expect(await click(browser)).toBe('acme');
    const { json } = await browser.get(`${server.url}/auth/session`, jsonHeaders);
    expect(json).toMatchObject({
      person: { email: 'ada@people.example' },
      impersonator: { email: 'help@vendor.example', reason: 'Ticket 4711' },
    });
    expect(Date.parse(json.expires_at) - Date.now()).toBeLessThan(3_601_000);
    expect((await browser.get(`${server.url}/auth`)).text).toContain('help@vendor.example acts as');
    const owner = await signedIn();
    const { data } = await ask(
      owner,
      '{ impersonations { nodes { id email reason } } events(first: 50) { nodes { type impersonatorId } } }',
    );
    const [{ id }] = data.impersonations.nodes;
    expect(data.impersonations.nodes).toEqual([{ id, email: 'help@vendor.example', reason: 'Ticket 4711' }]);
    expect(data.events.nodes).toContainEqual({ type: 'impersonation.began', impersonatorId: null });
    expect(data.events.nodes).toContainEqual({ type: 'user.signed_in', impersonatorId: id });
  });

  it('is beside the member in each event that they cause', async () => {
    const { browser } = await impersonate();
    const made = await ask(
      browser,
      'mutation { createProject(input: {project: {name: "By support"}}) { project { id } } }',
    );
    const { rows } = await admin.query(
      `select e.actor_type, i.email, i.reason, m.email as member from app.event e
       join app.impersonation i on i.tenant_id = e.tenant_id and i.id = e.impersonator_id
       join app.membership m on m.tenant_id = e.tenant_id and m.id = e.actor_id
       where e.entity_id = $1`,
      [made.data.createProject.project.id],
    );
    expect(rows).toEqual([
      {
        actor_type: 'member',
        email: 'help@vendor.example',
        reason: 'Ticket 4711',
        member: 'ada@people.example',
      },
    ]);
  });

  it.each([
    [
      'invite somebody',
      'mutation { createInvitation(input: {invitation: {email: "x@y.example", role: VIEWER}}) { invitation { id } } }',
    ],
    [
      'make a key',
      'mutation { createApiKey(input: {name: "k", scopes: ["tenant:read"]}) { createdApiKey { id } } }',
    ],
    [
      'give a group a role',
      'mutation { createGroupRole(input: {groupRole: {groupName: "G", role: VIEWER}}) { groupRole { id } } }',
    ],
    [
      'make a role',
      'mutation { createRole(input: {role: {key: "mine", name: "Mine", permissions: ["tenant:read"]}}) { role { id } } }',
    ],
    ['rotate a key', 'mutation { rotateApiKey(input: {id: KEY}) { createdApiKey { id } } }'],
    ['change a key', 'mutation { updateApiKey(input: {id: KEY, patch: {name: "x"}}) { apiKey { id } } }'],
    ['revoke a key', 'mutation { revokeApiKey(input: {id: KEY}) { apiKey { id } } }'],
    [
      'change a role',
      'mutation { updateMembership(input: {id: MEMBER, patch: {role: VIEWER}}) { membership { id } } }',
    ],
    ['remove a member', 'mutation { removeMembership(input: {id: MEMBER}) { membership { id } } }'],
    [
      'require single sign-on',
      'mutation { updateTenant(input: {id: TENANT, patch: {requireSso: true}}) { tenant { id } } }',
    ],
    ['set up single sign-on', 'mutation { setUpOrganization(input: {}) { organization } }'],
  ])('cannot %s', async (_, mutation) => {
    const owner = await signedIn();
    const made = await ask(
      owner,
      'mutation { createApiKey(input: {name: "o", scopes: ["tenant:read"]}) { createdApiKey { id } } }',
    );
    const [linus] = await inAcme<{ id: string }>(
      `select id from app.membership where email = 'linus@people.example'`,
    );
    const { browser } = await impersonate();
    const { errors } = await ask(
      browser,
      mutation
        .replace('VIEWER', '"viewer"')
        .replace('KEY', JSON.stringify(made.data.createApiKey.createdApiKey.id))
        .replace('MEMBER', JSON.stringify(linus?.id))
        .replace('TENANT', JSON.stringify(tenants.acme)),
    );
    expect(errors?.[0]?.extensions.code).toBe('permission_denied');
  });

  it('cannot change a member, the security of the tenant, or where else the person is signed in', async () => {
    const { browser } = await impersonate();
    const { data } = await ask(browser, '{ memberships { nodes { id email } } }');
    const linus = data.memberships.nodes.find(
      ({ email }: { email: string }) => email === 'linus@people.example',
    );
    const suspended = await ask(
      browser,
      'mutation ($id: UUID!) { suspendMembership(input: {id: $id}) { membership { id } } }',
      { id: linus.id },
    );
    expect(suspended.errors?.[0]?.extensions.code).toBe('permission_denied');
    const security = await ask(
      browser,
      'mutation ($id: UUID!) { updateTenant(input: {id: $id, patch: {maxSessionHours: 1}}) { tenant { id } } }',
      { id: tenants.acme },
    );
    expect(security.errors?.[0]?.extensions.code).toBe('permission_denied');
    const revoke = await browser.post(`${server.url}/auth/sessions/revoke`, { all: 'true' }, jsonHeaders);
    expect([revoke.status, revoke.json.code]).toEqual([403, 'permission_denied']);
    const switched = await browser.post(
      `${server.url}/auth/switch`,
      { organization: 'org_globex' },
      jsonHeaders,
    );
    expect([switched.status, switched.json.code]).toEqual([403, 'permission_denied']);
    expect(await click(browser)).toBe('acme');
  });

  it('is beside the member when they sign out', async () => {
    const { browser } = await impersonate();
    await browser.post(`${server.url}/auth/logout`, {}, jsonHeaders);
    const { rows } = await admin.query(
      `select e.actor_type, m.email as member, i.email from app.event e
       join app.membership m on m.tenant_id = e.tenant_id and m.id = e.actor_id
       left join app.impersonation i on i.tenant_id = e.tenant_id and i.id = e.impersonator_id
       where e.tenant_id = $1 and e.type = 'user.signed_out' order by e.id desc limit 1`,
      [tenants.acme],
    );
    expect(rows).toEqual([
      { actor_type: 'member', member: 'ada@people.example', email: 'help@vendor.example' },
    ]);
  });
});
