import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { escapeLiteral } from 'pg';
import { Failure } from '../../runtime/failure.ts';
import { committedMigrations, databaseState, requireCurrent } from '../state.ts';
import { withRuns } from './feed-order.ts';
import type { ExportKind, ExportWriter, Manifest, TableEntry } from './tenant-file.ts';
import { writeExport } from './tenant-file.ts';
import { type ExportedTable, exportedTables } from './tenant-tables.ts';
import { identifier, plainText } from './text.ts';

export interface ExportOptions {
  /** Id or slug. */
  tenant: string;
  /** The directory to write. */
  to: string;
  kind: ExportKind;
}

/**
 * Writes all rows of one tenant, as of one moment, to a directory. Blocks nobody.
 * @param client a superuser, or who has BYPASSRLS and may read everything
 * @throws Failure tenant_missing, export_exists, row_security_binds, database_…
 */
export async function exportTenant(client: ClientBase, options: ExportOptions): Promise<Manifest> {
  requireCurrent(await databaseState(client, committedMigrations()));
  const writer = await writeExport(options.to);
  await client.query(`begin transaction isolation level repeatable read read only; ${plainText}`);
  try {
    const tenant = await findTenant(client, options.tenant);
    const every = await exportedTables(client);
    const manifest: Manifest = {
      format: 1,
      kind: options.kind,
      tenant,
      ...(await schemaOf(client, every)),
      tables: [],
    };
    for (const table of every) {
      const part = options.kind === 'portable' ? shownPart(table) : table;
      if (part) manifest.tables.push(await writeTable(client, writer, part, manifest));
    }
    const { rows: taken } = await client.query(
      `select now() as at, pg_catalog.current_setting('server_version') as server_version, pg_catalog.current_database() as database`,
    );
    await writer.finish(manifest, taken[0]);
    return manifest;
  } catch (error) {
    await writer.abandon();
    throw explainRefusal(error);
  } finally {
    await client.query('rollback');
  }
}

/** What the rows of a file have to fit. */
export async function schemaOf(
  client: ClientBase,
  tables: readonly ExportedTable[],
): Promise<Pick<Manifest, 'migration' | 'shape'>> {
  const { rows } = await client.query<Manifest['migration']>(
    'select filename, hash from graphile_migrate.migrations order by filename desc limit 1',
  );
  const columns = tables.map(({ name, columns }) => [
    name,
    columns.map((column) => [column.name, column.type]),
  ]);
  return {
    migration: rows[0] ?? { filename: '', hash: '' },
    shape: createHash('sha256').update(JSON.stringify(columns)).digest('hex'),
  };
}

async function findTenant(client: ClientBase, tenant: string): Promise<Manifest['tenant']> {
  const { rows } = await client.query<Manifest['tenant']>(
    'select t.id, t.slug from app.tenant t where t.id::text = $1 or t.slug = $1',
    [tenant],
  );
  if (rows[0]) return rows[0];
  throw new Failure('tenant_missing', `There is no tenant ${tenant}.`, 'Give its id or its slug.');
}

/** What its own people may read of it: the columns that are granted to requests. Nothing that is hidden or sealed is. */
function shownPart(table: ExportedTable): ExportedTable | undefined {
  const columns = table.columns.filter(({ shown }) => shown);
  return columns.length > 0 ? { ...table, columns } : undefined;
}

async function writeTable(
  client: ClientBase,
  writer: ExportWriter,
  table: ExportedTable,
  { kind, tenant, tables }: Manifest,
): Promise<TableEntry> {
  const file = `${String(tables.length + 1).padStart(2, '0')}-${table.name}.ndjson`;
  const lines = await writer.table(file);
  await client.query(`declare part no scroll cursor for ${select(table, kind, tenant.id)}`);
  for (;;) {
    // a chunk of a report is up to a megabyte
    const { rows } = await client.query<[string]>({ text: 'fetch 200 from part', rowMode: 'array' });
    if (rows.length === 0) break;
    for (const [line] of rows) await lines.line(line);
  }
  await client.query('close part');
  const columns = table.columns.map(({ name, type }) => ({ name, type }));
  return { table: table.name, file, columns, ...(await lines.end()) };
}

/**
 * One text a row. Restorable: an array of PostgreSQL's own text of each value, which gives back every value of every type (a jsonb null and no value are two things).
 * Portable: an object with the types of JSON.
 */
function select(table: ExportedTable, kind: ExportKind, tenant: string): string {
  const events = table.name === 'app.event';
  const values = table.columns.map(({ name }) =>
    events && name === 'xid' ? 't.run' : `t.${identifier(name)}`,
  );
  const line =
    kind === 'restorable'
      ? `json_build_array(${values.map((value) => `${value}::text`).join(', ')})`
      : `(select row_to_json(r) from (select ${values.join(', ')}) r)`;
  const id = escapeLiteral(tenant);
  const source = events ? withRuns(id) : `select * from ${table.name}`;
  const order = events ? ['t.xid', 't.id'] : table.key.map((name) => orderBy(table, name));
  return `select ${line}::text from (${source}) t where ${table.where.replaceAll('$1', id)} order by ${order.join(', ')}`;
}

function orderBy(table: ExportedTable, column: string): string {
  const text = table.columns.find(({ name }) => name === column)?.type === 'text';
  return `t.${identifier(column)}${text ? ' collate "C"' : ''}`;
}

/** @returns what to throw instead of PostgreSQL's word that row-level security would hide rows */
export function explainRefusal(error: unknown): unknown {
  if ((error as { code?: string }).code !== '42501') return error;
  return new Failure(
    'row_security_binds',
    `The login of DATABASE_URL may not do this: ${(error as Error).message}.`,
    'Use a superuser, or a login with BYPASSRLS that may read and write all tables.',
    { cause: error },
  );
}
