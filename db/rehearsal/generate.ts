import { availableParallelism } from 'node:os';
import type { Client } from 'pg';
import { connected } from '../connect.ts';
import type { Profile } from './profile.ts';
import type { Step } from './steps.ts';
import { begin, steps } from './steps.ts';

/** Of pg_class c: tables and partitions that are filled. */
const filled = `c.relkind = 'r' and c.relnamespace::regnamespace::text in ('app', 'identity', 'platform')`;

/**
 * Fills a migrated database by the profile. Each step is a transaction that also notes itself in rehearsal.step: what was killed goes on
 * with the steps that are missing, and what is complete is left alone. Indexes are kept meanwhile: 9.1 M rows took 120 s with them, and 119
 * when those that only find rows were built in the end.
 */
export async function generate(
  adminUrl: string,
  profile: Profile,
  say: (line: string) => void,
): Promise<void> {
  const done = await connected(adminUrl, async (client) => {
    const { rows: known } = await client.query<{ begun: boolean }>(
      `select to_regclass('rehearsal.step') is not null as begun`,
    );
    if (!known[0]?.begun)
      await inTransaction(client, async () => {
        await client.query(begin(profile));
        await setAutovacuum(client, 'set (autovacuum_enabled = off)');
      });
    const { rows } = await client.query<{ name: string }>('select name from rehearsal.step');
    return new Set(rows.map(({ name }) => name));
  });
  if (done.has('complete')) return;
  const missing = steps(profile).filter(({ name }) => !done.has(name));
  const progress = progressOf(missing.length, say);
  const connections = Math.min(missing.length, availableParallelism(), 4);
  // The first failure ends the others after their step.
  const queue = [...missing];
  const lanes = Array.from({ length: connections }, () =>
    connected(adminUrl, async (client) => {
      try {
        await client.query(
          // Triggers and foreign keys off: 20 µs and more a row, for what the rows fulfil by their making.
          `set session_replication_role = replica; set synchronous_commit = off; set work_mem = '64MB'; set jit = off`,
        );
        for (let step = queue.shift(); step; step = queue.shift()) progress(await perform(client, step));
      } finally {
        queue.length = 0;
      }
    }),
  );
  for (const lane of await Promise.allSettled(lanes)) if (lane.status === 'rejected') throw lane.reason;
  await connected(adminUrl, async (client) => {
    say('vacuum and statistics');
    // Not the system's catalogs: they have 8,000 rows of ours, and take longer than a small profile's data.
    const { rows } = await client.query<{ tables: string }>(
      `select string_agg(c.oid::regclass::text, ', ') as tables
       from pg_catalog.pg_class c
       where ${filled} and c.relpages = 0
         and pg_catalog.pg_relation_size(c.oid) > 0`,
    );
    await client.query(`vacuum (analyze) ${rows[0]?.tables}`);
    await inTransaction(client, async () => {
      await setAutovacuum(client, 'reset (autovacuum_enabled)');
      await client.query(`insert into rehearsal.step values ('complete', 0, 0)`);
    });
    await client.query('checkpoint');
  });
}

/** Off while tables grow: it would read them again and again, and its work is done at the end. */
async function setAutovacuum(client: Client, how: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_catalog.pg_class c
     where ${filled}`,
  );
  await client.query(rows.map(({ name }) => `alter table ${name} ${how}`).join('; '));
}

async function perform(client: Client, { name, sql }: Step): Promise<{ rows: number; seconds: number }> {
  const start = performance.now();
  return await inTransaction(client, async () => {
    const result = await client.query<{ rows: string }>(sql);
    const rows = Number(result.rows[0]?.rows ?? 0);
    const seconds = (performance.now() - start) / 1000;
    await client.query('insert into rehearsal.step values ($1, $2, $3)', [name, rows, seconds]);
    return { rows, seconds };
  });
}

async function inTransaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

/** Says every ten seconds, and at the end, how far it is and how fast. */
function progressOf(count: number, say: (line: string) => void): (made: { rows: number }) => void {
  const start = performance.now();
  let told = start;
  let total = 0;
  let ended = 0;
  return ({ rows }) => {
    total += rows;
    ended += 1;
    const now = performance.now();
    if (ended < count && now - told < 10_000) return;
    told = now;
    const rate = Math.round(total / ((now - start) / 1000));
    say(
      `${ended} of ${count} steps, ${total.toLocaleString('en')} rows, ${rate.toLocaleString('en')} rows/s`,
    );
  };
}
