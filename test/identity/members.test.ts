import { describe, expect, it } from 'vitest';
import { jsonHeaders, openBrowser, signIn, type TestBrowser } from '../support/browser.ts';
import { createTestDatabase } from '../support/database.ts';
import { followEverybody } from '../support/identity.ts';
import { startSite } from '../support/site.ts';
import { waitUntil } from '../support/wait.ts';

// People who work in their browsers while the identity provider tells of them, by its webhooks.
const database = await createTestDatabase();
const { server, standIn, sdk, tenants, ask, click, inAcme } = await startSite(database);
const admin = database.pool('admin');
const { directory: provider } = standIn;

/** A key that somebody makes in their browser, and what it gives. */
async function keyOf(browser: TestBrowser): Promise<() => Promise<string>> {
  const made = await ask(
    browser,
    'mutation { createApiKey(input: {name: "k", scopes: ["tenant:read"]}) { createdApiKey { secret } } }',
  );
  return async () => {
    const { secret } = made.data.createApiKey.createdApiKey;
    const answer = await server.query(secret, '{ tenants { nodes { slug } } }');
    return answer.data?.tenants?.nodes[0]?.slug ?? answer.errors?.[0]?.extensions.code;
  };
}

async function enter(
  user: string,
  organization = 'org_acme',
): Promise<{ browser: TestBrowser; status: number }> {
  const browser = openBrowser();
  const { status } = await signIn(browser, server.url, user, { organization });
  return { browser, status };
}

const memberOf = async (email: string) => {
  const { rows } = await admin.query(
    `select id, role, status, email, name from app.membership where tenant_id = $1 and email = $2 order by id desc limit 1`,
    [tenants.acme, email],
  );
  return rows[0];
};
const untilMember = (email: string, expected: Record<string, unknown>) =>
  waitUntil(`${email} is ${JSON.stringify(expected)}`, async () => {
    const member = await memberOf(email);
    return member && Object.entries(expected).every(([key, value]) => member[key] === value)
      ? member
      : undefined;
  });
const idOf = async (email: string) => (await sdk.userManagement.listUsers({ email })).data[0]?.id ?? '';

/** Why somebody is not what the identity provider says, once they are not. */
const untilWaiting = (email: string) =>
  waitUntil(`${email} waits`, async () => {
    const { rows } = await admin.query(
      `select w.error from identity.waiting_person w
       join identity.provider_address a on a.issuer = w.issuer and a.kind = 'user' and a.id = w.subject
       where a.email = $1 and w.error is not null`,
      [email],
    );
    return rows[0];
  });

/** A directory of Acme's, with the people in it. */
function connect(...emails: string[]) {
  const directory = provider.createDirectory({ organization_id: 'org_acme', name: 'Acme people' });
  const users = emails.map((email) =>
    provider.createDirectoryUser({
      directory_id: directory.id,
      email,
      first_name: email.split('@')[0] ?? '',
      last_name: 'Doe',
    }),
  );
  return { directory, users };
}

