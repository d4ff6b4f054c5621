import { beforeEach, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { waitUntil } from '../support/wait.ts';
import { lockedJobs, startWorkerProcess } from './support/process.ts';
import type { Receiver } from './support/receiver.ts';
import { accept, account, startReceiver } from './support/receiver.ts';
import type { TestTenant } from './support/tenant.ts';
import { createTenant } from './support/tenant.ts';

const database = await createTestDatabase();
let receiver: Receiver;
let tenant: TestTenant;

beforeEach(async () => {
  receiver = await startReceiver();
  tenant = await createTenant(database);
  // The worker of the test before was killed at its end, perhaps with a job: that one is not this test's.
  await database.pool('admin').query('delete from graphile_worker._private_jobs');
  await tenant.createEndpoint(receiver.url, ['project.*']);
  return () => receiver.close();
});

const allSucceeded = () =>
  waitUntil('every delivery is recorded', async () => {
    const [row] = await tenant.run<{ open: boolean }>(
      `select exists (select from app.delivery where status <> 'succeeded') as open`,
    );
    return row?.open === false;
  });

/** One statement, many events: what a bulk import does. */
async function createMany(count: number): Promise<Set<string>> {
  await tenant.run(`insert into app.project (name) select 'Bulk ' || n from generate_series(1, $1::int) n`, [
    count,
  ]);
  const events = await tenant.run<{ id: string }>(`select id from app.event where type = 'project.created'`);
  return new Set(events.map(({ id }) => `evt_${id}`));
}

it('loses nothing when a worker is killed while it delivers', async () => {
  let answered = 0;
  // Ten are accepted, the rest are left hanging: the worker dies with them under way.
  receiver.answer = (response, received) => {
    answered += 1;
    if (answered <= 10) accept(response, received);
  };
  const doomed = await startWorkerProcess(database, { kind: 'impatient' });
  const expected = await createMany(200);
  await waitUntil('it is in the middle', () => receiver.requests.length >= 30);
  doomed.signal('SIGKILL');
  expect(await doomed.ended).toBe('SIGKILL');
  expect(await lockedJobs(database)).toBeGreaterThan(0);

  receiver.answer = accept;
  await startWorkerProcess(database, { kind: 'impatient' });
  await allSucceeded();
  // What came twice came under the same id: there are as many ids as events.
  account(receiver, expected);
  expect(await tenant.deliveries()).toHaveLength(expected.size);
  await waitUntil("the dead worker's jobs are free again", async () => (await lockedJobs(database)) === 0);
});

it('delivers each event once with two workers at work', async () => {
  const workers = await Promise.all([startWorkerProcess(database), startWorkerProcess(database)]);
  const expected = new Set<string>();
  await Promise.all(
    Array.from({ length: 4 }, async (_, i) => {
      for (const id of await tenant.createProjects(40, `Project ${i}`)) expected.add(id);
    }),
  );
  for (const id of await createMany(400)) expected.add(id);
  await allSucceeded();
  account(receiver, expected);
  expect(receiver.requests).toHaveLength(expected.size);
  for (const worker of workers) {
    worker.signal('SIGTERM');
    expect(await worker.ended).toBe(0);
  }
});

it('leaves no job locked and loses nothing when it is stopped under load', async () => {
  const first = await startWorkerProcess(database);
  const expected = await createMany(3_000);
  await waitUntil('it is in the middle', () => receiver.requests.length > 200);
  first.signal('SIGTERM');
  expect(await first.ended).toBe(0);
  expect(await lockedJobs(database)).toBe(0);
  const before = receiver.requests.length;
  expect(before).toBeLessThan(expected.size);

  await startWorkerProcess(database);
  await allSucceeded();
  account(receiver, expected);
  // Stopping in order sends nothing twice.
  expect(receiver.requests).toHaveLength(expected.size);
});

it('stops in time though a receiver hangs, and hands over what it was sending', async () => {
  receiver.answer = () => {};
  const first = await startWorkerProcess(database, { env: { SHUTDOWN_GRACE_MS: '9000' } });
  const expected = await createMany(60);
  await waitUntil('it waits for the receiver', () => receiver.requests.length >= 25);
  first.signal('SIGTERM');
  expect(await first.ended).toBe(0);
  expect(await lockedJobs(database)).toBe(0);
  receiver.answer = accept;
  await startWorkerProcess(database);
  await allSucceeded();
  account(receiver, expected);
});

it('goes on after its database connections were cut', async () => {
  const worker = await startWorkerProcess(database, { kind: 'impatient' });
  await tenant.createProjects(1);
  await waitUntil('it delivers', () => receiver.requests.length === 1);
  await database
    .pool('admin')
    .query(
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'freehold_worker' and application_name ~ '^freehold' and datname = $1`,
      [database.name],
    );
  const expected = await createMany(50);
  await allSucceeded();
  account(receiver, expected);
  worker.signal('SIGTERM');
  expect(await worker.ended).toBe(0);
  expect(await lockedJobs(database)).toBe(0);
});

it('starts its job pool again when an error has ended it', async () => {
  const admin = database.pool('admin');
  const worker = await startWorkerProcess(database, { kind: 'impatient' });
  // A job's end cannot be written: graphile-worker gives up the whole pool for that.
  await admin.query('revoke delete on graphile_worker._private_jobs from freehold_worker');
  const expected = await createMany(20);
  await worker.printed(/the job pool ended by itself/);
  await admin.query('grant delete on graphile_worker._private_jobs to freehold_worker');
  await worker.printed(/the job pool was started again/);
  for (const id of await tenant.createProjects(5)) expected.add(id);
  await allSucceeded();
  account(receiver, expected);
  await waitUntil('no job is left', async () => {
    const { rowCount } = await admin.query(
      'select from graphile_worker._private_jobs where attempts < max_attempts',
    );
    return rowCount === 0;
  });
  worker.signal('SIGTERM');
  expect(await worker.ended).toBe(0);
  expect(await lockedJobs(database)).toBe(0);
});
