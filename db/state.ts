import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { ClientBase, Pool } from 'pg';
import { Failure } from '../runtime/failure.ts';
import { committedFiles, migrationsFolder } from './migration-files.ts';

/**
 * `expand` is what code before it can live with, and runs before the new code; `contract` takes away what older code uses, and runs when none
 * serves any more. A header of the file says so (`--! Phase: contract`); without, a migration is of the phase expand.
 */
export type Phase = 'expand' | 'contract';

/** A committed migration: name as graphile-migrate records it (000001.sql), its hash, its file and its phase. */
export interface Migration {
  filename: string;
  hash: string;
  file: string;
  phase: Phase;
}

/** The migrations that this code was built for, oldest first. @throws Failure migration_phase for an unknown phase */
export function committedMigrations(folder = migrationsFolder): Migration[] {
  return committedFiles(folder).map((path) => {
    const text = readFileSync(path, 'utf8');
    const file = basename(path);
    const [number] = file.split(/[-.]/);
    return {
      filename: `${number}.sql`,
      hash: header(text, 'Hash') ?? '',
      file,
      phase: phaseOf(file, text),
    };
  });
}

/** A line `--! Name: value` at the head of a migration or of its rollback. */
export function header(text: string, name: string): string | undefined {
  const head = /^(?:--! .*\n)*/.exec(text)?.[0] ?? '';
  return new RegExp(`^--! ${name}: *(.*?) *$`, 'm').exec(head)?.[1];
}

function phaseOf(file: string, text: string): Phase {
  const phase = header(text, 'Phase') ?? 'expand';
  if (phase === 'expand' || phase === 'contract') return phase;
  throw new Failure(
    'migration_phase',
    `Migration ${file} is of phase "${phase}".`,
    'Phases are expand and contract.',
  );
}

/** Comment of schema graphile_migrate from the beginning of a migration to its end, also when it failed. */
export const migratingTo = (filename: string): string =>
  `Freehold: a migration to ${filename} is running, or has failed.`;
export const migrated = 'Freehold: migrated.';

export type DatabaseState =
  /** Just what this code was built for. */
  | 'current'
  /** Migrations of newer code, which this code can live with. */
  | 'ahead'
  /** All but migrations of phase contract, which wait for older code to go. */
  | 'awaiting_contract'
  | 'empty'
  | 'older'
  | 'diverged'
  | 'half_migrated';

export interface Standing {
  state: DatabaseState;
  /** The migration that shows it. */
  at?: string;
}

interface Found {
  known: boolean;
  entities: boolean;
  comment: string | null;
}

/** How the database stands to `code`. Needs select on graphile_migrate.migrations. What newer code took away, oldest_code says: requireKnown. */
export async function databaseState(
  client: ClientBase | Pool,
  code: readonly Pick<Migration, 'filename' | 'hash' | 'phase'>[],
): Promise<Standing> {
  const { rows } = await client.query<Found>(
    `select pg_catalog.to_regclass('graphile_migrate.migrations') is not null as known,
            pg_catalog.to_regnamespace('app') is not null as entities,
            pg_catalog.obj_description(pg_catalog.to_regnamespace('graphile_migrate')::oid, 'pg_namespace') as comment`,
  );
  const { known = false, entities = false, comment = null } = rows[0] ?? {};
  const target = /^Freehold: a migration to (\S+) is running/.exec(comment ?? '')?.[1];
  // Of a migration of phase contract that runs, waits or failed, code that knows it needs nothing.
  const needed = code.findLast(({ phase }) => phase === 'expand')?.filename ?? '';
  if (!known) return { state: target ? 'half_migrated' : 'empty' };
  const { rows: done } = await client.query<{ filename: string; hash: string }>(
    'select filename, hash from graphile_migrate.migrations order by filename',
  );
  const parted = done.find((migration, index) => code[index] && code[index].hash !== migration.hash);
  if (parted) return { state: 'diverged', at: parted.filename };
  const [extra, pending] = [done[code.length], code.slice(done.length)];
  if (extra) return { state: 'ahead', at: extra.filename };
  // A migration beyond what this code knows leaves it what it needs; one of its own must have come through.
  if (target && target <= needed) return { state: 'half_migrated' };
  if (done.length === 0 || !entities)
    return { state: 'empty', ...(pending[0] && { at: pending[0].filename }) };
  const missing = pending.find(({ phase }) => phase === 'expand');
  if (missing) return { state: 'older', at: missing.filename };
  return pending[0] ? { state: 'awaiting_contract', at: pending[0].filename } : { state: 'current' };
}

/**
 * @param oldestCode the last migration that took something away, or null: platform.deployment, platform.report_serving()
 * @throws Failure database_newer when `code` does not know it
 */
export function requireKnown(oldestCode: string | null, code: readonly Pick<Migration, 'filename'>[]): void {
  if (oldestCode === null || oldestCode <= (code.at(-1)?.filename ?? '')) return;
  throw new Failure(
    'database_newer',
    `The database is newer than this code: migration ${oldestCode}, which this code does not know, took away what it uses.`,
    'Deploy the version that made it, or a later one.',
  );
}

const migrateFirst = 'Run npm run db migrate, then start again.';

/** @throws Failure database_<state> for every state in which this code must not run */
export function requireCurrent({ state, at }: Standing): void {
  switch (state) {
    case 'current':
    case 'ahead':
    case 'awaiting_contract':
      return;
    case 'empty':
      throw new Failure('database_not_migrated', 'The database has not been migrated.', migrateFirst);
    case 'older':
      throw new Failure(
        'database_older',
        `The database is older than this code: migration ${at} is missing.`,
        migrateFirst,
      );
    case 'diverged':
      throw new Failure(
        'database_diverged',
        `The database was migrated by another history: its migration ${at} is not the one of this code.`,
        'Check DATABASE_URL and the branch; a development database may be begun anew with npm run db reset.',
      );
    case 'half_migrated':
      throw new Failure(
        'database_half_migrated',
        'The database is half migrated: a migration is running, or one has failed.',
        'Wait for it; if none runs, run npm run db migrate and mend what it reports.',
      );
  }
}
