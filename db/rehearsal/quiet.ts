import type { Client } from 'pg';
import { connected } from '../connect.ts';
import { readSettings } from '../migration-run.ts';
import type { Migration } from './migrations.ts';
import { startObserving } from './observe.ts';
import type { Seen } from './rules.ts';

/**
 * Runs migrations on a copy where nobody else is, and observes each statement. Stops at the first that fails: what comes after it in
 * the list was not run.
 */
export async function observeMigrations(
  ownerUrl: string,
  watcherUrl: string,
  migrations: readonly Migration[],
): Promise<Seen[][]> {
  return await connected(watcherUrl, (watcher) =>
    connected(ownerUrl, async (client) => {
      await applySettings(client);
      // Rows that parallel workers read are counted in their sessions, not in this one.
      await client.query('set max_parallel_maintenance_workers = 0; set max_parallel_workers_per_gather = 0');
      const all: Seen[][] = [];
      for (const migration of migrations) {
        const seen = await observeOne(client, watcher, migration);
        all.push(seen);
        if (seen.some((one) => 'error' in one)) break;
      }
      return all;
    }),
  );
}

async function observeOne(
  client: Client,
  watcher: Client,
  { transaction, statements }: Migration,
): Promise<Seen[]> {
  if (transaction) await client.query('begin');
  const observer = await startObserving(client);
  const seen: Seen[] = [];
  try {
    for (const { sql } of statements) {
      const observation = transaction
        ? await observer.inTransaction(sql)
        : await observer.alone(sql, watcher);
      seen.push({ observation });
    }
    // constraint triggers that were deferred speak now
    if (transaction) await client.query('commit');
  } catch (error) {
    seen.push({ error: describe(error) });
    if (transaction) await client.query('rollback');
  }
  return seen;
}

/** The settings of .gmrc, as graphile-migrate makes them. */
export async function applySettings(client: Client): Promise<void> {
  for (const [name, value] of Object.entries(readSettings()))
    await client.query('select pg_catalog.set_config($1, $2, false)', [name, value]);
}

export function describe(error: unknown): string {
  const { code = '', message, detail } = error as { code?: string; message: string; detail?: string };
  return [code, message, detail].filter(Boolean).join(': ');
}