describe('a directory', () => {
  it('brings people in, who sign in at once; and takes them out, from their next click on', async () => {
    const email = 'marie@acme.example';
    const { users } = connect(email);
    await untilMember(email, { status: 'active', role: 'member', name: 'marie Doe' });
    const { browser } = await enter(await idOf(email));
    expect(await click(browser)).toBe('acme');

    provider.updateDirectoryUser({ directory_user_id: users[0]?.id ?? '', state: 'inactive' });
    expect(
      await waitUntil('the click is refused', async () =>
        (await click(browser)) === 'acme' ? undefined : click(browser),
      ),
    ).toBe('unauthenticated');
    await untilMember(email, { status: 'suspended' });
    expect((await enter(await idOf(email))).status).toBe(403);
    const { rows } = await admin.query(
      `select actor_type from app.event where type = 'user.suspended' and data ->> 'email' = $1`,
      [email],
    );
    expect(rows).toEqual([{ actor_type: 'system' }]);
  });

  it('whose user was deactivated keeps them out, whatever an admin says; and lets them in again, with a new sign-in', async () => {
    const email = 'niels@acme.example';
    const { users } = connect(email);
    const { id } = await untilMember(email, { status: 'active' });
    const { browser } = await enter(await idOf(email));
    const directory_user_id = users[0]?.id ?? '';
    provider.updateDirectoryUser({ directory_user_id, state: 'inactive' });
    await untilMember(email, { status: 'suspended' });
    await expect(inAcme('select app.reactivate_membership($1)', [id])).rejects.toMatchObject({
      code: 'ZF005',
    });

    provider.updateDirectoryUser({ directory_user_id, state: 'active' });
    await untilMember(email, { status: 'active' });
    expect(await click(browser)).toBe('unauthenticated');
    expect(await click((await enter(await idOf(email))).browser)).toBe('acme');
  });

  it('does not reactivate whom somebody here has suspended', async () => {
    const email = 'lise@acme.example';
    const { users } = connect(email);
    const { id } = await untilMember(email, { status: 'active' });
    await inAcme('select app.suspend_membership($1)', [id]);
    provider.updateDirectoryUser({ directory_user_id: users[0]?.id ?? '', first_name: 'Elise' });
    provider.updateDirectoryUser({ directory_user_id: users[0]?.id ?? '', state: 'inactive' });
    provider.updateDirectoryUser({ directory_user_id: users[0]?.id ?? '', state: 'active' });
    await waitUntil('all is told', async () => {
      const { rows } = await admin.query(
        `select count(*)::int as n from identity.inbox where event = 'dsync.user.updated' and data ->> 'email' = $1 and status = 'applied'`,
        [email],
      );
      return rows[0].n === 3;
    });
    expect((await memberOf(email)).status).toBe('suspended');
  });

  it('that is disconnected takes out all who came by it, in one event', async () => {
    const emails = ['a1@acme.example', 'a2@acme.example'];
    const { directory } = connect(...emails);
    for (const email of emails) await untilMember(email, { status: 'active' });
    const browsers = await Promise.all(emails.map(async (email) => (await enter(await idOf(email))).browser));
    provider.deleteDirectory({ directory_id: directory.id });
    for (const email of emails) await untilMember(email, { status: 'suspended' });
    for (const browser of browsers) expect(await click(browser)).toBe('unauthenticated');
  });

  it('gives roles by its groups, and takes them back: from a user, with the group, and by another mapping', async () => {
    await inAcme(
      `insert into app.group_role (group_name, role, position) values ('Admins', 'admin', 1), ('Finance', 'billing', 2)`,
    );
    const email = 'emmy@acme.example';
    const { directory, users } = connect(email);
    await untilMember(email, { role: 'member' });
    const group = (name: string) => provider.createGroup({ directory_id: directory.id, name });
    const [admins, finance] = [group('Admins'), group('Finance')];
    const member = { directory_user_id: users[0]?.id ?? '' };
    provider.addToGroup({ group_id: finance.id, ...member });
    await untilMember(email, { role: 'billing' });
    provider.addToGroup({ group_id: admins.id, ...member });
    await untilMember(email, { role: 'admin' });
    provider.removeFromGroup({ group_id: admins.id, ...member });
    await untilMember(email, { role: 'billing' });
    provider.deleteGroup({ group_id: finance.id });
    await untilMember(email, { role: 'member' });
  });

  it('locks out the last owner too, though the tenant keeps them as its owner', async () => {
    const { browser } = await enter('user_ada');
    expect(await click(browser)).toBe('acme');
    const byKey = await keyOf(browser);
    expect(await byKey()).toBe('acme');
    const { users } = connect('ada@people.example');
    provider.updateDirectoryUser({ directory_user_id: users[0]?.id ?? '', state: 'inactive' });
    await waitUntil('the click is refused', async () => (await click(browser)) === 'unauthenticated');
    expect(await byKey()).toBe('unauthenticated');
    expect(await memberOf('ada@people.example')).toMatchObject({ role: 'owner', status: 'active' });
    expect((await enter('user_ada')).status).toBe(403);
    // in the other tenant they go on
    expect(await click((await enter('user_ada', 'org_globex')).browser)).toBe('globex');
    provider.updateDirectoryUser({ directory_user_id: users[0]?.id ?? '', state: 'active' });
    await waitUntil('they can sign in again', async () => (await enter('user_ada')).status === 303);
  });
});

describe('somebody whom nobody invited', () => {
  const user = (name: string, domain = 'acme.example') =>
    provider.createUser({ email: `${name}@${domain}`, first_name: name, last_name: 'Doe' });
  const join = (user_id: string) => provider.createMembership({ user_id, organization_id: 'org_acme' });

  it('becomes no member, unless the tenant admits its verified domains', async () => {
    const { id, email } = user('grete');
    join(id);
    expect((await enter(id)).status).toBe(403);
    await inAcme(`update app.tenant set admit_verified_domains = true, default_role = 'viewer'`);
    expect(await click((await enter(id)).browser)).toBe('acme');
    expect(await memberOf(email)).toMatchObject({ role: 'viewer', status: 'active' });
    const elsewhere = user('grete', 'gmail.example');
    join(elsewhere.id);
    expect((await enter(elsewhere.id)).status).toBe(403);
  });

  it('and was removed by an admin does not come back by signing in; by an invitation they do', async () => {
    const { id, email } = user('rosa');
    join(id);
    expect((await enter(id)).status).toBe(303);
    const member = await memberOf(email);
    const remove = 'mutation ($id: UUID!) { removeMembership(input: {id: $id}) { membership { status } } }';
    const asAdmin = await ask((await enter('user_ada')).browser, remove, { id: member.id });
    expect(asAdmin.errors).toBeUndefined();
    expect((await enter(id)).status).toBe(403);
    expect((await memberOf(email)).status).toBe('removed');
    // nor by a new membership, which single sign-on or the domain make of itself
    const afresh = async () => {
      const { data } = await sdk.userManagement.listOrganizationMemberships({ userId: id });
      for (const membership of data) await sdk.userManagement.deleteOrganizationMembership(membership.id);
      return join(id);
    };
    const again = await afresh();
    await waitUntil('it is heard of', async () => {
      const { rows } = await admin.query('select from identity.provider_object where id = $1', [again.id]);
      return rows.length > 0;
    });
    expect((await enter(id)).status).toBe(403);
    expect((await memberOf(email)).status).toBe('removed');
    await inAcme(`insert into app.invitation (email, role) values ($1, 'billing')`, [email]);
    // the former membership at the provider has brought them once
    await afresh();
    await waitUntil('they can sign in again', async () => (await enter(id)).status === 303);
    expect(await memberOf(email)).toMatchObject({ role: 'billing', status: 'active' });
  });
});

