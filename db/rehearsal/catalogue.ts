import type { Client } from 'pg';

/** A relation of ours that was there before the migration. Partitions go by the name of their parent. */
export interface Known {
  name: string;
  kind: 'table' | 'index' | 'other';
  /** Row-level security holds for its owner too, who runs migrations. */
  forced: boolean;
  /** As the statistics have it; of a table that was written and not analyzed since, a guess by its size. */
  rows: number;
  file: number;
}

/** Counters of a table, or the entries read of an index, that only grow while a transaction, or a quiet database, lasts. */
export interface Counters {
  scanned: number;
  inserted: number;
  updated: number;
  deleted: number;
}

export const noCounters: Counters = { scanned: 0, inserted: 0, updated: 0, deleted: 0 };

// The first oid that is not the server's own.
const OURS = 16384;

/** All relations of ours but TOAST tables, whose oids and files follow their table's. */
export async function readKnown(client: Client): Promise<Map<number, Known>> {
  const { rows } = await client.query<Known & { oid: number }>(
    `select c.oid::int8::float8 as oid, c.relfilenode::int8::float8 as file, 
       case when c.reltuples > 0 or c.relkind <> 'r' then greatest(c.reltuples, 0) else pg_catalog.pg_relation_size(c.oid)::float8 / 100 end as rows,
       case when c.relkind in ('r', 'p', 'm') then 'table' when c.relkind in ('i', 'I') then 'index' else 'other' end as kind,
       c.relforcerowsecurity as forced, n.nspname || '.' || r.relname as name
     from pg_catalog.pg_class c
     join pg_catalog.pg_class r on r.oid = coalesce(pg_catalog.pg_partition_root(c.oid), c.oid)
     join pg_catalog.pg_namespace n on n.oid = r.relnamespace
     where c.oid >= ${OURS} and c.relkind <> 't'`,
  );
  return new Map(rows.map(({ oid, ...known }) => [oid, known]));
}

export async function readSizes(client: Client): Promise<Map<number, number>> {
  const { rows } = await client.query<{ oid: number; bytes: string }>(
    `select c.oid::int8::float8 as oid, pg_catalog.pg_total_relation_size(c.oid) as bytes
     from pg_catalog.pg_class c
     where c.oid >= ${OURS} and c.relkind in ('r', 'm')`,
  );
  return new Map(rows.map(({ oid, bytes }) => [oid, Number(bytes)]));
}

/** What a transaction has touched, as it stands: each relation with the modes in which it is locked. */
export interface Touched {
  oid: number;
  modes: string[];
  name: string | null;
  isTable: boolean;
  /** Of an index: its table, whose rows it led to. */
  table: number | null;
  file: number | null;
  /** Only of those that it may have written. */
  bytes: number | null;
  counters: Counters;
}

/**
 * Every relation that a statement of this transaction used is locked until its end, so the locks say where to look: 2 ms, where
 * asking for the size of every table takes 15.
 */
export async function readTouched(client: Client): Promise<Touched[]> {
  const { rows } = await client.query<Record<string, unknown>>(
    `select l.relation::int8::float8 as oid, l.modes, n.nspname || '.' || r.relname as name, c.relfilenode::int8::float8 as file,
       coalesce(c.relkind in ('r', 'm'), false) as "isTable", i.indrelid::int8::float8 as table,
       case when c.relkind in ('r', 'm') and l.modes && '{RowExclusiveLock,ShareRowExclusiveLock,ShareLock,ExclusiveLock,AccessExclusiveLock}'
         then pg_catalog.pg_total_relation_size(c.oid) end as bytes,
       ${counters('xact_', 'l.relation')}
     from (
       select l.relation, array_agg(l.mode) as modes
       from pg_catalog.pg_locks l
       where l.pid = pg_catalog.pg_backend_pid()
         and l.locktype = 'relation'
         and l.granted
         and l.relation >= ${OURS}
         and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
       group by l.relation
     ) l
     left join pg_catalog.pg_class c on c.oid = l.relation
     left join pg_catalog.pg_index i on i.indexrelid = c.oid
     left join pg_catalog.pg_class r on r.oid = coalesce(pg_catalog.pg_partition_root(c.oid), c.oid)
     left join pg_catalog.pg_namespace n on n.oid = r.relnamespace`,
  );
  return rows.map((row) => ({
    oid: row.oid as number,
    modes: row.modes as string[],
    name: row.name as string | null,
    isTable: row.isTable as boolean,
    table: row.table as number | null,
    file: row.file as number | null,
    bytes: row.bytes === null ? null : Number(row.bytes),
    counters: countersOf(row),
  }));
}

/** Counters of every table and index: of the running transaction, or of all that was ever committed and reported. */
export async function readCounters(
  client: Client,
  of: 'transaction' | 'ever',
): Promise<Map<number, Counters>> {
  const { rows } = await client.query<Record<string, unknown>>(
    `select c.oid::int8::float8 as oid, ${counters(of === 'ever' ? '' : 'xact_', 'c.oid')}
     from pg_catalog.pg_class c
     where c.oid >= ${OURS} and c.relkind in ('r', 'm', 'i')`,
  );
  return new Map(rows.map((row) => [row.oid as number, countersOf(row)]));
}

function counters(prefix: string, oid: string): string {
  const get = (what: string) => `pg_catalog.pg_stat_get_${prefix}tuples_${what}(${oid})`;
  return `${get('returned')} as scanned, ${get('inserted')} as inserted, ${get('updated')} as updated, ${get('deleted')} as deleted`;
}

function countersOf(row: Record<string, unknown>): Counters {
  return {
    scanned: Number(row.scanned ?? 0),
    inserted: Number(row.inserted ?? 0),
    updated: Number(row.updated ?? 0),
    deleted: Number(row.deleted ?? 0),
  };
}

/** Position in the write-ahead log, in bytes. */
export async function readWal(client: Client): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(
    `select pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0') as bytes`,
  );
  return Number(rows[0]?.bytes);
}

/**
 * Foreign keys that count as valid, and whether this role's row-level security hid rows from the check: PostgreSQL looks for orphans
 * with one query as the role that adds or validates the key, and forced policies hold in it. Without SELECT on the referencing table
 * it checks row by row instead, and sees them all.
 */
export async function readForeignKeys(
  client: Client,
): Promise<Map<string, { table: number; hidden: boolean }>> {
  const { rows } = await client.query<{ name: string; table: number; hidden: boolean }>(
    `select k.oid || ' ' || k.conname as name, k.conrelid::int8::float8 as table,
       (c.relforcerowsecurity or r.relforcerowsecurity) and not o.rolbypassrls and not o.rolsuper
         and pg_catalog.has_table_privilege(k.conrelid, 'select') as hidden
     from pg_catalog.pg_constraint k
     join pg_catalog.pg_class c on c.oid = k.conrelid
     join pg_catalog.pg_class r on r.oid = k.confrelid
     join pg_catalog.pg_roles o on o.rolname = current_user
     where k.contype = 'f' and k.convalidated and k.conparentid = 0`,
  );
  return new Map(rows.map(({ name, ...key }) => [name, key]));
}
