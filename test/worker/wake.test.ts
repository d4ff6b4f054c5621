import { Writable } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../../runtime/log.ts';
import { asSystem } from '../../worker/context.ts';
import type { Dispatcher } from '../../worker/dispatch.ts';
import { startDispatcher } from '../../worker/dispatch.ts';
import { createTestDatabase } from '../support/database.ts';
import { waitUntil } from '../support/wait.ts';
import { createTenant } from './support/tenant.ts';

const database = await createTestDatabase();
const tenant = await createTenant(database);
await tenant.createEndpoint('https://receiver.example/', ['project.*']);
const silent = createLogger(
  { level: 'silent', format: 'json' },
  'test',
  new Writable({ write: (_chunk, _encoding, done) => done() }),
);

/** A dispatcher that would look by itself only once a minute: whoever waits for it to look was not told. */
function startSleepy(): Dispatcher {
  const dispatcher = startDispatcher({
    url: database.urls.worker,
    log: silent,
    leaseMs: 600_000,
    inFlight: 1_000_000,
    pollMs: 60_000,
  });
  onTestFinished(() => dispatcher.stop());
  return dispatcher;
}

const isAsleep = async () => {
  const { rowCount } = await database.pool('admin').query(
    `select from pg_locks l join pg_database d on d.oid = l.database
      where l.locktype = 'advisory' and l.mode = 'ExclusiveLock' and l.objid = 7100040 and l.granted and d.datname = $1`,
    [database.name],
  );
  return rowCount === 1;
};
const sleeping = () => waitUntil('the dispatcher sleeps', isAsleep);

const taken = (limitMs = 30_000) =>
  waitUntil(
    'what was written is taken',
    async () => (await database.pool('admin').query('select from platform.delivery_queue')).rowCount === 0,
    limitMs,
  );

it('is woken by a commit while it sleeps', async () => {
  startSleepy();
  for (let i = 0; i < 3; i += 1) {
    await sleeping();
    await tenant.createProjects(1);
    await taken();
  }
});

it('does not fall asleep while a transaction that has written deliveries is open', async () => {
  await asSystem(database.pool('worker'), tenant.id, 'test', async (client) => {
    await client.query(`insert into app.project (name) values ('late')`);
    startSleepy();
    const looks = new Set<string>();
    await waitUntil('it has looked ten times', async () => {
      const { rows } = await database
        .pool('admin')
        .query<{ at: string }>(
          `select query_start::text as at from pg_stat_activity where application_name = 'freehold dispatcher' and datname = $1`,
          [database.name],
        );
      for (const { at } of rows) looks.add(at);
      expect(await isAsleep()).toBe(false);
      return looks.size >= 10;
    });
  });
  // Nobody notified: the writer was told that the dispatcher is awake, and it was.
  await taken();
});

it.each([1, 2])(
  'misses no commit that falls upon its falling asleep (dispatchers: %i)',
  async (dispatchers) => {
    for (let i = 0; i < dispatchers; i += 1) startSleepy();
    // The first commit wakes it; the second comes up to 5 ms later, when it has just found nothing more. Without its last look, a commit
    // is missed within the first hundred, in each of three trials, and would wait for a minute.
    for (let i = 0; i < 100; i += 1) {
      await write();
      await spin((i % 50) / 10);
      await write();
      await taken();
    }
  },
);

const write = () =>
  asSystem(database.pool('worker'), tenant.id, 'test', (client) =>
    client.query(`insert into app.project (name) values ('racer')`),
  );

/** Finer than a timer. */
async function spin(ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) await new Promise(setImmediate);
}

it('notifies nobody while the dispatcher is awake or absent', async () => {
  const client = await database.pool('worker').connect();
  let notified = 0;
  client.on('notification', () => {
    notified += 1;
  });
  await client.query('listen freehold_delivery');
  await tenant.createProjects(5);
  await client.query('select 1');
  expect(notified).toBe(0);
  startSleepy();
  await taken();
  await sleeping();
  await tenant.createProjects(1);
  await waitUntil('the notification came', () => notified === 1);
  client.release(true);
});
