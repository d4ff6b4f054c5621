import type { ClientBase } from 'pg';
import { linesOf, type Manifest, type TableEntry } from './tenant-file.ts';
import type { ExportedTable } from './tenant-tables.ts';
import { identifier } from './text.ts';

type Row = (string | null)[];

/** How many rows of the tenant are there, by table; tables with none are left out. */
export async function presentRows(
  client: ClientBase,
  tables: readonly ExportedTable[],
  tenant: string,
): Promise<Record<string, number>> {
  const present: Record<string, number> = {};
  for (const { name } of tables) {
    const { rows } = await client.query<{ count: string }>(
      `select count(*) from ${name} where tenant_id = $1`,
      [tenant],
    );
    const count = Number(rows[0]?.count);
    if (count > 0) present[name] = count;
  }
  return present;
}

/**
 * Writes the rows of one file; values go as the texts that PostgreSQL has given, and are read by PostgreSQL alone.
 * @param addOnly leaves out rows whose key is there
 * @param before the xid before that of the first run of events
 * @returns how many were written
 */
export async function insertRows(
  client: ClientBase,
  directory: string,
  entry: TableEntry,
  table: ExportedTable,
  addOnly: boolean,
  before: bigint,
): Promise<number> {
  const columns = entry.columns.map(({ name }) => identifier(name));
  const values = entry.columns.map(({ name, type }, index) =>
    entry.table === 'app.event' && name === 'xid'
      ? `((u.c${index})::bigint + ${before})::text::xid8`
      : `(u.c${index})::${type}`,
  );
  const texts = columns.map((_, index) => `$${index + 1}::text[]`);
  const names = columns.map((_, index) => `c${index}`);
  const absent = addOnly
    ? `where not exists (select from ${entry.table} x where ${table.key.map((key) => `x.${identifier(key)} = r.${identifier(key)}`).join(' and ')})`
    : '';
  const sql = `insert into ${entry.table} (${columns.join(', ')}) overriding system value
    select r.* from (
      select ${values.map((value, index) => `${value} as ${columns[index]}`).join(', ')}
      from unnest(${texts.join(', ')}) u (${names.join(', ')})) r ${absent}`;
  let written = 0;
  for await (const lines of linesOf(directory, entry.file)) {
    const rows = lines.map((line) => JSON.parse(line) as Row);
    const { rowCount } = await client.query(
      sql,
      columns.map((_, index) => rows.map((row) => row[index] ?? null)),
    );
    written += rowCount ?? 0;
  }
  return written;
}

/** The number of the last run of events; 0 when there are none. */
export async function lastRun(directory: string, manifest: Manifest): Promise<number> {
  let run = 0;
  await eachRow(directory, manifest, 'app.event', ['xid'], ([xid]) => {
    run = Math.max(run, Number(xid));
  });
  return run;
}

/** Logins of the export that are somebody else's here. Who they are cannot be decided by a machine. */
export async function loginConflicts(
  client: ClientBase,
  directory: string,
  manifest: Manifest,
): Promise<string[]> {
  const logins: Row[] = [];
  await eachRow(directory, manifest, 'identity.login', ['issuer', 'subject', 'person_id'], (row) =>
    logins.push(row),
  );
  const { rows } = await client.query<{ subject: string }>(
    `select l.issuer || ' ' || l.subject as subject
       from unnest($1::text[], $2::text[], $3::uuid[]) u (issuer, subject, person_id)
       join identity.login l on l.issuer = u.issuer and l.subject = u.subject and l.person_id <> u.person_id`,
    [0, 1, 2].map((place) => logins.map((row) => row[place])),
  );
  return rows.map(({ subject }) => subject);
}

/** Calls back with these columns of each row. */
export async function eachRow(
  directory: string,
  manifest: Manifest,
  table: string,
  columns: readonly string[],
  take: (row: Row) => void,
): Promise<void> {
  const entry = manifest.tables.find((its) => its.table === table);
  if (!entry) return;
  const places = columns.map((column) => entry.columns.findIndex(({ name }) => name === column));
  for await (const lines of linesOf(directory, entry.file))
    for (const line of lines) {
      const row = JSON.parse(line) as Row;
      take(places.map((place) => row[place] ?? null));
    }
}
