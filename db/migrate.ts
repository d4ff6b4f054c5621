import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { current, Logger, migrate as migrateCommitted } from 'graphile-migrate';
import { runMigrations, Logger as WorkerLogger } from 'graphile-worker';
import type { Client } from 'pg';
import { explain, Failure } from '../runtime/failure.ts';
import { connectOrExplain } from './connect.ts';
import { closePools, forMigrations } from './pools.ts';
import {
  committedMigrations,
  databaseState,
  migrated,
  migrating,
  migrationsFolder,
  requireCurrent,
} from './state.ts';

// One migrator at a time in a database. graphile-migrate has a lock of its own, but gives up at once.
const MIGRATE_LOCK = 7_100_020;

export interface MigrateOptions {
  /** Also runs the drafts in migrations/current: never in production. */
  drafts: boolean;
  /** A line for whatever takes over a second, and for each migration that runs. */
  onProgress?: (line: string) => void;
}

/**
 * Brings a database to the state of this code: committed migrations, drafts, graphile-worker's schema, grants, and the
 * catalog check. 100 ms when nothing is to do.
 * @param ownerUrl freehold_owner in the database to migrate; see prepareCluster
 * @returns names of the committed migrations that were run
 * @throws Failure migration_failed, violations, database_newer, database_diverged, database_unreachable ...
 */
export async function migrate(ownerUrl: string, options: MigrateOptions): Promise<string[]> {
  const progress = options.onProgress ?? (() => {});
  const client = await connectOrExplain(ownerUrl, 'OWNER_DATABASE_URL');
  try {
    await takeLock(client, progress);
    const code = committedMigrations();
    const before = await databaseState(client, code);
    if (before.state === 'newer' || before.state === 'diverged') requireCurrent(before);
    const pending = before.state !== 'current';
    if (pending) {
      await client.query('create schema if not exists graphile_migrate');
      await client.query(`comment on schema graphile_migrate is '${migrating}'`);
      progress('migrating the database');
    }
    const ran = await runMigrationFiles(client, ownerUrl, options.drafts, progress);
    await prepareWorkerSchema(ownerUrl, client);
    await requireNoViolations(client, options.drafts && hasDrafts());
    // Only a migration that came through all of this is over: until then server and worker refuse to start.
    if (pending) await client.query(`comment on schema graphile_migrate is '${migrated}'`);
    return ran;
  } finally {
    await client.end();
  }
}

async function takeLock(client: Client, progress: (line: string) => void): Promise<void> {
  const { rows } = await client.query<{ taken: boolean }>(
    'select pg_catalog.pg_try_advisory_lock($1) as taken',
    [MIGRATE_LOCK],
  );
  if (rows[0]?.taken) return;
  progress('waiting for another migration of this database');
  try {
    await client.query(`set lock_timeout = '10min'`);
    await client.query('select pg_catalog.pg_advisory_lock($1)', [MIGRATE_LOCK]);
  } catch (error) {
    throw new Failure(
      'migration_busy',
      'Another migration of this database has not ended within ten minutes.',
      'Look for it in pg_stat_activity, then start again.',
      { cause: error },
    );
  }
}

async function runMigrationFiles(
  client: Client,
  ownerUrl: string,
  development: boolean,
  progress: (line: string) => void,
): Promise<string[]> {
  const drafts = development && hasDrafts();
  const ran: string[] = [];
  const details: string[] = [];
  const logger = new Logger(() => (level, message) => {
    const name = /Running migration '([^']+)'/.exec(message)?.[1];
    if (name) {
      ran.push(name);
      progress(`migration ${name}`);
    }
    if (level === 'error') details.push(message);
  });
  const settings = { ...readSettings(), connectionString: forMigrations(ownerUrl), logger };
  try {
    await (drafts ? current(settings) : migrateCommitted(settings));
  } catch (error) {
    const where =
      ran.length > 0 ? `Migration ${ran.at(-1)}` : drafts ? 'A draft in migrations/current' : 'The migration';
    if (details.length > 0) progress(details.join('\n'));
    throw new Failure(
      'migration_failed',
      `${where} failed: ${[explain(error), (error as { detail?: string }).detail].filter(Boolean).join(': ').replace(/\.$/, '')}.`,
      // A development database that ran a draft cannot run it again under its committed name.
      development
        ? 'Nothing of it was kept: mend it, or begin a development database anew with npm run db reset.'
        : 'Nothing of it was kept: mend it and run npm run db migrate again.',
      { cause: error },
    );
  } finally {
    await closePools(client);
  }
  return ran;
}

/** Settings of .gmrc without its hooks and comments: this module runs the same check itself, every time. */
function readSettings(): { migrationsFolder: string; pgSettings: Record<string, string> } {
  const file = JSON.parse(readFileSync(new URL('../.gmrc', import.meta.url), 'utf8')) as {
    pgSettings: Record<string, string>;
  };
  return { migrationsFolder, pgSettings: file.pgSettings };
}

function hasDrafts(): boolean {
  const folder = `${migrationsFolder}/current`;
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.sql'));
}

/** graphile-worker's own schema, owned by freehold_owner; its login gets grants and no more. */
async function prepareWorkerSchema(ownerUrl: string, client: Client): Promise<void> {
  await runMigrations({
    connectionString: ownerUrl,
    maxPoolSize: 1,
    logger: new WorkerLogger(() => () => {}),
  });
  await client.query(readFileSync(new URL('./roles/worker-grants.sql', import.meta.url), 'utf8'));
}

/** The proof by catalog: every rule that the database breaks, one line each. */
async function requireNoViolations(client: Client, drafts: boolean): Promise<void> {
  const { rows: known } = await client.query<{ known: boolean }>(
    `select pg_catalog.to_regprocedure('platform.violations()') is not null as known`,
  );
  if (!known[0]?.known) return;
  const { rows } = await client.query<Record<string, unknown>>('select * from platform.violations()');
  if (rows.length === 0) return;
  const lines = rows.map((row) => Object.values(row).filter(Boolean).join(' | '));
  throw new Failure(
    'violations',
    `The database breaks ${rows.length === 1 ? 'a rule' : `${rows.length} rules`} of Freehold: ${lines.join('; ')}.`,
    drafts
      ? 'Mend the draft, and begin the development database anew: npm run db reset.'
      : 'Mend the migration: see platform.violations().',
  );
}
