/**
 * Vitest's global set-up: one throw-away PostgreSQL for the whole run (or the server of DATABASE_URL), and in it one
 * template database with every migration applied. Test files clone it: see database.ts.
 *
 * The template is kept between runs under the hash of all that it is made from, so a warm start takes 0.3 s.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Client, escapeIdentifier } from 'pg';
import type { TestProject } from 'vitest/node';
import { prepareCluster } from '../../db/cluster.ts';
import { connectOrExplain } from '../../db/connect.ts';
import { startEmbedded } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';
import { withDatabase } from '../../db/urls.ts';
import { serverOf } from '../../runtime/config.ts';
import { serveEventChecks } from './event-check.ts';
import { lockKey, TEMPLATE_LOCK } from './lock.ts';

declare module 'vitest' {
  interface ProvidedContext {
    testCluster: {
      /** Administrator's URL of the maintenance database. */
      adminUrl: string;
      /** Seed of the logins' passwords. */
      secret: string;
      /** Name of the migrated database to clone. */
      template: string;
      /** Where events are looked at: see event-check.ts. */
      eventChecks: string;
    };
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Named in vitest.config.ts as globalSetup. Returns the tear-down. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.DATABASE_URL;
  const server = given
    ? undefined
    : await startEmbedded({
        directory: `${root}/.freehold/test`,
        durable: false,
        settings: { max_connections: '300' },
        onProgress: (line) => console.log(`tests: ${line}`),
      });
  const adminUrl = server?.url ?? withDatabase(given as string, 'postgres');
  // Of the server, not of the run: runs that share a server must agree on the passwords of its logins.
  const secret = process.env.FREEHOLD_ROLE_SECRET ?? (given ? serverOf(given) : new URL(adminUrl).password);
  const admin = await connectOrExplain(adminUrl, 'DATABASE_URL');
  const checks = await serveEventChecks();
  let template: string;
  try {
    template = await ensureTemplate(admin, adminUrl, secret);
    project.provide('testCluster', { adminUrl, secret, template, eventChecks: checks.url });
  } catch (error) {
    await checks.stop();
    await admin.end();
    await server?.stop();
    throw error;
  }
  return async () => {
    await checks.stop();
    await dropLeftovers(admin, template);
    await admin.end();
    await server?.stop();
  };
}

async function ensureTemplate(admin: Client, adminUrl: string, secret: string): Promise<string> {
  const hash = sourcesHash();
  const name = `freehold_template_${hash}`;
  // Held until the run ends: a run with other sources must not drop this template under us.
  await admin.query('select pg_advisory_lock_shared($1, $2)', [TEMPLATE_LOCK, lockKey(name)]);
  await admin.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    if (await exists(admin, name)) {
      await prepareCluster(withDatabase(adminUrl, name), { secret });
      return name;
    }
    const building = `${name}_building`;
    await admin.query(`drop database if exists ${building} with (force)`);
    const urls = await prepareCluster(withDatabase(adminUrl, building), { secret });
    await migrate(urls.owner, { drafts: true, onProgress: (line) => console.log(`tests: ${line}`) });
    // Templates are copied file by file: nobody may be connected, and a rename makes it visible only when whole.
    await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
      building,
    ]);
    await admin.query(`alter database ${building} rename to ${name}`);
    return name;
  } finally {
    await admin.query('select pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
}

/** Everything that decides what the template holds. */
function sourcesHash(): string {
  // It has the partitions of the months from now on.
  const hash = createHash('sha256').update(new Date().toISOString().slice(0, 7));
  for (const folder of ['db', 'migrations/committed', 'migrations/current']) {
    const files = readdirSync(`${root}/${folder}`, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(sql|ts)$/.test(entry.name))
      .map((entry) => `${entry.parentPath}/${entry.name}`)
      .sort();
    for (const file of files)
      hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  for (const name of ['graphile-worker', 'graphile-migrate']) {
    hash.update(readFileSync(`${root}/node_modules/${name}/package.json`));
  }
  return hash.digest('hex').slice(0, 12);
}

/** Databases of killed runs, and templates of sources that are gone. Those of a run at work are left alone. */
async function dropLeftovers(admin: Client, template: string): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    `select datname as name from pg_database d
      where datname ~ '^freehold_(test|template)_' and datname <> $1
        and not exists (select from pg_stat_activity a where a.datname = d.datname)`,
    [template],
  );
  for (const { name } of rows) {
    const { rows: locked } = await admin.query<{ free: boolean }>(
      'select pg_try_advisory_lock($1, $2) as free',
      [TEMPLATE_LOCK, lockKey(name)],
    );
    if (!locked[0]?.free) continue;
    await admin.query(`drop database if exists ${escapeIdentifier(name)}`).catch(() => {});
    await admin.query('select pg_advisory_unlock($1, $2)', [TEMPLATE_LOCK, lockKey(name)]);
  }
}

async function exists(admin: Client, name: string): Promise<boolean> {
  const { rowCount } = await admin.query('select from pg_database where datname = $1', [name]);
  return Boolean(rowCount);
}
