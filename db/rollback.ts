import { existsSync, readFileSync } from 'node:fs';
import type { Client } from 'pg';
import { explain, Failure } from '../runtime/failure.ts';
import { connectOrExplain } from './connect.ts';
import { describeProcess, servingProcesses, setOldestCode } from './contract-phase.ts';
import { retryForLocks } from './lock-retry.ts';
import { takeMigrateLock } from './migrate.ts';
import { migrationsFolder } from './migration-files.ts';
import { readSettings } from './migration-run.ts';
import type { Migration } from './state.ts';
import {
  committedMigrations,
  databaseState,
  header,
  migrated,
  migratingTo,
  requireCurrent,
} from './state.ts';

/** The way back from one committed migration: migrations/rollbacks/<the same name>. */
export interface Rollback {
  migration: Migration;
  /** What is lost, for people; null when nothing is. */
  loses: string | null;
  sql: string;
}

/**
 * The rollback beside a committed migration. Its head says which migration it undoes (`--! Undoes: <hash>`), and either `--! Loses: nothing` or what.
 * @throws Failure rollback_missing, rollback_of_another
 */
export function readRollback(migration: Migration, folder = migrationsFolder): Rollback {
  const path = `${folder}/rollbacks/${migration.file}`;
  if (!existsSync(path)) {
    throw new Failure(
      'rollback_missing',
      `Migration ${migration.file} has no rollback.`,
      `Write migrations/rollbacks/${migration.file}; npm run db commit writes one for each migration that it commits.`,
    );
  }
  const text = readFileSync(path, 'utf8');
  const [undoes, loses] = [header(text, 'Undoes'), header(text, 'Loses')];
  if (undoes !== migration.hash || !loses) {
    throw new Failure(
      'rollback_of_another',
      `migrations/rollbacks/${migration.file} says that it undoes ${undoes ?? 'nothing'} and loses ${loses ?? '(not said)'}.`,
      `Its head must say "--! Undoes: ${migration.hash}" and "--! Loses: nothing" or what is lost.`,
    );
  }
  return { migration, loses: loses === 'nothing' ? null : loses, sql: text };
}

export interface RollbackOptions {
  /** The last migration to keep: 30, 000030 or 000030.sql. The one before the last when absent; 0 keeps none. */
  to?: string;
  /** Must be set when a rollback loses something. */
  acceptLoss?: boolean;
  onProgress?: (line: string) => void;
  folder?: string;
  pausesS?: readonly number[];
}

/**
 * Undoes migrations, the last first, each in a transaction of its own, with the settings of .gmrc.
 * @param ownerUrl as for migrate
 * @returns files of the migrations that were undone
 * @throws Failure newer_code_serving, rollback_loses, rollback_missing, rollback_of_another, rollback_unknown, rollback_failed, database_...
 */
export async function rollback(ownerUrl: string, options: RollbackOptions = {}): Promise<string[]> {
  const progress = options.onProgress ?? (() => {});
  const client = await connectOrExplain(ownerUrl, 'OWNER_DATABASE_URL');
  try {
    await takeMigrateLock(client, progress);
    const code = committedMigrations(options.folder);
    const standing = await databaseState(client, code);
    // A database that is ahead has migrations whose way back only newer code knows.
    if (standing.state === 'ahead') {
      throw new Failure(
        'database_newer',
        `The database has migration ${standing.at}, whose rollback this code does not have.`,
        'Roll back with the version that made it.',
      );
    }
    if (standing.state !== 'half_migrated' && standing.state !== 'older') requireCurrent(standing);
    const { rows: done } = await client.query<{ hash: string }>(
      'select hash from graphile_migrate.migrations',
    );
    const present = code.filter(({ hash }) => done.some((row) => row.hash === hash));
    const keep = keepOf(options.to, present);
    const undo = present
      .slice(keep)
      .reverse()
      .map((migration) => readRollback(migration, options.folder));
    await requireUnused(client, undo);
    requireAccepted(undo, options.acceptLoss ?? false);
    for (const [name, value] of Object.entries(readSettings()))
      await client.query('select pg_catalog.set_config($1, $2, false)', [name, value]);
    for (const way of undo) await undoOne(client, way, present, options);
    await client.query(`comment on schema graphile_migrate is '${migrated}'`);
    return undo.map(({ migration }) => migration.file);
  } finally {
    await client.end();
  }
}

function keepOf(to: string | undefined, present: readonly Migration[]): number {
  if (to === undefined) return Math.max(0, present.length - 1);
  const number = /^0*(\d+?)(\.sql)?$/.exec(to)?.[1];
  if (number === '0') return 0;
  const index = present.findIndex(
    ({ filename }) => number !== undefined && Number.parseInt(filename, 10) === Number(number),
  );
  if (index < 0) {
    throw new Failure(
      'rollback_unknown',
      `The database has no migration "${to}".`,
      `Name the last one to keep, from 0 to ${present.length}: npm run db status lists them.`,
    );
  }
  return index + 1;
}

/** Code that knows a migration needs it. */
async function requireUnused(client: Client, undo: readonly Rollback[]): Promise<void> {
  const first = undo.at(-1)?.migration.filename;
  if (first === undefined) return;
  const serving = (await servingProcesses(client)).filter(({ migration }) => migration >= first);
  if (serving.length === 0) return;
  throw new Failure(
    'newer_code_serving',
    `Code that needs what would be undone serves: ${serving.map(describeProcess).join(', ')}.`,
    'Roll every process back to the version before, then run this again; a process that was killed is forgotten after a minute.',
  );
}

function requireAccepted(undo: readonly Rollback[], accepted: boolean): void {
  const lossy = undo.filter(({ loses }) => loses !== null);
  if (accepted || lossy.length === 0) return;
  throw new Failure(
    'rollback_loses',
    `What is written since would be lost: ${lossy.map(({ migration, loses }) => `${migration.file} loses ${loses}`).join('; ')}.`,
    'Keep a backup (docs/backup-and-restore.md), then say --accept-loss.',
  );
}

async function undoOne(
  client: Client,
  { migration, sql }: Rollback,
  present: readonly Migration[],
  { onProgress = () => {}, pausesS }: RollbackOptions,
): Promise<void> {
  onProgress(`undoing ${migration.file}`);
  const undo = async (): Promise<void> => {
    try {
      await client.query('begin');
      await client.query(`comment on schema graphile_migrate is '${migratingTo(migration.filename)}'`);
      await client.query(sql);
      await client.query('delete from graphile_migrate.migrations where hash = $1', [migration.hash]);
      const kept = present.slice(0, present.indexOf(migration));
      await setOldestCode(client, kept.findLast(({ phase }) => phase === 'contract')?.filename ?? null);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    }
  };
  try {
    await retryForLocks(undo, {
      pausesS,
      onRetry: (error, seconds) => onProgress(`${migration.file}: ${explain(error)}; again in ${seconds} s`),
    });
  } catch (error) {
    const { detail, where } = error as { detail?: string; where?: string };
    throw new Failure(
      'rollback_failed',
      `The rollback of ${migration.file} failed: ${[explain(error), detail, where].filter(Boolean).join(': ')}.`,
      'Nothing of it was done; those before it were. Mend migrations/rollbacks, and run it again.',
      { cause: error },
    );
  }
}
