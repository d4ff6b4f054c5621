import type { ClientBase } from 'pg';
import { Failure } from '../../runtime/failure.ts';
import { committedMigrations, databaseState, requireCurrent } from '../state.ts';
import { explainRefusal, schemaOf } from './export-tenant.ts';
import { placeRuns } from './feed-order.ts';
import { danglingReferences } from './foreign-keys.ts';
import { makeMonths, rebuildFlow } from './import-flow.ts';
import { insertRows, lastRun, loginConflicts, presentRows } from './import-rows.ts';
import { recordProblems } from './record-proof.ts';
import { type Manifest, readExport } from './tenant-file.ts';
import { type ExportedTable, exportedTables, notExported } from './tenant-tables.ts';
import { plainText } from './text.ts';

/** absent: the tenant must not be there. missing: adds the rows whose key is not there. replace: what is there of the tenant goes first. */
export type ImportMode = 'absent' | 'missing' | 'replace';

export interface Imported {
  tenant: Manifest['tenant'];
  /** Rows by table; of shared tables, those that were not there. */
  rows: Record<string, number>;
}

/**
 * Puts a tenant back as it was exported, in one transaction that leaves every other tenant as it is.
 *
 * Triggers do not fire meanwhile (session_replication_role): they would write events of changes that happened long ago, count what is counted, and refuse what only a
 * lifecycle may do. Checks, unique and exclusion constraints hold all the same; foreign keys, and that rows and events agree, are looked at before the commit.
 * @param client a superuser, or who has BYPASSRLS, may write everything and set session_replication_role
 * @throws Failure export_…, migration_mismatch, tenant_exists, events_missing, import_conflict, import_incomplete, row_security_binds
 */
export async function importTenant(
  client: ClientBase,
  directory: string,
  mode: ImportMode,
): Promise<Imported> {
  requireCurrent(await databaseState(client, committedMigrations()));
  const manifest = await readExport(directory);
  if (manifest.kind !== 'restorable')
    throw new Failure(
      'export_portable',
      `The export ${directory} is a portable one: what is secret or internal was left out of it.`,
      'Import one that was made without --portable.',
    );
  await client.query(`set search_path = ''`);
  const runs = await lastRun(directory, manifest);
  // spends transaction ids, which a transaction cannot
  const before = runs > 0 ? await placeRuns(client, runs) : 0n;
  await client.query(`begin; ${plainText}; select pg_catalog.pg_advisory_xact_lock(7100050)`);
  try {
    const rows = await importInto(client, directory, manifest, mode, before);
    await client.query('commit');
    return { tenant: manifest.tenant, rows };
  } catch (error) {
    await client.query('rollback');
    throw explainImport(error);
  }
}

async function importInto(
  client: ClientBase,
  directory: string,
  manifest: Manifest,
  mode: ImportMode,
  before: bigint,
): Promise<Record<string, number>> {
  const tables = await exportedTables(client);
  const { migration, shape } = await schemaOf(client, tables);
  if (migration.hash !== manifest.migration.hash || shape !== manifest.shape)
    throw new Failure(
      'migration_mismatch',
      `The export was made at migration ${manifest.migration.filename}, and this database is ${migration.filename === manifest.migration.filename ? 'of another history' : `at ${migration.filename}`}: rows of one do not fit the other.`,
      'Import it into a database at that migration, migrate that, and export it again from there.',
    );
  const { id } = manifest.tenant;
  const own = tables.filter(({ shared }) => !shared);
  const present = await presentRows(client, own, id);
  const there = Object.entries(present).map(([table, count]) => `${table} ${count}`);
  if (mode === 'absent' && there.length > 0)
    throw new Failure(
      'tenant_exists',
      `Rows of tenant ${id} are there already: ${there.join(', ')}.`,
      'Give --missing to add only the rows that are not there, or --replace to remove them first, with all that happened since the export.',
    );
  const events = manifest.tables.find(({ table }) => table === 'app.event')?.rows ?? 0;
  await makeMonths(client, directory, manifest);
  await client.query('set local session_replication_role = replica');
  if (mode === 'replace')
    for (const table of [
      ...notExported.filter((name) => name !== 'platform.system_entry'),
      ...own.map(({ name }) => name).reverse(),
    ])
      await client.query(`delete from ${table} where tenant_id = $1`, [id]);
  const conflicts = await loginConflicts(client, directory, manifest);
  if (conflicts.length > 0)
    throw new Failure(
      'import_conflict',
      `Here these logins belong to other people than in the export: ${conflicts.join(', ')}.`,
      'Decide whose they are: identity.login and identity.person of both databases tell.',
    );
  const inserted: Record<string, number> = {};
  for (const entry of manifest.tables) {
    const table = tables.find(({ name }) => name === entry.table);
    if (!table) throw new Error(`${entry.table} is not exported any more`);
    const addOnly = table.shared || mode === 'missing';
    inserted[entry.table] = await insertRows(client, directory, entry, table, addOnly, before);
  }
  const kept = present['app.event'] ?? 0;
  if (mode === 'missing' && kept > 0 && (inserted['app.event'] ?? 0) > 0)
    throw new Failure(
      'events_missing',
      `Of ${events} events of the export ${inserted['app.event']} are not there, and others are: they would come into the change feed behind its readers.`,
      'Give --replace.',
    );
  await rebuildFlow(client, id);
  await client.query('set local session_replication_role = origin');
  await requireWhole(client, manifest, mode, own);
  await client.query(
    'insert into platform.system_entry (tenant_id, login, reason) values ($1, session_user, $2)',
    [id, `import-tenant, ${mode}`],
  );
  await client.query('select platform.wake_dispatcher()');
  return inserted;
}

/** What constraints would have said, and whether somebody worked in the tenant meanwhile. */
async function requireWhole(
  client: ClientBase,
  manifest: Manifest,
  mode: ImportMode,
  own: readonly ExportedTable[],
): Promise<void> {
  const { id } = manifest.tenant;
  const wrong = [...(await danglingReferences(client, id)), ...(await recordProblems(client, id))];
  const present = await presentRows(client, own, id);
  for (const { name } of own) {
    const rows = manifest.tables.find(({ table }) => table === name)?.rows ?? 0;
    const count = present[name] ?? 0;
    if (mode === 'missing' ? count < rows : count !== rows)
      wrong.push(`${name} has ${count} rows where the export has ${rows}`);
  }
  const { rows: broken } = await client.query<Record<string, string>>('select * from platform.violations()');
  wrong.push(...broken.map((rule) => Object.values(rule).filter(Boolean).join(' | ')));
  if (wrong.length === 0) return;
  throw new Failure(
    'import_incomplete',
    `With the rows of the export, the tenant would not be whole: ${wrong.join('; ')}.`,
    'Nothing was imported. Keep its people and the worker out meanwhile, or give --replace.',
  );
}

function explainImport(error: unknown): unknown {
  const { code, constraint, detail, table, schema } = error as Record<string, string | undefined>;
  if (code !== '23505' && code !== '23P01') return explainRefusal(error);
  return new Failure(
    'import_conflict',
    `A row of ${schema}.${table} meets another that is there (${constraint}): ${detail}`,
    'Nothing was imported. Remove or rename that one, or give --replace when it is of the same tenant.',
    { cause: error },
  );
}
