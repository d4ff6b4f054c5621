import type { ClientBase } from 'pg';

const samples: Record<string, string> = {
  text: `'x' || left(md5(random()::text), 8)`,
  integer: '1',
  bigint: '1',
  smallint: '1',
  boolean: 'true',
  date: 'current_date',
  uuid: 'uuidv7()',
  'timestamp with time zone': 'now()',
  jsonb: `'{}'`,
  'text[]': `'{x}'`,
};

/** Columns whose checks want more than a sample of their type. */
const named: Record<string, string> = {
  email: `'x@y.example'`,
  role: `'viewer'`,
  permissions: `'{project:read}'`,
};

/**
 * Inserts a row with what its table requires: references point at the newest row of the tenant, which is made when there is none; a key
 * of a table of all tenants, such as a role, is one of those there are; other columns get a sample of their type. For entities that no test knows by name. Run inside the tenant, by a superuser.
 * @throws when a check wants more than a sample: give the table a line of its own
 */
export async function insertAnyRow(client: ClientBase, relation: string): Promise<string> {
  const { rows: columns } = await client.query<{
    name: string;
    type: string;
    parent: string | null;
    common: string | null;
  }>(
    `select quote_ident(a.attname) as name, format_type(a.atttypid, null) as type,
       (select k.confrelid::regclass::text from pg_constraint k
        where k.conrelid = a.attrelid and k.contype = 'f' and a.attnum = any (k.conkey[2:]) limit 1) as parent,
       (select format('(select min(%I) from %s)', f.attname, k.confrelid::regclass)
        from pg_constraint k join pg_attribute f on f.attrelid = k.confrelid and f.attnum = k.confkey[1]
        where k.conrelid = a.attrelid and k.contype = 'f' and k.conkey = array[a.attnum] limit 1) as common
     from pg_attribute a
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attname <> 'tenant_id'
       and a.attnotnull and not a.atthasdef and a.attidentity = '' and a.attgenerated = ''`,
    [relation],
  );
  const values: string[] = [];
  for (const { name, type, parent, common } of columns) {
    const sample = named[name] ?? samples[type];
    values.push(parent ? `'${await anyRow(client, parent)}'` : (common ?? sample ?? 'null'));
  }
  const { rows } = await client.query(
    `insert into ${relation} (${['tenant_id', ...columns.map(({ name }) => name)].join(', ')})
     select ${['platform.tenant_id()', ...values].join(', ')} returning id`,
  );
  return rows[0].id;
}

/** The newest row of the tenant, or one that is made: for what a row of another table belongs to. Run inside the tenant, by a superuser. */
export async function anyRow(client: ClientBase, relation: string): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `select id from ${relation} where tenant_id = platform.tenant_id() order by id desc limit 1`,
  );
  return rows[0]?.id ?? (await insertAnyRow(client, relation));
}
