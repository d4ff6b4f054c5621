import type { JobHelpers } from 'graphile-worker';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { createWorkos } from '../../runtime/workos.ts';
import { asSystem } from '../../worker/context.ts';
import { syncIdentity } from '../../worker/tasks/sync-identity.ts';
import { createTestDatabase } from '../support/database.ts';
import { followEverybody } from '../support/identity.ts';
import { startSite } from '../support/site.ts';
import { waitUntil } from '../support/wait.ts';
import { startWorkerProcess } from './support/process.ts';

// An identity provider whose events never come: what it lists is all that is known of it.
const database = await createTestDatabase();
const admin = database.pool('admin');
const { standIn, sdk, tenants, workos } = await startSite(database, { webhooks: false });
const { directory: provider } = standIn;

const lines: Record<string, unknown>[] = [];
const log = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line)) });
const task = syncIdentity(database.pool('worker'), log, createWorkos(workos));

/** A day later: nothing that is known is so new that it may not be listed yet. */
async function sync(): Promise<void> {
  await admin.query(`update identity.organization set synced_at = null where organization = 'org_acme'`);
  await admin.query(`update identity.provider_object set updated_at = updated_at - interval '2 hours'`);
  await task({}, { abortSignal: new AbortController().signal } as unknown as JobHelpers);
  await followEverybody(admin);
}
const memberOf = async (email: string) =>
  (
    await admin.query(
      'select role, status, name from app.membership where tenant_id = $1 and email = $2 order by id desc limit 1',
      [tenants.acme, email],
    )
  ).rows[0];
const ended = async (kind: string, id: string) =>
  (await admin.query('select ended from identity.provider_object where kind = $1 and id = $2', [kind, id]))
    .rows[0]?.ended;
const idOf = async (email: string) => (await sdk.userManagement.listUsers({ email })).data[0]?.id ?? '';

beforeEach(() => {
  lines.length = 0;
});

it('is a job of the worker, which learns who is there without an event of any of them', async () => {
  const { id } = provider.createDirectory({ organization_id: 'org_acme' });
  // more than a page
  for (let n = 0; n < 130; n += 1)
    provider.createDirectoryUser({ directory_id: id, email: `p${n}@acme.example`, first_name: `P${n}` });
  // events from before are read by nobody: the position is after them
  const [newest] = (await sdk.events.listEvents({ events: ['user.created'], order: 'desc', limit: 1 })).data;
  await admin.query('insert into identity.event_cursor (issuer, after) values ($1, $2)', [
    workos.issuer,
    newest?.id,
  ]);
  await admin.query(`update identity.provider_event set kind = 'nothing'`);
  await startWorkerProcess(database, {
    env: { WORKOS_API_KEY: workos.apiKey, WORKOS_CLIENT_ID: workos.clientId, WORKOS_API_URL: workos.apiUrl },
  });
  await waitUntil('all are members', async () => {
    const { rows } = await admin.query(
      `select count(*)::int as n from app.membership where tenant_id = $1 and email like 'p%@acme.example' and status = 'active'`,
      [tenants.acme],
    );
    return rows[0].n === 130;
  });
  const { rows } = await admin.query(
    'select organization, synced_at is null as never from identity.organization',
  );
  expect(rows).not.toContainEqual(expect.objectContaining({ never: true }));
});

