import type { PoolClient } from 'pg';
import type { TestDatabase } from '../support/database.ts';
import type { FullTenant, TenantTable } from '../support/every-table.ts';
import { tenantTables } from '../support/every-table.ts';

/** One statement that a caller may try on a table. */
export interface Attempt {
  table: string;
  command: string;
  sql: string;
}

export interface Outcome extends Attempt {
  /** Rows that it found or wrote; 0 when it was refused. */
  rows: number;
  /** SQLSTATE of the refusal. */
  error: string | null;
}

/** Every command on every tenant table, from the catalog, aimed at the rows of `victim`. */
export async function attemptsOn(database: TestDatabase, victim: FullTenant): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  for (const table of await tenantTables(database)) {
    const grants = await grantedColumns(database, table);
    const row = await rowOf(database, table, victim);
    const add = (command: string, sql: string) => attempts.push({ table: table.name, command, sql });
    const { relation } = table;
    const whole = `jsonb_populate_record(null::${relation}, ${row})`;
    add('select', `select from ${relation}`);
    add('select of the tenant', `select from ${relation} where tenant_id = '${victim.id}'`);
    add('select by id', `select from ${relation} where id = '${victim.ids[table.name]}'`);
    add('select for update', `select from ${relation} for update`);
    const { insertable, updatable } = grants;
    const fields = insertable.join(', ');
    add(
      'insert',
      insertable.length > 0
        ? `insert into ${relation} (${fields}) select ${fields} from ${whole}`
        : `insert into ${relation} default values`,
    );
    add('insert with tenant', `insert into ${relation} select * from ${whole}`);
    add('insert tenant alone', `insert into ${relation} (tenant_id) values ('${victim.id}')`);
    for (const column of updatable.length > 0 ? updatable : ['tenant_id']) {
      add('update', `update ${relation} set ${column} = ${column}`);
    }
    add('update tenant', `update ${relation} set tenant_id = tenant_id`);
    add('delete', `delete from ${relation}`);
    add('truncate', `truncate ${relation}`);
    add('lock', `lock table ${relation} in access exclusive mode`);
    add(
      'merge',
      `merge into ${relation} t using (values (1)) s (x) on t.tenant_id = '${victim.id}' when matched then delete`,
    );
  }
  return attempts;
}

/** COPY (which PL/pgSQL cannot run) of every table's readable columns. Of a partitioned table it takes a query only. */
export async function copiesOf(database: TestDatabase): Promise<Map<string, string>> {
  const copies = new Map<string, string>();
  for (const table of await tenantTables(database)) {
    const { readable } = await grantedColumns(database, table);
    copies.set(table.name, `copy (select ${readable.join(', ')} from ${table.relation}) to stdout`);
  }
  return copies;
}

/** Runs them in one message. Returns the tables of which rows came. */
export async function copyAll(client: PoolClient, copies: Map<string, string>): Promise<string[]> {
  const results = (await client.query([...copies.values()].join('; '))) as unknown as { rowCount: number }[];
  return [...copies.keys()].filter((_, n) => (results[n]?.rowCount ?? 0) > 0);
}

interface Granted {
  readable: string[];
  insertable: string[];
  updatable: string[];
}

async function grantedColumns(database: TestDatabase, table: TenantTable): Promise<Granted> {
  const { rows } = await database.pool('admin').query(
    `select coalesce(array_agg(quote_ident(a.attname)) filter (where s), '{}') as readable,
       coalesce(array_agg(quote_ident(a.attname)) filter (where i), '{}') as insertable,
       coalesce(array_agg(quote_ident(a.attname)) filter (where u), '{}') as updatable
     from pg_attribute a,
       lateral (select has_column_privilege('freehold_user', a.attrelid, a.attnum, 'select') as s,
         has_column_privilege('freehold_user', a.attrelid, a.attnum, 'insert') as i,
         has_column_privilege('freehold_user', a.attrelid, a.attnum, 'update') as u) p
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped`,
    [table.relation],
  );
  return rows[0];
}

/** A row of the victim; texts that are unique are another's, so that what is refused is refused for the tenant. */
async function rowOf(database: TestDatabase, table: TenantTable, victim: FullTenant): Promise<string> {
  const { rows } = await database.pool('admin').query(
    `select quote_literal(to_jsonb(t) || coalesce((
         select jsonb_object_agg(a.attname, (to_jsonb(t) ->> a.attname) || 'x')
         from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
         where i.indrelid = $2::regclass and i.indisunique and a.atttypid = 'text'::regtype), '{}')) as row
       from ${table.relation} t where t.tenant_id = $1 limit 1`,
    [victim.id, table.relation],
  );
  return rows[0].row;
}

const runner = `do $$
declare
  attempt record;
  outcomes jsonb := '[]';
  n bigint;
begin
  for attempt in
    select ordinality, value #>> '{}' as sql
    from jsonb_array_elements(current_setting('test.attempts')::jsonb) with ordinality
  loop
    begin
      execute attempt.sql;
      get diagnostics n = row_count;
      outcomes := outcomes || jsonb_build_object('rows', n, 'error', null);
    exception when others then
      outcomes := outcomes || jsonb_build_object('rows', 0, 'error', sqlstate);
    end;
  end loop;
  perform set_config('test.outcomes', outcomes::text, true);
end
$$`;

/** Tries all of them one after the other in the open transaction, in one round trip, as whoever the client is. */
export async function tryAll(client: PoolClient, attempts: readonly Attempt[]): Promise<Outcome[]> {
  await client.query(`select set_config('test.attempts', $1, true)`, [
    JSON.stringify(attempts.map(({ sql }) => sql)),
  ]);
  await client.query(runner);
  const { rows } = await client.query(`select current_setting('test.outcomes')::jsonb as outcomes`);
  return attempts.map((attempt, n) => ({ ...attempt, ...rows[0].outcomes[n] }));
}
