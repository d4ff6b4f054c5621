import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { current, Logger, migrate as migrateCommitted } from 'graphile-migrate';
import type { Client } from 'pg';
import { explain, Failure } from '../runtime/failure.ts';
import { retryForLocks } from './lock-retry.ts';
import { closePools, forMigrations } from './pools.ts';
import type { Migration } from './state.ts';

export interface RunOptions {
  ownerUrl: string;
  /** Of migrations. */
  folder: string;
  /** With the drafts in migrations/current. */
  drafts: boolean;
  progress: (line: string) => void;
  /** For tests; seconds. */
  pausesS?: readonly number[] | undefined;
}

/**
 * Runs those of `migrations` that the database lacks, each in a transaction of its own, with the settings of .gmrc. A migration that does not get
 * its locks within lock_timeout gives way to everybody who waits behind it, and is tried again as a whole after a growing pause.
 * @param client as freehold_owner, to see when the connections are gone
 * @returns names of the migrations that were run
 * @throws Failure migration_failed
 */
export async function runMigrations(
  client: Client,
  migrations: readonly Migration[],
  options: RunOptions,
): Promise<string[]> {
  const ran: string[] = [];
  let failed: Failed | undefined;
  let attempts = 0;
  const run = async (): Promise<void> => {
    attempts += 1;
    failed = await runOnce(client, migrations, options, ran);
    if (failed) throw failed.error;
  };
  try {
    await retryForLocks(run, {
      pausesS: options.pausesS,
      async onRetry(error, seconds, attempt) {
        options.progress(
          `${failed?.where} did not get its locks (${explain(error)}): again in ${seconds} s, attempt ${attempt}`,
        );
        // The one that failed is run again.
        if (failed?.name) ran.splice(ran.indexOf(failed.name), 1);
        await dropInvalidIndexes(client, options.progress);
      },
    });
    return ran;
  } catch (error) {
    throw failed ? migrationFailed(failed, attempts, options) : error;
  }
}

interface Failed {
  error: unknown;
  where: string;
  name: string | undefined;
  details: string[];
}

async function runOnce(
  client: Client,
  migrations: readonly Migration[],
  { ownerUrl, folder: whole, drafts, progress }: RunOptions,
  ran: string[],
): Promise<Failed | undefined> {
  const details: string[] = [];
  let begun: string | undefined;
  const logger = new Logger(() => (level, message) => {
    const name = /Running migration '([^']+)'/.exec(message)?.[1];
    if (name) {
      begun = name;
      ran.push(name);
      progress(`migration ${name}`);
    }
    if (level === 'error') details.push(message);
  });
  const { folder, remove } = drafts ? { folder: whole, remove: () => {} } : folderOf(whole, migrations);
  const settings = {
    pgSettings: readSettings(),
    migrationsFolder: folder,
    connectionString: forMigrations(ownerUrl),
    logger,
  };
  try {
    await (drafts ? current(settings) : migrateCommitted(settings));
    return undefined;
  } catch (error) {
    const where = begun ? `Migration ${begun}` : drafts ? 'A draft in migrations/current' : 'The migration';
    return { error, where, name: begun, details };
  } finally {
    await closePools(client);
    remove();
  }
}

/** graphile-migrate runs all that a folder holds: one with just these. */
function folderOf(whole: string, migrations: readonly Migration[]): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'freehold-migrations-'));
  mkdirSync(join(folder, 'committed'));
  for (const { file } of migrations)
    symlinkSync(join(whole, 'committed', file), join(folder, 'committed', file));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Of .gmrc without its hooks and comments: db/migrate.ts runs the same check itself, every time. */
export function readSettings(): Record<string, string> {
  const file = JSON.parse(readFileSync(new URL('../.gmrc', import.meta.url), 'utf8')) as {
    pgSettings: Record<string, string>;
  };
  return file.pgSettings;
}

function migrationFailed({ error, where, details }: Failed, attempts: number, options: RunOptions): Failure {
  if (details.length > 0) options.progress(details.join('\n'));
  const reason = [explain(error), (error as { detail?: string }).detail].filter(Boolean).join(': ');
  return new Failure(
    'migration_failed',
    `${where} failed${attempts > 1 ? ` ${attempts} times` : ''}: ${reason.replace(/\.$/, '')}.`,
    // A development database that ran a draft cannot run it again under its committed name.
    options.drafts
      ? 'Nothing of it was kept: mend it, or begin a development database anew with npm run db reset.'
      : 'Nothing of it was kept: mend it and run npm run db migrate again.',
    { cause: error },
  );
}

/**
 * What a CREATE INDEX CONCURRENTLY leaves that failed: an index that every write pays for and no query uses, and whose name is taken. Those that
 * are being built are left alone.
 */
async function dropInvalidIndexes(client: Client, progress: (line: string) => void): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select i.indexrelid::pg_catalog.regclass::text as name
       from pg_catalog.pg_index i
       join pg_catalog.pg_class c on c.oid = i.indexrelid
      where not i.indisvalid
        and c.relkind = 'i'
        and pg_catalog.pg_has_role(c.relowner, 'usage')
        and not exists (select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = i.indexrelid)`,
  );
  for (const { name } of rows) {
    progress(`index ${name} is invalid: it is dropped before the next attempt`);
    await client.query(`drop index concurrently if exists ${name}`);
  }
}
