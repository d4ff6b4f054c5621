import type { JobHelpers } from 'graphile-worker';
import { pino } from 'pino';
import { afterAll, expect, it } from 'vitest';
import { createWorkos } from '../../runtime/workos.ts';
import { asSystem } from '../../worker/context.ts';
import { followPeople } from '../../worker/tasks/follow-people.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestProcess } from '../support/process.ts';
import { startSite } from '../support/site.ts';
import { waitUntil } from '../support/wait.ts';
import { runWorker } from './support/process.ts';

// People for whom something is to follow, when they are many or something is in the way. No webhook comes: the test hands the database its events.
const database = await createTestDatabase();
const admin = database.pool('admin');
const { standIn, tenants, workos } = await startSite(database, { webhooks: false });
const { directory: provider } = standIn;

const lines: Record<string, unknown>[] = [];
const log = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line)) });
const provided = createWorkos(workos);
const task = followPeople(database.pool('worker'), log, provided);
const follow = async () => {
  await admin.query('update identity.waiting_person set next_attempt_at = statement_timestamp()');
  await task({}, { abortSignal: new AbortController().signal } as unknown as JobHelpers);
};
const waiting = async () =>
  (
    await admin.query(
      'select subject, attempts, missing, error from identity.waiting_person order by subject',
    )
  ).rows;
const members = async (where: string) =>
  (
    await admin.query(`select email, status from app.membership where tenant_id = $1 and ${where}`, [
      tenants.acme,
    ])
  ).rows;

const receive = (event: unknown) =>
  database
    .pool('gate')
    .query(`select identity.receive_event($1, $2, 'webhook')`, [workos.issuer, JSON.stringify(event)]);

/** Hands over all that happened, as webhooks would: what came before is known. */
async function hear(...kinds: string[]): Promise<void> {
  const { rows } = await database.pool('worker').query('select event from identity.provider_events() event');
  const asked = kinds.length > 0 ? kinds : rows.map(({ event }) => event);
  let events = await provided.listEvents(asked, { rangeStart: new Date(0) });
  while (events.length > 0) {
    for (const event of events) await receive(event);
    events = await provided.listEvents(asked, { after: events.at(-1)?.id ?? '' });
  }
}

let worker: TestProcess | undefined;
/** One for all tests: a killed one would keep its queue for 30 seconds. */
async function startWorker(): Promise<void> {
  worker ??= runWorker(database, {
    env: { WORKOS_API_KEY: workos.apiKey, WORKOS_CLIENT_ID: workos.clientId, WORKOS_API_URL: workos.apiUrl },
  });
  await worker.printed(/the worker is ready/);
}
afterAll(async () => {
  worker?.signal('SIGTERM');
  await worker?.ended;
});

it('asks for whom they do not know, when that does not come by itself', async () => {
  standIn.seed({
    users: [{ id: 'user_old', email: 'old@acme.example', first_name: 'Old', last_name: 'Timer' }],
  });
  await admin.query('update app.tenant set admit_verified_domains = true');
  provider.createMembership({ user_id: 'user_old', organization_id: 'org_acme' });
  await hear();
  const missing = ['user/user_old'];
  expect(await waiting()).toEqual([{ subject: 'user_old', attempts: 1, missing, error: null }]);
  await follow();
  expect(await waiting()).toEqual([{ subject: 'user_old', attempts: 2, missing, error: null }]);
  await follow();
  expect(await waiting()).toEqual([]);
  expect(await members(`email = 'old@acme.example'`)).toEqual([]);
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: 'somebody cannot follow the identity provider yet', missing }),
  );
});

it('gives up whom the identity provider does not know either', async () => {
  await receive({
    id: 'event_ghost',
    event: 'organization_membership.created',
    created_at: new Date().toISOString(),
    data: { id: 'om_ghost', user_id: 'user_ghost', organization_id: 'org_acme', status: 'active' },
  });
  await follow();
  await follow();
  expect(await waiting()).toEqual([]);
  expect(lines).toContainEqual(
    expect.objectContaining({
      msg: 'the identity provider does not know whom it told of',
      subject: 'user_ghost',
    }),
  );
});

