import { Client } from 'pg';

/** How much data. */
export interface Profile {
  tenants: number;
  /** Projects over all tenants. */
  rows: number;
  /** true: size of a tenant falls with its rank (Zipf); false: all alike. */
  skewed: boolean;
}

const declared = ['app.tenant', 'app.subscription', 'app.membership', 'app.project'];

/**
 * Fills a fresh database, and beside it `plain.project` and `plain.membership`: the same rows, keys, indexes and
 * checks without row-level security and triggers, to compare with. Rows of tenants lie among each other, as they do
 * in a table that grew. As freehold_owner: it takes the triggers and the FORCE off while it loads.
 */
export async function load(ownerUrl: string, profile: Profile): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(
      `set work_mem = '256MB'; set maintenance_work_mem = '512MB'; set synchronous_commit = off`,
    );
    await client.query('begin');
    for (const table of declared) {
      await client.query(`alter table ${table} disable trigger user, no force row level security`);
    }
    const restore = await dropIndexes(client, 'app.project');
    await client.query(
      `create schema plain;
       grant usage on schema plain to freehold_user;
       create table plain.tenant (rank integer primary key, tenant_id uuid not null, rows integer not null);
       grant select on plain.tenant to freehold_user`,
    );
    await client.query(
      `insert into plain.tenant
       select n, uuidv7(), greatest(1, round($2 * case when $3 then (1.0 / n) / w.total else 1.0 / $1 end))
       from generate_series(1, $1::int) n, (select sum(1.0 / g) as total from generate_series(1, $1::int) g) w`,
      [profile.tenants, profile.rows, profile.skewed],
    );
    await client.query(
      `select platform.add_principal(t.tenant_id, t.tenant_id, 'system') from plain.tenant t;
       insert into platform.tenant_plan select t.tenant_id, 'enterprise' from plain.tenant t;
       insert into app.tenant (tenant_id, id, name, slug, status)
         select t.tenant_id, t.tenant_id, 'Tenant ' || t.rank, 't' || t.rank, 'active' from plain.tenant t;
       insert into app.subscription (tenant_id, plan, status, current_period_end)
         select t.tenant_id, 'enterprise', 'active', now() + interval '1 month' from plain.tenant t;
       insert into identity.person (id, email, name)
         select t.tenant_id, 'owner@t' || t.rank || '.example', 'Owner' from plain.tenant t;
       insert into app.membership (tenant_id, id, person_id, email, name, role)
         select t.tenant_id, t.tenant_id, t.tenant_id, 'owner@t' || t.rank || '.example', 'Owner', 'owner' from plain.tenant t;
       insert into app.project (tenant_id, name, description, lead_id, status)
         select t.tenant_id, 'Project ' || g, 'A few words about it', t.tenant_id,
           case when g % 10 = 0 then 'archived' else 'active' end
         from plain.tenant t, generate_series(1, t.rows) g
         order by g, t.rank`,
    );
    for (const statement of restore) await client.query(statement);
    for (const table of ['membership', 'project']) await copyPlain(client, table);
    for (const table of declared) {
      await client.query(`alter table ${table} enable trigger user, force row level security`);
    }
    await client.query('commit');
  } finally {
    await client.end();
  }
}

/** Drops secondary indexes and foreign keys of a table; returns what makes them again. */
async function dropIndexes(client: Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ gone: string; back: string }>(
    `select format('alter table %s drop constraint %I', c.conrelid::regclass, c.conname) as gone,
       format('alter table %s add constraint %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) as back
     from pg_constraint c
     where c.conrelid = $1::regclass and c.contype in ('f', 'p')
     union all
     select format('drop index %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
     from pg_index i
     where i.indrelid = $1::regclass and not i.indisprimary
     order by 1`,
    [table],
  );
  for (const { gone } of rows) await client.query(gone);
  // keys before what refers to them
  return rows
    .map(({ back }) => back)
    .sort((a, b) => Number(b.includes('PRIMARY')) - Number(a.includes('PRIMARY')));
}

async function copyPlain(client: Client, table: string): Promise<void> {
  await client.query(
    `create table plain.${table} (like app.${table} including defaults including constraints);
     insert into plain.${table} select * from app.${table};
     grant select, insert, update on plain.${table} to freehold_user`,
  );
  const { rows } = await client.query<{ made: string }>(
    `select replace(pg_get_indexdef(i.indexrelid), ' ON app.', ' ON plain.') as made
     from pg_index i
     where i.indrelid = $1::regclass and not i.indisprimary
     union all
     select format('alter table plain.%I add %s', $2::text, pg_get_constraintdef(c.oid))
     from pg_constraint c
     where c.conrelid = $1::regclass and c.contype in ('f', 'p')
     order by 1 desc`,
    [`app.${table}`, table],
  );
  for (const { made } of rows.sort(
    (a, b) => Number(b.made.includes('PRIMARY')) - Number(a.made.includes('PRIMARY')),
  )) {
    await client.query(made);
  }
}
