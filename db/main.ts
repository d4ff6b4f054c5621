import { writeFileSync } from 'node:fs';
import { escapeIdentifier } from 'pg';
import type { Config } from '../runtime/config.ts';
import { loadConfig } from '../runtime/config.ts';
import { explain, Failure } from '../runtime/failure.ts';
import { exportOneTenant, importOneTenant, verifyDatabase } from './backup/commands.ts';
import { migrateDatabase, rollbackDatabase, showStatus } from './cli/migrations.ts';
import { commitDrafts } from './commit.ts';
import { connected, connectOrExplain } from './connect.ts';
import { dumpSchema } from './dump.ts';
import { lintMigrations } from './lint.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './open.ts';
import { generatedPages } from './pages.ts';
import { withScratchDatabase } from './scratch.ts';
import { seed } from './seed.ts';
import { databaseOf, withDatabase } from './urls.ts';

const usage = `npm run db <command>
  migrate   brings the database to the state of this code (production: OWNER_DATABASE_URL)
            --expand: only what code before it can live with; --wait SECONDS: for older code to go
  status    migrations, done and pending, and which code serves
  rollback  undoes the last migration: --to 000030, --accept-loss
  verify    proves that a database, such as a restored one, is whole, and compares it with what another held
  export-tenant, import-tenant
            write one tenant to a directory, and put it back (docs/backup-and-restore.md)

 of drafts in migrations/current:
  new-entity NAME
            writes the files of an entity: draft, declaration, tests, changelog (docs/extending.md)
  lint      [files] says what a serving database would not bear in the drafts, or in these files: it reads them,
            and runs them on a populated copy (not with --static); --rules lists what it knows
  rehearse  runs migrations at the volume of production, under traffic, and tells who would wait (docs/rehearsal.md)
  commit    makes each draft a committed migration, drafts its rollback, and dumps

 of a development database:
  reset     drops it, and makes and migrates it anew
  seed      writes the development data of npm start, and prints the keys of its tenants
  dump      writes db/schema.sql, docs/events.md and the lifecycles in docs/architecture.md, from a fresh database with every migration
  urls      prints the URL of each login, for psql`;

const say = (line: string) => console.log(line);

function refuseInProduction(config: Config, reason: string): void {
  if (config.production) throw new Failure('refused', reason, 'Unset NODE_ENV for a development database.');
}

/** Whoever has the URL of a distant server at hand may not mean to drop what it names. */
function requireNear(config: Config): void {
  if (!config.database.admin) return;
  const { hostname } = new URL(config.database.admin);
  const name = databaseOf(config.database.admin);
  if (['localhost', '127.0.0.1', '[::1]'].includes(hostname) || process.argv[3] === name) return;
  throw new Failure(
    'refused',
    `Database "${name}" is on ${hostname}, and a reset drops it with all that it holds.`,
    `If you mean it: npm run db reset ${name}.`,
  );
}

async function resetDatabase(config: Config): Promise<void> {
  refuseInProduction(config, 'A production database is never reset.');
  requireNear(config);
  const database = await openDatabase(config, { onProgress: say });
  try {
    const name = databaseOf(database.adminUrl);
    const admin = await connectOrExplain(withDatabase(database.adminUrl, 'postgres'), 'DATABASE_URL');
    await admin
      .query(`drop database if exists ${escapeIdentifier(name)} with (force)`)
      .finally(() => admin.end());
    const fresh = await openDatabase(config, { onProgress: say });
    await migrateDatabase(config).finally(() => fresh.close());
  } finally {
    await database.close();
  }
}

async function seedDatabase(config: Config): Promise<void> {
  refuseInProduction(config, 'A production database is not filled with development data.');
  const database = await openDatabase(config, { onProgress: say });
  try {
    for (const { name, apiKey } of await seed(database.urls.owner, config.secretKey.toString('hex')))
      say(`${name.padEnd(9)}  ${apiKey}`);
  } finally {
    await database.close();
  }
}

async function printUrls(config: Config): Promise<void> {
  const database = await openDatabase(config, { onProgress: (line) => console.error(line) });
  say(`admin   ${database.adminUrl}`);
  for (const [login, url] of Object.entries(database.urls)) say(`${login.padEnd(7)} ${url}`);
  await database.close();
}

async function commitAll(config: Config): Promise<void> {
  const { made, seen } = await commitDrafts(config, readDump);
  say(
    made.length === 0
      ? 'There are no drafts in migrations/current.'
      : made.map((name) => `committed ${name}; review migrations/rollbacks/${name}`).join('\n'),
  );
  if (!seen) return;
  writeDump(seen);
  say('The development database still holds the drafts: npm run db reset begins anew.');
}

async function lint(config: Config, args: string[]): Promise<void> {
  if (!(await lintMigrations(config, args))) process.exitCode = 1;
}

async function readDump(adminUrl: string) {
  return await connected(adminUrl, async (client) => ({
    schema: await dumpSchema(client),
    pages: await generatedPages(client),
  }));
}

async function dump(config: Config): Promise<void> {
  const seen = await withScratchDatabase(config, async ({ adminUrl, urls }) => {
    await migrate(urls.owner, { drafts: true });
    return readDump(adminUrl);
  });
  writeDump(seen);
}

function writeDump({ schema, pages }: Awaited<ReturnType<typeof readDump>>): void {
  writeFileSync(new URL('schema.sql', import.meta.url), schema);
  for (const { url, text } of pages) writeFileSync(url, text);
  say('db/schema.sql, docs/events.md and the lifecycles in docs/architecture.md are written.');
}

const commands: Record<string, (config: Config, args: string[]) => Promise<void>> = {
  migrate: migrateDatabase,
  status: showStatus,
  rollback: rollbackDatabase,
  verify: verifyDatabase,
  'export-tenant': exportOneTenant,
  'import-tenant': importOneTenant,
  'new-entity': async (_, args) => (await import('./new-entity/command.ts')).newEntity(args),
  lint,
  // only when asked for: it reads SQL with a devDependency
  rehearse: async (config, args) => (await import('./rehearsal/main.ts')).rehearseCommand(config, args),
  commit: commitAll,
  reset: resetDatabase,
  seed: seedDatabase,
  dump,
  urls: printUrls,
};

const name = process.argv[2] ?? '';
const command = commands[name];
if (!command) {
  console.error(usage);
  process.exitCode = 2;
} else {
  // Keys of the development data follow from FREEHOLD_SECRET_KEY, which migrations do without.
  await command(loadConfig(name === 'seed' ? 'seed' : 'migrate'), process.argv.slice(3)).catch(
    (error: unknown) => {
      console.error(explain(error));
      process.exitCode = 1;
    },
  );
}
