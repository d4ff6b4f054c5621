import type { ClientBase } from 'pg';

/** A table that an export holds rows of. */
export interface ExportedTable {
  /** With its schema: app.project. */
  name: string;
  columns: readonly { name: string; type: string; shown: boolean }[];
  /** Columns of the primary key. */
  key: readonly string[];
  /** Which of its rows are the tenant's: a condition over the alias t, in which $1 is the tenant. */
  where: string;
  /** Belongs to several tenants at once: an import adds what is missing and changes nothing. */
  shared: boolean;
}

/**
 * Tables that know tenants, and are not exported.
 * The first four say how deliveries flow at this moment: an import makes them anew from app.delivery and app.webhook_endpoint, because what a worker holds
 * while the export runs stands in no queue. The last is the log of who entered a tenant in this database: no purge takes it, and no import writes it over.
 */
export const notExported: readonly string[] = [
  'platform.delivery_queue',
  'platform.lane_queue',
  'platform.endpoint_flow',
  'platform.event_news',
  'platform.system_entry',
];

const people = `(select m.person_id from app.membership m where m.tenant_id = $1
  union select p.person_id from identity.person_principal p where p.tenant_id = $1
  union select s.person_id from identity.session s where s.tenant_id = $1
  union select b.person_id from identity.barred_person b where b.tenant_id = $1)`;

/** What rows of tenants need and does not belong to one alone. test/db/backup/export-tenant.test.ts holds this against the foreign keys of the catalog. */
const sharedTables: Readonly<Record<string, string>> = {
  'identity.login': `t.person_id in ${people}`,
  'identity.person': `t.id in ${people}`,
};

interface Row {
  name: string;
  columns: ExportedTable['columns'];
  key: string[] | null;
  refers_to: string[];
}

/** Every table of ours with a tenant, and those that are shared: first what others refer to, and by name where that does not decide. */
export async function exportedTables(client: ClientBase): Promise<ExportedTable[]> {
  const { rows } = await client.query<Row>(
    `select n.nspname || '.' || c.relname as name,
            (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                      'shown', n.nspname = 'app' and has_column_privilege('freehold_user', c.oid, a.attnum, 'select')) order by a.attnum)
               from pg_catalog.pg_attribute a
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
            (select json_agg(a.attname order by array_position(i.indkey::int2[], a.attnum))
               from pg_catalog.pg_index i
               join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
              where i.indrelid = c.oid and i.indisprimary) as key,
            array(select distinct rn.nspname || '.' || r.relname
                    from pg_catalog.pg_constraint k
                    join pg_catalog.pg_class r on r.oid = k.confrelid
                    join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
                   where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as refers_to
       from pg_catalog.pg_class c
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('app', 'identity', 'platform')
        and c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p'
        and n.nspname || '.' || c.relname <> all ($1)
        and (n.nspname || '.' || c.relname = any ($2)
          or exists (select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped))
      order by 1`,
    [notExported, Object.keys(sharedTables)],
  );
  return inOrder(rows).map(({ name, columns, key }) => ({
    name,
    columns,
    key: key ?? columns.map((column) => column.name),
    where: sharedTables[name] ?? 't.tenant_id = $1',
    shared: name in sharedTables,
  }));
}

function inOrder(rows: readonly Row[]): Row[] {
  const left = new Map(rows.map((row) => [row.name, row]));
  const ordered: Row[] = [];
  while (left.size > 0) {
    // of a circle, the first by name
    const next =
      [...left.values()].find(({ refers_to }) => !refers_to.some((name) => left.has(name))) ??
      ([...left.values()][0] as Row);
    left.delete(next.name);
    ordered.push(next);
  }
  return ordered;
}
