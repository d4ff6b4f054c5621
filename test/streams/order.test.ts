import { afterAll, expect, it } from 'vitest';
import { startServer } from '../graphql/server.ts';
import { createTenant, type Tenant } from '../graphql/tenants.ts';
import { asApiKey, asOperator, resolveContext } from '../support/actors.ts';
import { open } from '../support/concurrency.ts';
import { createTestDatabase } from '../support/database.ts';
import { readToEnd, untilShown } from '../support/feed.ts';
import { waitUntil } from '../support/wait.ts';
import { runWorker } from '../worker/support/process.ts';
import { openStream, type StreamReader } from './reader.ts';

/* What a stream shows while others write, at a server that finds nothing by looking: all that comes was told. */
const database = await createTestDatabase();
const server = await startServer(database, { streams: { pollMs: 600_000 } });
const patience = 120_000;
const worker = runWorker(database);
await worker.printed(/the worker is ready/);
afterAll(async () => {
  worker.signal('SIGKILL');
  await worker.ended;
});

const rename = (tenant: Tenant, name: string, where = 'true') =>
  asApiKey(database, tenant.apiKey, (client) =>
    client.query(`update app.project set name = $1 where ${where}`, [name]),
  );
/** Names that projects were given here. That they were made may come too, when transactions of other test files hold it back until the stream is open. */
const since = (stream: StreamReader): string[] => stream.names().filter((name) => !/ \d+$/.test(name));
const idsOf = ({ messages }: StreamReader): string[] =>
  messages.flatMap(({ data }) => data?.data?.event?.node.id ?? []);

it('reconnecting with the cursor loses nothing and repeats nothing, while many write', {
  timeout: patience,
}, async () => {
  const tenant = await createTenant(database, 'busy', 20);
  const context = await resolveContext(database, 'api_key', tenant.apiKey);
  const projects = await asApiKey(database, tenant.apiKey, (client) =>
    client.query<{ id: string }>('select id from app.project'),
  );
  let isWriting = true;
  let isOpen = false;
  const write = async (n: number): Promise<void> => {
    for (let round = 0; round < 40; round += 1) {
      // Each rolls back now and then, and takes its time in between: events commit in another order than they are written.
      const transaction = await database.pool('app').connect();
      try {
        await transaction.query('begin');
        await transaction.query(
          `select set_config('role', 'freehold_user', true), set_config('freehold.tenant_id', $1, true),
             set_config('freehold.claims', $2, true), set_config('freehold.signature', $3, true)`,
          [context.tenantId, context.claims, context.signature],
        );
        for (const its of [n, n + 8]) {
          await transaction.query('update app.project set name = $1 where id = $2', [
            `${n} ${round}`,
            projects.rows[its]?.id,
          ]);
        }
        await transaction.query(round % 7 === n % 7 ? 'rollback' : 'commit');
      } finally {
        transaction.release();
      }
    }
  };
  const read: string[] = [];
  let after: string | undefined;
  const reading = (async () => {
    while (isWriting) {
      const stream = await openStream(server.url, tenant.apiKey, after ? { after } : {});
      isOpen = true;
      await waitUntil('something came', () => idsOf(stream).length > 0 || !isWriting, patience);
      stream.close();
      // What had come by then is what a client has seen.
      read.push(...idsOf(stream));
      // '' when the writers ended before anything came
      after = stream.cursor() || after;
    }
  })();
  // The first stream begins with what happens from then on, so writers wait for it.
  await waitUntil('the first stream is open', () => isOpen);
  await Promise.all(Array.from({ length: 8 }, (_, n) => write(n)));
  isWriting = false;
  await reading;
  const rest = await openStream(server.url, tenant.apiKey, { after });
  await untilShown(database, tenant.apiKey);
  const now = await resolveContext(database, 'api_key', tenant.apiKey);
  const all = (await readToEnd(database, now)).map(({ id }) => id);
  await waitUntil('the last came', () => [...read, ...idsOf(rest)].at(-1) === all.at(-1), patience);
  read.push(...idsOf(rest));
  // From the first that was seen: what came before the stream began is none of its business.
  const expected = all.slice(all.indexOf(read[0] as string));
  expect(read).toEqual(expected);
  expect(expected.length).toBeGreaterThan(400);
});

it('what is held back by an older transaction comes when that ends', { timeout: patience }, async () => {
  const tenant = await createTenant(database, 'held', 2);
  const stream = await openStream(server.url, tenant.apiKey);
  const context = await resolveContext(database, 'api_key', tenant.apiKey);
  const slow = await open(database, context);
  await slow.client.query(`update app.project set name = 'slow' where name = 'held 1'`);
  await rename(tenant, 'quick', `name = 'held 2'`);
  await waitUntil('the news was taken', async () => {
    const { rowCount } = await database.pool('admin').query('select from platform.event_news');
    return rowCount === 0;
  });
  expect(since(stream)).toEqual([]);
  await slow.end('commit');
  await waitUntil('both came', () => since(stream).length === 2, patience);
  expect(since(stream)).toEqual(['slow', 'quick']);
});

it('what was being written when the stream was opened comes too', { timeout: patience }, async () => {
  const tenant = await createTenant(database, 'early', 1);
  const early = await open(database, await resolveContext(database, 'api_key', tenant.apiKey));
  await early.client.query(`update app.project set name = 'early'`);
  const stream = await openStream(server.url, tenant.apiKey);
  await early.end('commit');
  await waitUntil('it came', () => stream.names().includes('early'), patience);
  // nobody left word of it
  expect(since(stream)).toEqual(['early']);
});

it('what happens while the connection that hears of it is lost comes too', {
  timeout: patience,
}, async () => {
  const tenant = await createTenant(database, 'deaf', 1);
  const stream = await openStream(server.url, tenant.apiKey);
  for (const name of ['first', 'second']) {
    await waitUntil('the connection was there, and is cut', async () => {
      const { rowCount } = await database
        .pool('admin')
        .query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name = 'freehold streams'`,
          [database.name],
        );
      return rowCount === 1;
    });
    await rename(tenant, name);
    await waitUntil(`${name} came`, () => stream.names().includes(name), patience);
  }
});

it('nobody leaves word of a tenant that has no stream', async () => {
  const [heard, unheard] = [
    await createTenant(database, 'heard', 3),
    await createTenant(database, 'unheard', 3),
  ];
  await openStream(server.url, heard.apiKey);
  const wordOf = ({ id }: Tenant) =>
    asOperator(
      database,
      id,
      async (client) => {
        await client.query(`update app.project set name = 'x' where tenant_id = $1`, [id]);
        const { rows } = await client.query(
          'select tenant_id from platform.event_news where tenant_id = $1',
          [id],
        );
        return rows.length;
      },
      { rollback: true },
    );
  expect([await wordOf(heard), await wordOf(unheard)]).toEqual([3, 0]);
});
