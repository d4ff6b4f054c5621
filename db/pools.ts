import { setTimeout as pause } from 'node:timers/promises';
import { clearAllPools } from 'graphile-migrate/dist/pgReal.js';
import type { Client } from 'pg';

const name = `freehold migrate ${process.pid}`;

/** The URL for graphile-migrate, whose connections can then be told from others. */
export function forMigrations(url: string): string {
  const named = new URL(url);
  named.searchParams.set('application_name', name);
  return named.href;
}

/**
 * Ends the pools of graphile-migrate and waits until their connections are gone. It keeps them for 200 ms, cannot be
 * awaited, and calls process.exit when one breaks: whoever dropped the database next would end this process.
 * @param client sees their sessions: the same role, or a superuser
 */
export async function closePools(client: Client): Promise<void> {
  clearAllPools();
  for (let round = 0; round < 200; round += 1) {
    const { rows } = await client.query<{ open: number }>(
      `select pg_catalog.count(*)::int as open
         from pg_catalog.pg_stat_activity
        where application_name = $1`,
      [name],
    );
    if (!rows[0]?.open) return;
    await pause(5);
  }
}