it('who is told of again keeps their turn, and is not given up by what was known before', async () => {
  const worker = database.pool('worker');
  await admin.query(
    `insert into identity.waiting_person (issuer, subject, attempts, next_attempt_at, missing) values ($1, 'user_turn', 3, now() - interval '1 hour', '{user/x}')`,
    [workos.issuer],
  );
  const subjects = ['user_turn', ...Array.from({ length: 11 }, (_, n) => `user_${n}`)];
  await admin.query('select identity.follow_all($1, $2)', [workos.issuer, subjects]);
  const { rows } = await worker.query('select subject from identity.due_people(1)');
  expect(rows).toEqual([{ subject: 'user_turn' }]);
  // They are due: somebody told of them since the attempt whose answer this is.
  await worker.query('select identity.give_up_following($1, $2, 3)', [workos.issuer, 'user_turn']);
  expect((await waiting()).map(({ subject }) => subject)).toContain('user_turn');
  await admin.query('delete from identity.waiting_person');
});

it('a directory of many that ends is one quick event, and its people are out when the worker has been', async () => {
  const { id } = provider.createDirectory({ organization_id: 'org_acme' });
  for (let n = 0; n < 60; n += 1)
    provider.createDirectoryUser({ directory_id: id, email: `many${n}@acme.example` });
  await hear();
  expect(await members(`email like 'many%' and status = 'active'`)).toHaveLength(60);
  provider.deleteDirectory({ directory_id: id });
  await hear('dsync.deleted');
  // none of them in the event's own transaction
  expect(await members(`email like 'many%' and status = 'active'`)).toHaveLength(60);
  expect(await waiting()).toHaveLength(60);
  const { rows } = await admin.query(
    `select task_identifier from graphile_worker.jobs where key = 'follow_people'`,
  );
  expect(rows).toEqual([{ task_identifier: 'follow_people' }]);
  // One of them cannot be followed; the others are, nevertheless.
  await admin.query(
    `create function pg_temp_refuse() returns trigger language plpgsql as $$
     begin if new.email = 'many7@acme.example' and new.status = 'suspended' then raise 'not this one'; end if; return new; end $$`,
  );
  await admin.query(
    'create trigger refuse before update on app.membership for each row execute function pg_temp_refuse()',
  );
  await startWorker();
  await waitUntil(
    'all but one are out',
    async () => (await members(`email like 'many%' and status = 'suspended'`)).length === 59,
  );
  expect((await waiting()).filter(({ error }) => error)).toMatchObject([{ error: 'P0001 not this one' }]);
  await admin.query('drop trigger refuse on app.membership');
  await follow();
  expect(await members(`email like 'many%' and status = 'active'`)).toEqual([]);
});

it('people of a group follow when it gives another role', async () => {
  const { id } = provider.createDirectory({ organization_id: 'org_acme' });
  const group = provider.createGroup({ directory_id: id, name: 'Keepers' });
  for (let n = 0; n < 12; n += 1) {
    const user = provider.createDirectoryUser({ directory_id: id, email: `keeper${n}@acme.example` });
    provider.addToGroup({ group_id: group.id, directory_user_id: user.id });
  }
  await hear();
  const roles = async () =>
    (
      await admin.query(
        `select distinct role from app.membership where tenant_id = $1 and email like 'keeper%' order by role`,
        [tenants.acme],
      )
    ).rows.map(({ role }) => role);
  await waitUntil('they are members', async () => (await roles())[0] === 'member');
  await startWorker();
  await asSystem(database.pool('worker'), tenants.acme, 'test', (client) =>
    client.query(`insert into app.group_role (group_name, role, position) values ('Keepers', 'billing', 1)`),
  );
  await waitUntil('all have the role', async () => {
    const now = await roles();
    return now.length === 1 && now[0] === 'billing';
  });
});
