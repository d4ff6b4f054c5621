import { readFileSync } from 'node:fs';
import { runMigrations as runWorkerMigrations, Logger as WorkerLogger } from 'graphile-worker';
import type { Client } from 'pg';
import { Failure } from '../runtime/failure.ts';
import { connectOrExplain } from './connect.ts';
import { readOldestCode, setOldestCode, withoutOlderCode } from './contract-phase.ts';
import { draftFiles, migrationsFolder } from './migration-files.ts';
import type { RunOptions } from './migration-run.ts';
import { runMigrations } from './migration-run.ts';
import type { Migration } from './state.ts';
import {
  committedMigrations,
  databaseState,
  migrated,
  migratingTo,
  requireCurrent,
  requireKnown,
} from './state.ts';

// One migrator at a time in a database. graphile-migrate has a lock of its own, but gives up at once.
const MIGRATE_LOCK = 7_100_020;

export interface MigrateOptions {
  /** Also runs the drafts in migrations/current: never in production. */
  drafts: boolean;
  /** Stops before the first migration of phase contract: what a deployment runs before the new code. */
  expandOnly?: boolean;
  /** How long a migration of phase contract waits for older code to go. Milliseconds; default 0. */
  waitMs?: number;
  /** A line for whatever takes over a second, and for each migration that runs. */
  onProgress?: (line: string) => void;
  /** Of migrations; that of this code when absent. For rehearsals and tests. */
  folder?: string;
  /** For tests: pauses between attempts, seconds. */
  pausesS?: readonly number[];
}

/**
 * Brings a database to the state of this code: committed migrations, drafts, graphile-worker's schema, grants, and the
 * catalog check. 100 ms when nothing is to do. Newer migrations that this code can live with are left as they are.
 * @param ownerUrl freehold_owner in the database to migrate, without a pooler between; see prepareCluster
 * @returns names of the committed migrations that were run
 * @throws Failure migration_failed, older_code_serving, contract_in_the_way, violations, database_newer, database_diverged,
 *   connection_pooled, database_unreachable ...
 */
export async function migrate(ownerUrl: string, options: MigrateOptions): Promise<string[]> {
  const progress = options.onProgress ?? (() => {});
  const client = await connectOrExplain(ownerUrl, 'OWNER_DATABASE_URL');
  try {
    await takeMigrateLock(client, progress);
    const folder = options.folder ?? migrationsFolder;
    const code = committedMigrations(folder);
    const before = await databaseState(client, code);
    if (before.state === 'diverged') requireCurrent(before);
    requireKnown(await readOldestCode(client), code);
    if (before.state === 'ahead') {
      progress(`the database is ahead of this code, which can live with it: it has migration ${before.at}`);
      return [];
    }
    const drafts = options.drafts && draftFiles(folder).length > 0;
    const stages = planStages(code, await doneMigrations(client), options.expandOnly ?? false);
    const pending = stages.length > 0 || (before.state !== 'current' && before.state !== 'awaiting_contract');
    if (pending) {
      await client.query('create schema if not exists graphile_migrate');
      // For each stage when it begins: one that is refused has not begun.
      if (stages.length === 0) await mark(client, '000000.sql');
      progress('migrating the database');
    }
    const run = { ownerUrl, progress, folder, pausesS: options.pausesS };
    // Only a migration that came through all of this is over: until then server and worker refuse to start.
    const conclude = async (): Promise<void> => {
      // Also of a fresh database, which waited for nobody.
      const contract = code
        .slice(0, await doneMigrations(client))
        .findLast(({ phase }) => phase === 'contract');
      if (contract) await setOldestCode(client, contract.filename);
      await prepareWorkerSchema(ownerUrl, client);
      await requireNoViolations(client, drafts);
      if (pending) await client.query(`comment on schema graphile_migrate is '${migrated}'`);
    };
    const ran = await runStages(client, stages, {
      ...run,
      code,
      drafts,
      waitMs: options.waitMs ?? 0,
      conclude,
    });
    await conclude();
    return ran;
  } finally {
    await client.end();
  }
}

