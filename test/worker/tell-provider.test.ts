import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, signIn } from '../support/browser.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestProcess } from '../support/process.ts';
import { startSite } from '../support/site.ts';
import { waitUntil } from '../support/wait.ts';
import { runWorker } from './support/process.ts';

// A real worker tells the stand-in, whose webhooks come back to the real server.
const database = await createTestDatabase();
const site = await startSite(database);
const { server, sdk, standIn, workos } = site;
const admin = database.pool('admin');

let worker: TestProcess;
beforeAll(async () => {
  worker = runWorker(database, {
    env: { WORKOS_API_KEY: workos.apiKey, WORKOS_CLIENT_ID: workos.clientId, WORKOS_API_URL: workos.apiUrl },
  });
  await worker.printed(/the worker is ready/);
});
afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
});

async function enter(user: string, query: Record<string, string> = { organization: 'org_acme' }) {
  const browser = openBrowser();
  const { status } = await signIn(browser, server.url, user, query);
  return { browser, status };
}
async function ask(...question: Parameters<typeof site.ask>) {
  const { data, errors } = await site.ask(...question);
  return errors ? { code: errors[0]?.extensions.code } : data;
}
const sent = async (email: string) => (await sdk.userManagement.listInvitations({ email })).data[0];
const invitationOf = async (email: string) =>
  (await admin.query('select * from app.invitation where email = $1 order by id desc limit 1', [email]))
    .rows[0];

describe('an invitation', () => {
  it('is sent by the identity provider, and whoever takes it up is a member with its role', async () => {
    const { browser } = await enter('user_ada');
    await ask(
      browser,
      'mutation { createInvitation(input: {invitation: {email: "new@people.example", role: "billing"}}) { invitation { id } } }',
    );
    const mail = await waitUntil('it is sent', () => sent('new@people.example'));
    expect(mail).toMatchObject({ organizationId: 'org_acme', inviterUserId: 'user_ada', state: 'pending' });
    const user = await sdk.userManagement.createUser({
      email: 'new@people.example',
      emailVerified: true,
      firstName: 'New',
      lastName: 'Person',
    });
    const { status, browser: theirs } = await enter(user.id, { invitation_token: mail.token });
    expect(status).toBe(303);
    expect(await ask(theirs, '{ tenants { nodes { slug } } }')).toEqual({
      tenants: { nodes: [{ slug: 'acme' }] },
    });
    const { rows } = await admin.query(`select role from app.membership where email = 'new@people.example'`);
    expect(rows).toEqual([{ role: 'billing' }]);
    expect(await invitationOf('new@people.example')).toMatchObject({
      status: 'accepted',
      membership_id: expect.any(String),
    });
  });

  it('is sent again, and lasts longer; and no more than once a minute', async () => {
    const { browser } = await enter('user_ada');
    const made = await ask(
      browser,
      'mutation { createInvitation(input: {invitation: {email: "slow@people.example", role: "viewer"}}) { invitation { id } } }',
    );
    const { id } = made.createInvitation.invitation;
    const again = () =>
      ask(
        browser,
        'mutation ($id: UUID!) { resendInvitation(input: {id: $id}) { invitation { expiresAt } } }',
        {
          id,
        },
      );
    await waitUntil('it is sent', () => sent('slow@people.example'));
    expect(await again()).toEqual({ code: 'invalid_argument' });
    await admin.query('alter table app.invitation disable trigger user');
    await admin.query(
      `update app.invitation set updated_at = now() - interval '2 days', expires_at = expires_at - interval '2 days' where id = $1`,
      [id],
    );
    await admin.query('alter table app.invitation enable trigger user');
    expect(await again()).toMatchObject({
      resendInvitation: { invitation: { expiresAt: expect.any(String) } },
    });
    await waitUntil('it is sent again', async () => {
      const { data } = await sdk.events.listEvents({ events: ['invitation.resent'] });
      return data.length > 0;
    });
  });

  it('is taken back there too', async () => {
    const { browser } = await enter('user_ada');
    const made = await ask(
      browser,
      'mutation { createInvitation(input: {invitation: {email: "gone@people.example", role: "viewer"}}) { invitation { id } } }',
    );
    await waitUntil('it is sent', () => sent('gone@people.example'));
    await ask(
      browser,
      'mutation ($id: UUID!) { revokeInvitation(input: {id: $id}) { invitation { status } } }',
      { id: made.createInvitation.invitation.id },
    );
    await waitUntil('it is revoked', async () => (await sent('gone@people.example'))?.state === 'revoked');
  });

  it('is taken back there also when that happens while it is being sent', async () => {
    const { browser } = await enter('user_ada');
    const holding = await admin.connect();
    try {
      // What was sent cannot be noted yet.
      await holding.query('begin; lock table identity.provided_invitation in share mode');
      const made = await ask(
        browser,
        'mutation { createInvitation(input: {invitation: {email: "hasty@people.example", role: "viewer"}}) { invitation { id } } }',
      );
      await waitUntil('it is sent', () => sent('hasty@people.example'));
      await ask(
        browser,
        'mutation ($id: UUID!) { revokeInvitation(input: {id: $id}) { invitation { status } } }',
        { id: made.createInvitation.invitation.id },
      );
      await waitUntil('its revocation was told, to nobody', async () => {
        const { rows } = await admin.query('select task_identifier from graphile_worker.jobs');
        return rows.length === 1 && rows[0].task_identifier === 'tell_provider';
      });
    } finally {
      // ends the connection, and with it the lock
      holding.release(true);
    }
    await waitUntil('it is revoked', async () => (await sent('hasty@people.example'))?.state === 'revoked');
  });

  it('that was revoked there is revoked here', async () => {
    const { browser } = await enter('user_ada');
    await ask(
      browser,
      'mutation { createInvitation(input: {invitation: {email: "back@people.example", role: "viewer"}}) { invitation { id } } }',
    );
    const { id } = await waitUntil('it is sent', () => sent('back@people.example'));
    await waitUntil(
      'that is known',
      async () =>
        (await admin.query('select from identity.provided_invitation where id = $1', [id])).rowCount,
    );
    await sdk.userManagement.revokeInvitation(id);
    await waitUntil(
      'it is revoked',
      async () => (await invitationOf('back@people.example')).status === 'revoked',
    );
  });
});

