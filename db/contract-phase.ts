import { setTimeout as pause } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { Failure } from '../runtime/failure.ts';

/** A process that serves, as platform.serving_processes() tells. */
export interface ServingProcess {
  kind: 'server' | 'worker';
  version: string;
  /** The last migration that its code knows: 000031.sql. */
  migration: string;
  host: string;
  started_at: Date;
  beat_at: Date;
}

/** Processes heard of within the last minute; none before the migration that made the registry. */
export async function servingProcesses(client: ClientBase): Promise<ServingProcess[]> {
  const { rows: known } = await client.query<{ known: boolean }>(
    `select pg_catalog.to_regprocedure('platform.serving_processes(interval)') is not null as known`,
  );
  if (!known[0]?.known) return [];
  const { rows } = await client.query<ServingProcess>('select * from platform.serving_processes()');
  return rows;
}

export const describeProcess = ({ kind, version, migration, host }: ServingProcess): string =>
  `${kind} ${version} at ${host} (knows ${migration.replace('.sql', '')})`;

/** Null also before the migration that made the column. */
export async function readOldestCode(client: ClientBase): Promise<string | null> {
  if (!(await knowsOldestCode(client))) return null;
  const { rows } = await client.query<{ oldest: string | null }>(
    'select oldest_code as oldest from platform.deployment',
  );
  return rows[0]?.oldest ?? null;
}

async function knowsOldestCode(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ known: boolean }>(
    `select exists (
       select from pg_catalog.pg_attribute
       where attrelid = pg_catalog.to_regclass('platform.deployment') and attname = 'oldest_code' and not attisdropped
     ) as known`,
  );
  return rows[0]?.known === true;
}

export interface ContractOptions {
  /** The migration of phase contract: 000032.sql. Code that does not know it is older. */
  filename: string;
  /** How long older code may take to go. Milliseconds; 0 refuses at once. */
  waitMs: number;
  progress: (line: string) => void;
}

/**
 * Runs a migration of phase contract when no older code serves, and keeps older code from starting meanwhile and ever after. When it fails, older
 * code may serve again.
 * @throws Failure older_code_serving, with the processes; whatever `migrate` throws
 */
export async function withoutOlderCode(
  client: ClientBase,
  { filename, waitMs, progress }: ContractOptions,
  migrate: () => Promise<void>,
): Promise<void> {
  const before = await readOldestCode(client);
  // First said and then looked, as a process first reports and then reads: one of the two sees the other.
  await setOldestCode(client, filename);
  try {
    await waitForOlderCode(client, { filename, waitMs, progress });
    await migrate();
  } catch (error) {
    await setOldestCode(client, before);
    throw error;
  }
}

export async function setOldestCode(client: ClientBase, filename: string | null): Promise<void> {
  if (!(await knowsOldestCode(client))) return;
  await client.query('update platform.deployment set oldest_code = $1', [filename]);
}

async function waitForOlderCode(
  client: ClientBase,
  { filename, waitMs, progress }: ContractOptions,
): Promise<void> {
  const until = Date.now() + waitMs;
  for (let told = false; ; told = true) {
    const older = (await servingProcesses(client)).filter(({ migration }) => migration < filename);
    if (older.length === 0) return;
    const listed = older.map(describeProcess).join(', ');
    if (Date.now() >= until) {
      throw new Failure(
        'older_code_serving',
        `Migration ${filename.replace('.sql', '')} takes away what older code uses, and older code serves: ${listed}.`,
        'Roll every process to the new version, then run npm run db migrate again; a process that was killed is forgotten after a minute.',
      );
    }
    if (!told) progress(`migration ${filename.replace('.sql', '')} waits for older code to go: ${listed}`);
    await pause(Math.min(500, waitMs));
  }
}
