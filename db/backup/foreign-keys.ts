import type { ClientBase } from 'pg';
import { identifier } from './text.ts';

interface ForeignKey {
  name: string;
  from: string;
  to: string;
  columns: string[];
  keys: string[];
}

/**
 * Foreign keys with rows that refer to nothing, one line each. PostgreSQL checks them when a row is written, but not under session_replication_role = replica,
 * and not in files that a disk has changed.
 * @param tenant looks at its rows alone
 */
export async function danglingReferences(client: ClientBase, tenant?: string): Promise<string[]> {
  const { rows } = await client.query<ForeignKey>(
    `select k.conname as name, k.conrelid::regclass::text as from, k.confrelid::regclass::text as to,
            array(select a.attname::text from unnest(k.conkey) with ordinality u (number, place)
                  join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number order by u.place) as columns,
            array(select a.attname::text from unnest(k.confkey) with ordinality u (number, place)
                  join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number order by u.place) as keys
       from pg_catalog.pg_constraint k
       join pg_catalog.pg_class c on c.oid = k.conrelid
      where k.contype = 'f' and k.conparentid = 0
        and c.relnamespace::regnamespace::text in ('app', 'identity', 'platform', 'catalog')
        and ($1::text is null
          or exists (select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id'))
      order by 2, 1`,
    [tenant ?? null],
  );
  const found: string[] = [];
  for (const { name, from, to, columns, keys } of rows) {
    const referring = columns.map((column) => `c.${identifier(column)}`);
    const { rows: counted } = await client.query<{ count: string }>(
      `select count(*) from ${from} c
        where ${referring.map((column) => `${column} is not null`).join(' and ')}
          ${tenant === undefined ? '' : 'and c.tenant_id = $1'}
          and not exists (select from ${to} p where ${keys.map((key, index) => `p.${identifier(key)} = ${referring[index]}`).join(' and ')})`,
      tenant === undefined ? [] : [tenant],
    );
    const count = Number(counted[0]?.count);
    if (count > 0) found.push(`${count} rows of ${from} refer to no row of ${to} (${name})`);
  }
  return found;
}
