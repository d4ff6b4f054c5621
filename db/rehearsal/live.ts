import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import { connected } from '../connect.ts';
import { PAUSES_S, retryForLocks } from '../lock-retry.ts';
import type { LoginUrls } from '../urls.ts';
import type { Migration } from './migrations.ts';
import type { Profile } from './profile.ts';
import { applySettings, describe } from './quiet.ts';
import type { Sample } from './traffic.ts';
import { startTraffic } from './traffic.ts';
import { prepareSite } from './traffic-site.ts';
import type { Wait } from './waits.ts';
import { watchWaits } from './waits.ts';

/** When a statement of the last attempt ran, by performance.now(). */
export interface Ran {
  from: number;
  to: number;
}

export interface LiveMigration {
  /** Of the attempt that came through, or of the last. */
  statements: Ran[];
  /** From the first attempt to the end of the last. */
  from: number;
  to: number;
  attempts: number;
  /** Why it did not come through. */
  error?: string;
}

export interface Live {
  migrations: LiveMigration[];
  samples: readonly Sample[];
  waits: Wait[];
  /** What platform.violations() says of the result. */
  violations: string[];
}

/** Runs migrations under traffic, as `db migrate` does: each in its transaction, and again, after growing pauses, when it did not get a lock in time. */
export async function migrateLive(
  urls: LoginUrls & { admin: string },
  migrations: readonly Migration[],
  { traffic: load, limits }: Profile,
  say: (line: string) => void,
): Promise<Live> {
  return await connected(urls.admin, (admin) =>
    connected(urls.owner, async (client) => {
      const site = await prepareSite(admin);
      await client.query('select from platform.make_all_partitions()');
      await applySettings(client);
      const traffic = await startTraffic(urls, site, load);
      const { processID } = client as Client & { processID: number };
      const ran: LiveMigration[] = [];
      let waits: Wait[] = [];
      try {
        await traffic.warm();
        await pause(load.beforeSeconds * 1000);
        const watch = watchWaits(admin, processID);
        try {
          for (const migration of migrations) {
            const one = await runOne(client, migration, limits.attempts, say);
            ran.push(one);
            if (one.error) break;
          }
        } finally {
          waits = await watch.stop();
        }
        // those that the last lock kept waiting, and what the new schema does to the traffic
        await pause(Math.min(load.beforeSeconds, 5) * 1000);
      } finally {
        await traffic.stop();
      }
      const { rows } = await admin.query<Record<string, unknown>>('select * from platform.violations()');
      const violations = rows.map((row) => Object.values(row).filter(Boolean).join(' | '));
      return { migrations: ran, samples: traffic.samples, waits, violations };
    }),
  );
}

async function runOne(
  client: Client,
  migration: Migration,
  most: number,
  say: (line: string) => void,
): Promise<LiveMigration> {
  const from = performance.now();
  let attempts = 0;
  let statements: Ran[] = [];
  const run = async (): Promise<void> => {
    attempts += 1;
    statements = [];
    await runStatements(client, migration, statements);
  };
  let failed: Pick<LiveMigration, 'error'> = {};
  try {
    await retryForLocks(run, {
      pausesS: PAUSES_S.slice(0, most - 1),
      onRetry: (_, seconds, attempt) =>
        say(`${migration.name}: the lock was not to be had; attempt ${attempt} in ${seconds} s`),
    });
  } catch (error) {
    failed = { error: describe(error) };
  }
  return { statements, from, to: performance.now(), attempts, ...failed };
}

async function runStatements(
  client: Client,
  { transaction, statements }: Migration,
  ran: Ran[],
): Promise<void> {
  const timed = async (sql: string): Promise<void> => {
    const one = { from: performance.now(), to: Number.POSITIVE_INFINITY };
    ran.push(one);
    await client.query(sql).finally(() => {
      one.to = performance.now();
    });
  };
  if (!transaction) {
    for (const { sql } of statements) await timed(sql);
    return;
  }
  await client.query('begin');
  try {
    for (const { sql } of statements) await timed(sql);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
