import type { Config } from '../../runtime/config.ts';
import { explain, Failure } from '../../runtime/failure.ts';
import { connected, connectOrExplain } from '../connect.ts';
import { describeProcess, readOldestCode, servingProcesses } from '../contract-phase.ts';
import { migrate } from '../migrate.ts';
import { openDatabase } from '../open.ts';
import { readRollback, rollback } from '../rollback.ts';
import type { Migration } from '../state.ts';
import { committedMigrations, databaseState, requireCurrent } from '../state.ts';
import { readArguments } from './arguments.ts';

/* npm run db migrate, status and rollback: what an operator does to a database. */

const say = (line: string) => console.log(line);

/** Roles and database may have been prepared by an administrator, whose URL is not needed to migrate. */
async function withOwner(config: Config, work: (ownerUrl: string) => Promise<void>): Promise<void> {
  if (config.database.owner && !config.database.admin) {
    await work(config.database.owner);
    return;
  }
  const database = await openDatabase(config, { onProgress: say });
  try {
    await work(database.urls.owner);
  } finally {
    await database.close();
  }
}

export async function migrateDatabase(config: Config, args: string[] = []): Promise<void> {
  const { values } = readArguments(
    args,
    { options: { expand: { type: 'boolean', default: false }, wait: { type: 'string', default: '0' } } },
    'npm run db -- migrate [--expand] [--wait SECONDS].',
  );
  const waitMs = Number(values.wait) * 1_000;
  if (!(waitMs >= 0)) throw new Failure('usage', `--wait ${values.wait} is no time.`, 'Give seconds.');
  await withOwner(config, async (ownerUrl) => {
    const drafts = !config.production;
    const ran = await migrate(ownerUrl, { drafts, expandOnly: values.expand, waitMs, onProgress: say });
    if (config.production) await noteProduction(ownerUrl);
    say(
      ran.length === 0
        ? 'The database is up to date.'
        : `The database is up to date: ${ran.length} migrations run.`,
    );
    const waiting = values.expand ? await pendingMigrations(ownerUrl) : [];
    for (const { file } of waiting)
      say(`${file} waits until no older code serves: then run npm run db migrate.`);
  });
}

/** Its API keys begin with fh_live_ from then on (platform.key_prefix). */
async function noteProduction(ownerUrl: string): Promise<void> {
  await connected(
    ownerUrl,
    (owner) => owner.query('update platform.deployment set production = true'),
    'OWNER_DATABASE_URL',
  );
}

async function pendingMigrations(ownerUrl: string): Promise<Migration[]> {
  const owner = await connectOrExplain(ownerUrl, 'OWNER_DATABASE_URL');
  try {
    const { rows } = await owner.query<{ hash: string }>('select hash from graphile_migrate.migrations');
    return committedMigrations().filter(({ hash }) => !rows.some((row) => row.hash === hash));
  } finally {
    await owner.end();
  }
}

export async function showStatus(config: Config, args: string[] = []): Promise<void> {
  readArguments(args, {}, 'npm run db status.');
  await withOwner(config, async (ownerUrl) => {
    const client = await connectOrExplain(ownerUrl, 'OWNER_DATABASE_URL');
    try {
      const code = committedMigrations();
      const standing = await databaseState(client, code);
      const { rows } =
        standing.state === 'empty'
          ? { rows: [] }
          : await client.query<{ filename: string; hash: string; date: Date }>(
              'select filename, hash, date from graphile_migrate.migrations order by filename',
            );
      for (const migration of code) say(migrationLine(migration, rows));
      const beyond = rows.filter(({ filename }) => filename > (code.at(-1)?.filename ?? ''));
      for (const { filename, date } of beyond)
        say(`${filename.padEnd(44)} run ${date.toISOString()}  of newer code`);
      say('');
      for (const process of await servingProcesses(client)) say(`serving: ${describeProcess(process)}`);
      const oldest = await readOldestCode(client);
      if (oldest) say(`code that does not know ${oldest} must not serve`);
      say(standingLine(standing.state));
      requireCurrent(standing);
    } finally {
      await client.end();
    }
  });
}

function migrationLine(
  migration: Migration,
  done: readonly { filename: string; hash: string; date: Date }[],
): string {
  const row = done.find(({ filename }) => filename === migration.filename);
  const state = row ? `run ${row.date.toISOString()}` : 'pending';
  const differs = row && row.hash !== migration.hash ? '  IS ANOTHER' : '';
  const phase = migration.phase === 'contract' ? '  contract' : '';
  return `${migration.file.padEnd(44)} ${state}${phase}${differs}  rollback ${lossOf(migration)}`;
}

function lossOf(migration: Migration): string {
  try {
    return `loses ${readRollback(migration).loses ?? 'nothing'}`;
  } catch (error) {
    return error instanceof Failure ? 'missing' : explain(error);
  }
}

function standingLine(state: string): string {
  const said: Record<string, string> = {
    current: 'The database is what this code was built for.',
    ahead: 'The database is ahead of this code, which can live with it.',
    awaiting_contract: 'The database is what this code needs; a migration waits for older code to go.',
  };
  return said[state] ?? '';
}

export async function rollbackDatabase(config: Config, args: string[] = []): Promise<void> {
  const { values } = readArguments(
    args,
    { options: { to: { type: 'string' }, 'accept-loss': { type: 'boolean', default: false } } },
    'npm run db -- rollback [--to NNNNNN] [--accept-loss].',
  );
  await withOwner(config, async (ownerUrl) => {
    const undone = await rollback(ownerUrl, {
      ...(values.to !== undefined && { to: values.to }),
      acceptLoss: values['accept-loss'],
      onProgress: say,
    });
    say(undone.length === 0 ? 'There is nothing to undo.' : `${undone.length} migrations are undone.`);
  });
}