describe('what the identity provider tells of a user', () => {
  it('is what members see: their name and address', async () => {
    const email = 'old.name@acme.example';
    const { users } = connect(email);
    await untilMember(email, { status: 'active' });
    await sdk.userManagement.updateUser({
      userId: await idOf(email),
      firstName: 'New',
      email: 'new.name@acme.example',
    });
    await untilMember('new.name@acme.example', { name: 'New Doe', status: 'active' });
    // and a directory that still has the former address takes them out nevertheless
    provider.deleteDirectoryUser({ directory_user_id: users[0]?.id ?? '' });
    await untilMember('new.name@acme.example', { status: 'suspended' });
  });

  it('ends their session when it has ended there', async () => {
    const { browser } = await enter('user_linus');
    expect(await click(browser)).toBe('acme');
    provider.revokeSessions({ user_id: 'user_linus' });
    await waitUntil('the click is refused', async () => (await click(browser)) === 'unauthenticated');
    expect((await browser.get(`${server.url}/auth/session`, jsonHeaders)).status).toBe(401);
  });

  it('waits for a seat, and is applied when there is one', async () => {
    await admin.query(`update platform.tenant_plan set plan = 'free' where tenant_id = $1`, [tenants.acme]);
    const email = 'seatless@acme.example';
    connect(email);
    expect((await untilWaiting(email)).error).toMatch(/^ZF007/);
    expect(await memberOf(email)).toBeUndefined();
    await admin.query(`update platform.tenant_plan set plan = 'enterprise' where tenant_id = $1`, [
      tenants.acme,
    ]);
    // a failed attempt of another of its events, which was under way, is repeated after a while
    await waitUntil('they are a member', async () => {
      await followEverybody(admin);
      return (await memberOf(email))?.status === 'active';
    });
  });
});

it('what one tenant cannot do keeps no other from taking somebody out', async () => {
  const email = 'both@acme.example';
  const { users } = connect(email);
  await untilMember(email, { status: 'active' });
  const user_id = await idOf(email);
  // Globex has no seat for them, and says so in each reconciliation
  await admin.query(`update platform.tenant_plan set plan = 'free' where tenant_id = $1`, [tenants.globex]);
  const theirs = provider.createDirectory({ organization_id: 'org_globex' });
  for (const name of ['x1', 'x2', 'x3'])
    provider.createDirectoryUser({ directory_id: theirs.id, email: `${name}@globex.example` });
  provider.createDirectoryUser({ directory_id: theirs.id, email });
  provider.createMembership({ user_id, organization_id: 'org_globex' });
  expect((await untilWaiting(email)).error).toMatch(/^ZF007/);
  provider.deleteDirectoryUser({ directory_user_id: users[0]?.id ?? '' });
  await untilMember(email, { status: 'suspended' });
  await admin.query(`update platform.tenant_plan set plan = 'enterprise' where tenant_id = $1`, [
    tenants.globex,
  ]);
});

describe('the keys of a member', () => {
  it('open nothing while they are suspended, and end with their membership', async () => {
    const email = 'keys@acme.example';
    const { users } = connect(email);
    await inAcme(`insert into app.group_role (group_name, role, position) values ('Keepers', 'admin', 3)`);
    const group = provider.createGroup({ directory_id: users[0]?.directory_id ?? '', name: 'Keepers' });
    provider.addToGroup({ group_id: group.id, directory_user_id: users[0]?.id ?? '' });
    await untilMember(email, { role: 'admin' });
    const { browser } = await enter(await idOf(email));
    const use = await keyOf(browser);
    expect(await use()).toBe('acme');
    provider.updateDirectoryUser({ directory_user_id: users[0]?.id ?? '', state: 'inactive' });
    await untilMember(email, { status: 'suspended' });
    expect(await use()).toBe('unauthenticated');
    provider.updateDirectoryUser({ directory_user_id: users[0]?.id ?? '', state: 'active' });
    const { id } = await untilMember(email, { status: 'active' });
    expect(await use()).toBe('acme');
    await inAcme('select app.remove_membership($1)', [id]);
    expect(await use()).toBe('unauthenticated');
    const { rows } = await admin.query('select status from app.api_key where created_by = $1', [id]);
    expect(rows).toEqual([{ status: 'revoked' }]);
  });
});
