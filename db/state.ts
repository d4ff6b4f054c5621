import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ClientBase, Pool } from 'pg';
import { Failure } from '../runtime/failure.ts';

export const migrationsFolder = fileURLToPath(new URL('../migrations', import.meta.url));

/** Comment of schema graphile_migrate while a migration runs, and after one that failed. */
export const migrating = 'Freehold: a migration is running, or has failed.';
export const migrated = 'Freehold: migrated.';

/** A committed migration: name as graphile-migrate records it (000001.sql), and its hash. */
export interface Migration {
  filename: string;
  hash: string;
}

/** The migrations that this code was built for, oldest first. */
export function committedMigrations(folder = migrationsFolder): Migration[] {
  // git keeps no empty folder: before the first commit there is none.
  if (!existsSync(`${folder}/committed`)) return [];
  return readdirSync(`${folder}/committed`)
    .map((name) => /^(\d+)(-[-\w]*)?\.sql$/.exec(name))
    .filter((match) => match !== null)
    .map((match) => {
      const header = /^--! Hash: (\S+)$/m.exec(readFileSync(`${folder}/committed/${match[0]}`, 'utf8'));
      return { filename: `${match[1]}.sql`, hash: header?.[1] ?? '' };
    })
    .sort((a, b) => a.filename.localeCompare(b.filename, 'en'));
}

export type DatabaseState = 'current' | 'empty' | 'older' | 'newer' | 'diverged' | 'half_migrated';

/** How the database stands to `code`, and the migration that shows it. Needs select on graphile_migrate.migrations. */
export async function databaseState(
  client: ClientBase | Pool,
  code: readonly Migration[],
): Promise<{ state: DatabaseState; at?: string }> {
  const { rows } = await client.query<{ known: boolean; entities: boolean; comment: string | null }>(
    `select pg_catalog.to_regclass('graphile_migrate.migrations') is not null as known,
            pg_catalog.to_regnamespace('app') is not null as entities,
            pg_catalog.obj_description(pg_catalog.to_regnamespace('graphile_migrate')::oid, 'pg_namespace') as comment`,
  );
  const { known = false, entities = false, comment = null } = rows[0] ?? {};
  if (comment === migrating) return { state: 'half_migrated' };
  if (!known) return { state: 'empty' };
  const { rows: done } = await client.query<Migration>(
    'select filename, hash from graphile_migrate.migrations order by filename',
  );
  const parted = done.find((migration, index) => code[index] && code[index].hash !== migration.hash);
  if (parted) return { state: 'diverged', at: parted.filename };
  const [extra, pending] = [done[code.length], code[done.length]];
  if (extra) return { state: 'newer', at: extra.filename };
  if (pending) return { state: done.length === 0 ? 'empty' : 'older', at: pending.filename };
  return { state: entities ? 'current' : 'empty' };
}

const migrateFirst = 'Run npm run db migrate, then start again.';

/** @throws Failure database_<state> for every state in which this code must not run */
export function requireCurrent({ state, at }: { state: DatabaseState; at?: string }): void {
  switch (state) {
    case 'current':
      return;
    case 'empty':
      throw new Failure('database_not_migrated', 'The database has not been migrated.', migrateFirst);
    case 'older':
      throw new Failure(
        'database_older',
        `The database is older than this code: migration ${at} is missing.`,
        migrateFirst,
      );
    case 'newer':
      throw new Failure(
        'database_newer',
        `The database is newer than this code: it has migration ${at}, which this code does not know.`,
        'Deploy the version that made it, or a later one.',
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
