import type { PoolClient } from 'pg';
import { afterEach } from 'vitest';
import type { TestContext } from './actors.ts';
import { enter } from './actors.ts';
import type { TestDatabase, TestLogin } from './database.ts';
import { waitUntil } from './wait.ts';

/** A transaction that stays open until the test ends it. */
export interface OpenTransaction {
  client: PoolClient;
  end(how: 'commit' | 'rollback'): Promise<void>;
}

const opened = new Set<OpenTransaction>();

/** Opens one in a context as freehold_app, or as a superuser without. Rolled back at the end of the test at the latest. */
export async function open(
  database: TestDatabase,
  context?: TestContext,
  isolation = 'read committed',
): Promise<OpenTransaction> {
  const login: TestLogin = context ? 'app' : 'admin';
  const client = await database.pool(login).connect();
  const transaction: OpenTransaction = {
    client,
    end: async (how) => {
      if (!opened.delete(transaction)) return;
      await client.query(how).finally(() => client.release());
    },
  };
  opened.add(transaction);
  await client.query(`begin isolation level ${isolation}`);
  if (context) await enter(client, context);
  return transaction;
}

afterEach(async () => {
  for (const { end } of opened) await end('rollback');
});

/** Outcomes of many at once: how many came through, and the codes of the others. */
export async function race(works: Promise<unknown>[]): Promise<{ done: number; codes: string[] }> {
  const results = await Promise.allSettled(works);
  const refused = results.flatMap((r) =>
    r.status === 'rejected' ? [r.reason.code ?? String(r.reason)] : [],
  );
  return { done: results.length - refused.length, codes: [...new Set(refused)].sort() };
}

export async function pidOf(client: PoolClient): Promise<number> {
  return (await client.query('select pg_backend_pid() as pid')).rows[0].pid;
}

/** Resolves when the server process waits for a lock of another. */
export async function waits(database: TestDatabase, pid: number): Promise<void> {
  await waitUntil('the other transaction waits for a lock', async () => {
    const { rows } = await database
      .pool('admin')
      .query('select cardinality(pg_blocking_pids($1)) > 0 as waits', [pid]);
    return rows[0].waits;
  });
}
