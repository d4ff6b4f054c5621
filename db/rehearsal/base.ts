import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Client } from 'pg';
import { prepareCluster } from '../cluster.ts';
import { connected } from '../connect.ts';
import { prepareWorkerSchema } from '../migrate.ts';
import { runMigrations } from '../migration-run.ts';
import { committedMigrations } from '../state.ts';
import { withDatabase } from '../urls.ts';
import { generate } from './generate.ts';
import type { Place } from './place.ts';
import { databaseExists, dropDatabase } from './place.ts';
import type { Profile } from './profile.ts';

/**
 * A database with the schema of these committed migrations and the data of the profile. It is kept, and found again by the hash of what
 * it was made from; one whose making was interrupted is continued.
 * @returns its name; nobody is connected to it
 */
export async function ensureBase(
  place: Place,
  admin: Client,
  committed: readonly string[],
  profile: Profile,
  say: (line: string) => void,
): Promise<string> {
  const name = baseName(committed, profile);
  const adminUrl = withDatabase(place.adminUrl, name);
  if ((await databaseExists(admin, name)) && !(await isBegun(adminUrl))) await dropDatabase(admin, name);
  if (!(await databaseExists(admin, name))) {
    say(`${name}: migrating to ${basename(committed.at(-1) ?? 'nothing')}`);
    const urls = await prepareCluster(adminUrl, place.roles);
    try {
      await migrateTo(committed, urls.owner);
    } catch (error) {
      await dropDatabase(admin, name);
      throw error;
    }
  } else {
    // passwords of the logins follow the secret of whoever came last
    await prepareCluster(adminUrl, place.roles);
  }
  await generate(adminUrl, profile, say);
  return name;
}

/** The generator is part of what a base is made from. */
function baseName(committed: readonly string[], profile: Profile): string {
  const { tenants, skew, days, rows, deliveriesPerEvent, batchRows } = profile;
  const hash = createHash('sha256').update(
    JSON.stringify({ tenants, skew, days, rows, deliveriesPerEvent, batchRows }),
  );
  for (const path of committed) hash.update(basename(path)).update('\0').update(readFileSync(path));
  for (const file of ['steps.ts', 'rows.ts', 'generate.ts'])
    hash.update(readFileSync(new URL(file, import.meta.url)));
  return `freehold_rehearsal_${hash.digest('hex').slice(0, 12)}`;
}

/** Whether a database of an earlier run was migrated; when not, nothing in it is worth keeping. */
async function isBegun(adminUrl: string): Promise<boolean> {
  return await connected(adminUrl, async (client) => {
    const { rows } = await client.query<{ begun: boolean }>(
      `select to_regclass('rehearsal.step') is not null as begun`,
    );
    return rows[0]?.begun ?? false;
  });
}

/** Runs these committed migrations and no more, and what db/migrate.ts does after them. */
async function migrateTo(committed: readonly string[], ownerUrl: string): Promise<void> {
  const folder = dirname(dirname(committed[0] ?? ''));
  const migrations = committedMigrations(folder).filter(({ file }) =>
    committed.some((path) => basename(path) === file),
  );
  await connected(ownerUrl, async (owner) => {
    await runMigrations(owner, migrations, { ownerUrl, folder, drafts: false, progress: () => {} });
    await prepareWorkerSchema(ownerUrl, owner);
  });
}

/** Base databases of the server, whatever they were made from. For cleaning up. */
export async function dropBases(admin: Client, say: (line: string) => void): Promise<void> {
  const { rows } = await admin.query<{ name: string; size: string }>(
    `select datname as name, pg_catalog.pg_size_pretty(pg_catalog.pg_database_size(oid)) as size
     from pg_catalog.pg_database where datname like 'freehold\\_rehearsal\\_%' order by 1`,
  );
  for (const { name, size } of rows) {
    await dropDatabase(admin, name);
    say(`dropped ${name} (${size})`);
  }
}
