import { beforeEach, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { waitUntil } from '../support/wait.ts';
import { startWorkerProcess } from './support/process.ts';
import type { Receiver } from './support/receiver.ts';
import { accept, refuse, startReceiver } from './support/receiver.ts';
import type { TestTenant } from './support/tenant.ts';
import { createTenant } from './support/tenant.ts';

const database = await createTestDatabase();
let receiver: Receiver;
let tenant: TestTenant;

beforeEach(async () => {
  receiver = await startReceiver();
  tenant = await createTenant(database);
  return () => receiver.close();
});

interface Replay {
  id: string;
  status: string;
  queued: string;
}

async function replay(
  endpoint: string,
  more: { failedOnly?: boolean; since?: Date; until?: Date } = {},
): Promise<string> {
  const [row] = await tenant.run<{ id: string }>(
    `insert into app.webhook_replay (endpoint_id, since, until, failed_only) values ($1, $2, $3, $4) returning id`,
    [
      endpoint,
      more.since ?? new Date(Date.now() - 3_600_000),
      more.until ?? new Date(),
      more.failedOnly ?? false,
    ],
  );
  return row?.id as string;
}

const replayOf = async (id: string) => {
  const [row] = await tenant.run<Replay>(
    'select r.id, r.status, app.webhook_replay_queued(r) as queued from app.webhook_replay r where r.id = $1',
    [id],
  );
  return row as Replay;
};

const over = (id: string) =>
  waitUntil('the replay is over', async () => {
    const found = await replayOf(id);
    return found.status === 'running' ? undefined : found;
  });

it('sends an endpoint what happened before it was made, in order of time, under the ids of the events', async () => {
  const before = await tenant.createProjects(5);
  await tenant.run(`insert into app.invitation (email, role) values ('x@x.example', 'viewer')`);
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  await startWorkerProcess(database);
  const found = await over(await replay(id));
  expect(found).toMatchObject({ status: 'completed', queued: '5' });
  await waitUntil('all arrived', () => receiver.requests.length === 5);
  expect(receiver.ids()).toEqual(new Set(before));
});

it('sends again what was delivered already, and with failedOnly just what was given up', async () => {
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  await tenant.run(`update app.webhook_endpoint set retry_delays = '{}'`);
  await startWorkerProcess(database);
  const good = await tenant.createProjects(2);
  await waitUntil('two arrived', () => receiver.requests.length === 2);
  receiver.answer = refuse;
  const bad = await tenant.createProjects(3);
  await waitUntil(
    'three were given up',
    async () => (await tenant.deliveries()).filter(({ status }) => status === 'failed').length === 3,
  );
  receiver.answer = accept;
  receiver.requests.length = 0;

  expect(await over(await replay(id, { failedOnly: true }))).toMatchObject({ queued: '3' });
  await waitUntil('the three arrived', () => receiver.requests.length === 3);
  expect(receiver.ids()).toEqual(new Set(bad));

  await waitUntil('they are recorded', async () =>
    (await tenant.deliveries()).every(({ status }) => status === 'succeeded'),
  );
  expect(await over(await replay(id))).toMatchObject({ queued: '5' });
  await waitUntil('all five arrived', () => receiver.requests.length === 8);
  expect(receiver.ids()).toEqual(new Set([...good, ...bad]));
  // One delivery for each event and endpoint, whose attempts tell all of it.
  const told = (await tenant.deliveries()).filter(({ endpoint_id }) => endpoint_id === id);
  expect(told).toHaveLength(5);
});

it('holds to its time', async () => {
  await tenant.createProjects(2);
  const [{ now: middle } = { now: new Date() }] = await tenant.run<{ now: Date }>(
    'select clock_timestamp() as now',
  );
  await waitUntil('a millisecond has passed', () => Date.now() > middle.getTime() + 1);
  const later = await tenant.createProjects(2);
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  await startWorkerProcess(database);
  await over(await replay(id, { since: new Date(middle.getTime() + 1) }));
  await waitUntil('the later ones arrived', () => receiver.requests.length === 2);
  expect(receiver.ids()).toEqual(new Set(later));
});

it('goes on from its place when the worker is killed half-way', async () => {
  await tenant.run(`insert into app.project (name) select 'Bulk ' || n from generate_series(1, 3000) n`);
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  const doomed = await startWorkerProcess(database, { kind: 'impatient' });
  const started = await replay(id);
  await waitUntil('it is in the middle', async () => Number((await replayOf(started)).queued) >= 1_000);
  doomed.signal('SIGKILL');
  await doomed.ended;
  await startWorkerProcess(database, { kind: 'impatient' });
  expect(await over(started)).toMatchObject({ status: 'completed', queued: '3000' });
  await waitUntil('all arrived', () => receiver.ids().size === 3_000);
  expect(
    await tenant.run('select count(*)::int as n from app.delivery where endpoint_id is not null'),
  ).toEqual([{ n: 3_000 }]);
});

it('stops when it is canceled, and when its endpoint is disabled', async () => {
  await tenant.createProjects(3);
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  const canceled = await replay(id);
  await tenant.run('select app.cancel_webhook_replay($1)', [canceled]);
  const orphaned = await replay(id);
  await tenant.run('select app.disable_webhook_endpoint($1)', [id]);
  await startWorkerProcess(database);
  expect(await over(orphaned)).toMatchObject({ status: 'canceled', queued: '0' });
  expect(await replayOf(canceled)).toMatchObject({ status: 'canceled', queued: '0' });
  expect(receiver.requests).toHaveLength(0);
});

it('is refused without an enabled endpoint, for a time to come, and the sixth at once', async () => {
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  await expect(replay(id, { since: new Date(Date.now() + 60_000) })).rejects.toMatchObject({ code: 'ZF010' });
  await expect(replay(id, { since: new Date(), until: new Date(Date.now() - 60_000) })).rejects.toMatchObject(
    { code: 'ZF010' },
  );
  await expect(replay('00000000-0000-7000-8000-000000000000')).rejects.toMatchObject({ code: 'ZF005' });
  for (let i = 0; i < 5; i += 1) await replay(id);
  await expect(replay(id)).rejects.toMatchObject({ code: 'ZF007' });
});

it('sends a test event to the one endpoint that was asked about, subscribed or not', async () => {
  await tenant.createEndpoint(`${receiver.url}other`, ['*']);
  const { id } = await tenant.createEndpoint(`${receiver.url}asked`, ['invoice.paid']);
  await startWorkerProcess(database);
  const [delivery] = await tenant.run<{ id: string }>(`select (app.send_test_event($1, 'hello')).id`, [id]);
  const request = await waitUntil('it arrived', () =>
    receiver.requests.find(({ path }) => path === '/asked'),
  );
  expect(request.body).toMatchObject({ type: 'webhook_endpoint.tested', data: { id, message: 'hello' } });
  await waitUntil('it is recorded', async () =>
    (await tenant.deliveries()).some((d) => d.id === delivery?.id && d.status === 'succeeded'),
  );
  const [next] = await tenant.createProjects(1);
  await waitUntil('another event came to the other', () => receiver.requests.some((r) => r.id === next));
  expect(receiver.requests.filter(({ body }) => body.type === 'webhook_endpoint.tested')).toHaveLength(1);
});

it('tells an endpoint with channels of them alone', async () => {
  const [one, two] = (await tenant.run<{ id: string }>(
    `insert into app.project (name) values ('one'), ('two') returning id`,
  )) as [{ id: string }, { id: string }];
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  await tenant.run('update app.webhook_endpoint set channels = $2 where id = $1', [
    id,
    [`project:${one.id}`],
  ]);
  await startWorkerProcess(database);
  await tenant.run('select app.archive_project(id) from app.project where id = any ($1)', [[two.id, one.id]]);
  await waitUntil('one arrived', () => receiver.requests.length > 0);
  expect((await tenant.deliveries()).map(({ event_id }) => `evt_${event_id}`)).toEqual([...receiver.ids()]);
  expect(receiver.requests.map(({ body }) => body.entity_id)).toEqual([one.id]);
});
