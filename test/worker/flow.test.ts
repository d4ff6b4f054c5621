import { beforeEach, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { waitUntil } from '../support/wait.ts';
import { startWorkerProcess } from './support/process.ts';
import type { Answer, Receiver } from './support/receiver.ts';
import { accept, refuse, startReceiver } from './support/receiver.ts';
import type { TestTenant } from './support/tenant.ts';
import { clearQueues, createTenant, passTime } from './support/tenant.ts';

const database = await createTestDatabase();
const admin = database.pool('admin');
let receiver: Receiver;
let tenant: TestTenant;

beforeEach(async () => {
  // What is left of the test before, whose worker has ended by now: it must not come to the next receiver on that port.
  await clearQueues(database);
  receiver = await startReceiver();
  tenant = await createTenant(database);
  return () => receiver.close();
});

const change = (id: string, columns: string) =>
  tenant.run(`update app.webhook_endpoint set ${columns} where id = $1`, [id]);

const flowOf = async (endpoint: string) => {
  const { rows } = await admin.query('select * from platform.endpoint_flow where endpoint_id = $1', [
    endpoint,
  ]);
  return rows[0];
};

const createMany = async (count: number) =>
  tenant.run(`insert into app.project (name) select 'Bulk ' || n from generate_series(1, $1::int) n`, [
    count,
  ]);

const eventIds = async () => {
  const rows = await tenant.run<{ id: string }>(
    `select id from app.event where entity = 'project' order by id`,
  );
  return rows.map(({ id }) => `evt_${id}`);
};

const allSucceeded = () =>
  waitUntil('every delivery is recorded', async () => {
    const [row] = await tenant.run<{ open: boolean }>(
      `select exists (select from app.delivery where status <> 'succeeded') as open`,
    );
    return row?.open === false;
  });

it('keeps the order of events on demand: what fails holds up what comes after it', async () => {
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  // It is passTime that makes it due again.
  await change(id, `ordered = true, retry_delays = '{600,600}'`);
  let refusals = 0;
  receiver.answer = (response, received) => {
    // The fourth is refused twice.
    if (received.id === expected[3] && refusals < 2) {
      refusals += 1;
      return refuse(response, received);
    }
    return accept(response, received);
  };
  await createMany(30);
  const expected = await eventIds();
  const workers = await Promise.all([startWorkerProcess(database), startWorkerProcess(database)]);
  for (let failed = 1; failed <= 2; failed += 1) {
    await waitUntil('the fourth failed', async () =>
      (await tenant.deliveries()).some((d) => d.attempt_count === failed && d.status === 'pending'),
    );
    expect(receiver.requests.length).toBe(3 + failed);
    await passTime(database);
  }
  await allSucceeded();
  const order = receiver.requests.map((request) => request.id);
  expect(order).toEqual([...expected.slice(0, 3), expected[3], expected[3], ...expected.slice(3)]);
  for (const worker of workers) worker.signal('SIGTERM');
});

it('goes on in order when the one in front is given up', async () => {
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  await change(id, `ordered = true, retry_delays = '{1}'`);
  await createMany(3);
  const expected = await eventIds();
  receiver.answer = (response, received) =>
    (received.id === expected[0] ? refuse : accept)(response, received);
  await startWorkerProcess(database);
  await waitUntil('the others arrived', () => receiver.requests.length === 4);
  expect(receiver.requests.map((request) => request.id)).toEqual([
    expected[0],
    expected[0],
    expected[1],
    expected[2],
  ]);
});

it('sends versions of one resource in their order, without being asked', async () => {
  await tenant.createEndpoint(receiver.url, ['project.*']);
  const slow: Answer = (response) => void setTimeout(() => response.writeHead(204).end(), 5);
  receiver.answer = slow;
  await createMany(20);
  await tenant.run(`update app.project set name = name || ' once'`);
  await tenant.run(`update app.project set name = name || ' more'`);
  await startWorkerProcess(database);
  await allSucceeded();
  const versions = new Map<string, number[]>();
  for (const { body } of receiver.requests) {
    versions.set(body.entity_id, [...(versions.get(body.entity_id) ?? []), body.entity_version]);
  }
  expect(versions.size).toBe(20);
  for (const seen of versions.values()) expect(seen).toEqual([1, 2, 3]);
});

it('holds to the rate that the owner allows', async () => {
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  await change(id, 'rate_limit = 20');
  const times: number[] = [];
  receiver.answer = (response, received) => {
    times.push(performance.now());
    accept(response, received);
  };
  await createMany(30);
  await startWorkerProcess(database);
  await allSucceeded();
  // In any second no more than the rate, and one burst of a tenth of it.
  for (const begin of times) {
    expect(times.filter((time) => time >= begin && time < begin + 1_000).length).toBeLessThanOrEqual(22);
  }
});

it('sends no more at a time than the owner allows', async () => {
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  await change(id, 'concurrency = 2');
  let open = 0;
  let most = 0;
  receiver.answer = (response) => {
    open += 1;
    most = Math.max(most, open);
    setTimeout(() => {
      open -= 1;
      response.writeHead(204).end();
    }, 10);
  };
  await createMany(40);
  await Promise.all([startWorkerProcess(database), startWorkerProcess(database)]);
  await allSucceeded();
  expect(most).toBe(2);
});

it('leaves its lane when the owner asks for nothing any more', async () => {
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  await change(id, 'ordered = true');
  expect(await flowOf(id)).toMatchObject({ asked: true, laned: true });
  await startWorkerProcess(database);
  await createMany(5);
  await allSucceeded();
  await change(id, 'ordered = false');
  await createMany(5);
  await allSucceeded();
  await waitUntil('the lane is gone', async () => (await flowOf(id)) === undefined);
});

it('opens a breaker for a dead receiver, probes it alone, and sends all when it is back', async () => {
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  receiver.answer = refuse;
  await startWorkerProcess(database);
  await createMany(300);
  await waitUntil('the breaker is open', async () => (await flowOf(id))?.trips > 0);
  await waitUntil('what was under way has ended', async () => {
    const { rowCount } = await admin.query('select from platform.delivery_batch');
    return rowCount === 0;
  });
  const spent = receiver.requests.length;
  // Of three batches, each stops after ten and what was under way beside them.
  expect(spent).toBeLessThan(150);

  // A probe is one request.
  await admin.query(`update platform.endpoint_flow set not_before = '-infinity'`);
  await waitUntil('it is probed', () => receiver.requests.length > spent);
  await waitUntil('it stays open', async () => (await flowOf(id))?.trips > 1);
  expect(receiver.requests).toHaveLength(spent + 1);

  receiver.answer = accept;
  await admin.query(`update platform.endpoint_flow set not_before = '-infinity'`);
  await waitUntil('those that waited arrived', async () => {
    const { rowCount } = await admin.query('select from platform.lane_queue');
    return rowCount === 0 && receiver.ids().size === 300;
  });
  await passTime(database);
  await allSucceeded();
  await createMany(1);
  await allSucceeded();
  await waitUntil('nothing is held against it', async () => (await flowOf(id)) === undefined);
});

it('isolates a receiver that hangs, so that another gets all of its own', async () => {
  const hanging = await startReceiver(() => {});
  const stuck = await tenant.createEndpoint(hanging.url, ['project.*']);
  await tenant.createEndpoint(receiver.url, ['project.*']);
  await startWorkerProcess(database, { env: { WORKER_CONCURRENCY: '2' } });
  await createMany(3);
  await waitUntil('it is isolated', async () => (await flowOf(stuck.id))?.laned);
  // Two jobs at a time, and a timeout of 15 s: without the lane, the two would soon be waiting.
  for (let round = 1; round <= 10; round += 1) {
    await createMany(20);
    await waitUntil('the other has them all', () => receiver.ids().size === 3 + round * 20, 10_000);
  }
  // Beside what was sent before, one batch of its lane.
  expect(hanging.requests.length).toBeLessThanOrEqual(3 + 25);
  await hanging.close();
});

it('gives up what waits in the lane of an endpoint that is disabled', async () => {
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  receiver.answer = refuse;
  await startWorkerProcess(database);
  await createMany(150);
  await waitUntil('the breaker is open', async () => (await flowOf(id))?.trips > 0);
  await tenant.run('select app.disable_webhook_endpoint($1)', [id]);
  await passTime(database);
  await waitUntil('all are given up', async () =>
    (await tenant.deliveries()).every((d) => d.endpoint_id !== id || d.status === 'failed'),
  );
});