/** @throws Failure migration_busy, connection_pooled */
export async function takeMigrateLock(client: Client, progress: (line: string) => void): Promise<void> {
  const { rows } = await client.query<{ taken: boolean; process: number }>(
    'select pg_catalog.pg_try_advisory_lock($1) as taken, pg_catalog.pg_backend_pid() as process',
    [MIGRATE_LOCK],
  );
  // A pooler makes up the process that it tells its clients; locks of a session would be lost in it.
  if (rows[0]?.process !== (client as unknown as { processID: number }).processID) {
    throw new Failure(
      'connection_pooled',
      'There is a pooler between this and PostgreSQL: a migration needs one session of its own.',
      'Give OWNER_DATABASE_URL the address of PostgreSQL itself.',
    );
  }
  if (rows[0].taken) return;
  progress('waiting for another migration of this database');
  try {
    await client.query(`set lock_timeout = '10min'`);
    await client.query('select pg_catalog.pg_advisory_lock($1)', [MIGRATE_LOCK]);
    await client.query('reset lock_timeout');
  } catch (error) {
    throw new Failure(
      'migration_busy',
      'Another migration of this database has not ended within ten minutes.',
      'Look for it in pg_stat_activity, then start again.',
      { cause: error },
    );
  }
}

/** Until it is over, code that needs this migration does not start. */
async function mark(client: Client, filename: string): Promise<void> {
  await client.query(`comment on schema graphile_migrate is '${migratingTo(filename)}'`);
}

async function doneMigrations(client: Client): Promise<number> {
  const { rows: known } = await client.query<{ known: boolean }>(
    `select pg_catalog.to_regclass('graphile_migrate.migrations') is not null as known`,
  );
  if (!known[0]?.known) return 0;
  const { rows } = await client.query<{ done: number }>(
    'select pg_catalog.count(*)::int as done from graphile_migrate.migrations',
  );
  return rows[0]?.done ?? 0;
}

/**
 * What is to run, in stages: migrations of phase expand together, one of phase contract alone. A fresh database, which serves nobody, has one
 * stage.
 * @throws Failure contract_in_the_way when `expandOnly` would leave one of phase expand behind one of phase contract
 */
function planStages(code: readonly Migration[], done: number, expandOnly: boolean): Migration[][] {
  if (done === 0) return code.length > 0 ? [[...code]] : [];
  const stages: Migration[][] = [];
  for (const migration of code.slice(done)) {
    const last = stages.at(-1);
    if (migration.phase === 'expand' && last?.[0]?.phase === 'expand') last.push(migration);
    else stages.push([migration]);
  }
  const contract = stages.findIndex(([first]) => first?.phase === 'contract');
  if (!expandOnly || contract < 0) return stages;
  const behind = stages.slice(contract).find(([first]) => first?.phase === 'expand');
  if (behind) {
    throw new Failure(
      'contract_in_the_way',
      `Migration ${behind[0]?.file} (expand) comes after ${stages[contract]?.[0]?.file} (contract), which waits for older code to go.`,
      'Deploy the version that ends with the contract first, whole; or bring the new migration before it while it is a draft.',
    );
  }
  return stages.slice(0, contract);
}

interface StageOptions extends RunOptions {
  code: readonly Migration[];
  waitMs: number;
  /** Says that what was run is over. */
  conclude: () => Promise<void>;
}

async function runStages(
  client: Client,
  stages: readonly Migration[][],
  { code, waitMs, conclude, ...run }: StageOptions,
): Promise<string[]> {
  const ran: string[] = [];
  const until = (stage: readonly Migration[]) => code.slice(0, code.indexOf(stage.at(-1) as Migration) + 1);
  for (const stage of stages) {
    const only = async (): Promise<void> => {
      await mark(client, (stage.findLast((its) => its.phase === 'expand') ?? stage.at(-1))?.filename ?? '');
      ran.push(...(await runMigrations(client, until(stage), { ...run, drafts: false })));
    };
    const { filename = '', phase } = stage[0] ?? {};
    if (stage.length > 1 || phase === 'expand') {
      await only();
      continue;
    }
    // The new code must be able to start while this waits for the old to go, and when it is refused.
    if (ran.length > 0) await conclude();
    await withoutOlderCode(client, { filename, waitMs, progress: run.progress }, only);
  }
  if (run.drafts) ran.push(...(await runMigrations(client, code, run)));
  return ran;
}

/** graphile-worker's own schema, owned by freehold_owner; its login gets grants and no more. */
export async function prepareWorkerSchema(ownerUrl: string, client: Client): Promise<void> {
  await runWorkerMigrations({
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