describe('a member whom somebody here', () => {
  const membershipOf = async () =>
    (
      await sdk.userManagement.listOrganizationMemberships({
        userId: 'user_linus',
        statuses: ['active', 'inactive'],
      })
    ).data[0];
  const verb = async (name: string) => {
    const { browser } = await enter('user_ada');
    const { memberships } = await ask(browser, '{ memberships { nodes { id email } } }');
    const { id } = memberships.nodes.find(({ email }: { email: string }) => email === 'linus@people.example');
    return ask(
      browser,
      `mutation ($id: UUID!) { ${name}Membership(input: {id: $id}) { membership { status } } }`,
      { id },
    );
  };

  it('suspends is deactivated there, reactivated with them, and removed for good', async () => {
    await enter('user_linus');
    await verb('suspend');
    await waitUntil('they are inactive', async () => (await membershipOf())?.status === 'inactive');
    await waitUntil('the news of it has come back', async () => {
      const { rows } = await admin.query(
        `select from identity.provider_object where id = 'om_linus_acme' and data ->> 'status' = 'inactive'`,
      );
      return rows.length > 0;
    });
    expect(await verb('reactivate')).toMatchObject({
      reactivateMembership: { membership: { status: 'active' } },
    });
    await waitUntil('they are active', async () => (await membershipOf())?.status === 'active');
    await verb('remove');
    await waitUntil('they are gone', async () => (await membershipOf()) === undefined);
    expect((await enter('user_linus')).status).toBe(403);
  });
});

it('a group that gives another role gives it to those who are in it already', async () => {
  const directory = standIn.directory.createDirectory({ organization_id: 'org_acme' });
  const user = standIn.directory.createDirectoryUser({
    directory_id: directory.id,
    email: 'grouped@acme.example',
    first_name: 'G',
  });
  const group = standIn.directory.createGroup({ directory_id: directory.id, name: 'Crew' });
  standIn.directory.addToGroup({ group_id: group.id, directory_user_id: user.id });
  const roleOf = async () =>
    (await admin.query(`select role from app.membership where email = 'grouped@acme.example'`)).rows[0]?.role;
  await waitUntil('they are a member', async () => (await roleOf()) === 'member');
  const { browser } = await enter('user_ada');
  const made = await ask(
    browser,
    'mutation { createGroupRole(input: {groupRole: {groupName: "Crew", role: "billing"}}) { groupRole { id } } }',
  );
  await waitUntil('their role follows', async () => (await roleOf()) === 'billing');
  await ask(browser, 'mutation ($id: UUID!) { deleteGroupRole(input: {id: $id}) { groupRole { status } } }', {
    id: made.createGroupRole.groupRole.id,
  });
  await waitUntil('it is the one from before', async () => (await roleOf()) === 'member');
});
