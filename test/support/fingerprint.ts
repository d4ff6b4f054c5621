import type { TestDatabase } from './database.ts';

/**
 * A digest of all rows of each table of ours, to see that nothing was written. As the administrator.
 * @param tenantId only the rows of this tenant, in tables that know tenants
 */
export async function fingerprint(
  database: TestDatabase,
  tenantId?: string,
): Promise<Record<string, string>> {
  const { rows: tables } = await database.pool('admin').query(
    `select c.oid::regclass::text as relation,
       exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') as tenanted
     from pg_class c
     where c.relnamespace::regnamespace::text in ('app', 'platform', 'identity', 'catalog')
       and c.relkind in ('r', 'p') and not c.relispartition
     order by 1`,
  );
  const parts = tables
    .filter(({ tenanted }) => tenanted || tenantId === undefined)
    .map(
      ({ relation }) =>
        `select '${relation}' as relation, md5(coalesce(string_agg(t::text, chr(10) order by t::text), '')) as digest
         from ${relation} t ${tenantId === undefined ? '' : `where t.tenant_id = '${tenantId}'`}`,
    );
  const { rows } = await database.pool('admin').query(parts.join(' union all '));
  return Object.fromEntries(rows.map(({ relation, digest }) => [relation, digest]));
}