describe('a day later', () => {
  it('who was deactivated, deleted or removed without a word is out', async () => {
    const inactive = (await sdk.directorySync.listUsers({ directory: await directory(), limit: 100 })).data;
    const [one, two, three] = inactive.map(({ id, email }) => ({ id, email: email ?? '' }));
    if (!one || !two || !three) throw new Error('there are no three');
    await sync();
    expect(await memberOf(one.email)).toMatchObject({ status: 'active' });
    provider.updateDirectoryUser({ directory_user_id: one.id, state: 'inactive' });
    provider.deleteDirectoryUser({ directory_user_id: two.id });
    await sdk.userManagement.deleteUser(await idOf(three.email));
    await sync();
    expect(await memberOf(one.email)).toMatchObject({ status: 'suspended' });
    expect(await memberOf(two.email)).toMatchObject({ status: 'suspended' });
    expect(await memberOf(three.email)).toMatchObject({ status: 'removed' });
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: 'the identity provider never told that this has ended', id: two.id }),
    );
  });

  it('who has another name, or is in other groups, is called and given what follows', async () => {
    await asSystem(database.pool('worker'), tenants.acme, 'test', (client) =>
      client.query(`insert into app.group_role (group_name, role, position) values ('Admins', 'admin', 1)`),
    );
    const email = 'p50@acme.example';
    const user = (await sdk.directorySync.listUsers({ directory: await directory(), limit: 100 })).data.find(
      (one) => one.email === email,
    );
    const group = provider.createGroup({ directory_id: await directory(), name: 'Admins' });
    provider.addToGroup({ group_id: group.id, directory_user_id: user?.id ?? '' });
    await sdk.userManagement.updateUser({ userId: await idOf(email), firstName: 'Renamed', lastName: 'Now' });
    await sync();
    expect(await memberOf(email)).toMatchObject({ role: 'admin', name: 'Renamed Now' });
    provider.removeFromGroup({ group_id: group.id, directory_user_id: user?.id ?? '' });
    await sync();
    expect(await memberOf(email)).toMatchObject({ role: 'member' });
    provider.addToGroup({ group_id: group.id, directory_user_id: user?.id ?? '' });
    await sync();
    expect(await memberOf(email)).toMatchObject({ role: 'admin' });
    provider.deleteGroup({ group_id: group.id });
    await sync();
    expect(await memberOf(email)).toMatchObject({ role: 'member' });
  });

  it('a directory that is no more takes out all that were in it', async () => {
    const id = await directory();
    provider.deleteDirectory({ directory_id: id });
    await sync();
    expect(await ended('directory', id)).toBe(true);
    expect(await memberOf('p77@acme.example')).toMatchObject({ status: 'suspended' });
    // its people went with it, and were not asked for one by one
    expect(lines.filter(({ kind }) => kind === 'directory_user')).toEqual([]);
  });

  it('an organization that is not found changes nothing but the log: the key may be of another environment', async () => {
    await sdk.organizations.deleteOrganization('org_acme');
    await sync();
    expect(await ended('organization', 'org_acme')).toBe(false);
    expect(await memberOf('linus@people.example')).toMatchObject({ status: 'active' });
    expect(lines).toContainEqual(
      expect.objectContaining({
        msg: 'the identity provider has no such organization',
        organization: 'org_acme',
      }),
    );
  });
});

it('does not believe a list against what is newer, and says so when the provider does not answer', async () => {
  const worker = database.pool('worker');
  const receive = (kind: string, object: Record<string, unknown>) =>
    worker.query('select identity.receive_object($1, $2, $3)', [workos.issuer, kind, JSON.stringify(object)]);
  // An hour ago at the earliest: it may not be in each list yet.
  await receive('organization_membership', {
    id: 'om_new',
    user_id: 'user_new',
    organization_id: 'org_globex',
    status: 'active',
    updated_at: new Date().toISOString(),
  });
  await admin.query(`update identity.organization set synced_at = null where organization = 'org_globex'`);
  await task({}, { abortSignal: new AbortController().signal } as unknown as JobHelpers);
  expect(await ended('organization_membership', 'om_new')).toBe(false);
  await standIn.close();
  await admin.query('update identity.organization set synced_at = null');
  await task({}, { abortSignal: new AbortController().signal } as unknown as JobHelpers);
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: 'an organization could not be compared with the identity provider' }),
  );
  const { rows } = await admin.query('select synced_at from identity.organization');
  expect(rows.every(({ synced_at }) => synced_at === null)).toBe(true);
});

async function directory(): Promise<string> {
  const { data } = await sdk.directorySync.listDirectories({ organizationId: 'org_acme' });
  return data[0]?.id ?? '';
}
