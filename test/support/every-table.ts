import type { PoolClient } from 'pg';
import { asOperator, asSystem, asTenant } from './actors.ts';
import { anyRow } from './any-row.ts';
import type { TestDatabase } from './database.ts';
import { keyring, newSigningKey } from './keyring.ts';
import type { TestTenant } from './tenants.ts';
import { createTenant, roles } from './tenants.ts';

/** A tenant with members in every role, an API key, and at least one row in every table of schema app. */
export interface FullTenant extends TestTenant {
  apiKey: string;
  /** One row of each table, by its name. */
  ids: Record<string, string>;
}

/** Makes full tenants through the functions that requests and jobs use. 60 ms each. */
export async function createFullTenants(database: TestDatabase, count: number): Promise<FullTenant[]> {
  const tenants: FullTenant[] = [];
  for (let made = 0; made < count; made += 1) {
    const tenant = await createTenant(database, { members: roles.slice(1), paid: true });
    const apiKey = await asTenant(database, tenant, fillAsOwner);
    await asSystem(database, tenant.id, fillAsSystem);
    tenants.push({ ...tenant, apiKey, ids: {} });
  }
  await dispatchOnce(database);
  for (const tenant of tenants) tenant.ids = await idsOf(database, tenant.id);
  return tenants;
}

async function fillAsOwner(client: PoolClient): Promise<string> {
  await client.query(
    `select app.create_webhook_endpoint('https://receiver.example/', '{*}', signing_key => $1)`,
    [newSigningKey()],
  );
  await client.query(`select app.set_webhook_header(id, 'authorization', $1) from app.webhook_endpoint`, [
    keyring.seal(Buffer.from('Bearer x')),
  ]);
  await client.query(
    `insert into app.webhook_replay (endpoint_id, since) select id, now() - interval '1 h' from app.webhook_endpoint`,
  );
  const { rows } = await client.query(
    `select (app.create_api_key('key', platform.permissions_of('owner'))).secret`,
  );
  await client.query(
    `insert into app.project (name, lead_id) select n, (select id from app.membership where role = 'member') from unnest('{one,two}'::text[]) n`,
  );
  await client.query(`update app.project set description = 'changed' where name = 'two'`);
  await client.query(`select app.delete_project(id) from app.project where name = 'two'`);
  await client.query(`insert into app.invitation (email, role) values ('new@example.com', 'viewer')`);
  await client.query(`insert into app.report (kind) values ('events')`);
  await client.query(`select app.use_feature('search', 3)`);
  return rows[0].secret;
}

async function fillAsSystem(client: PoolClient): Promise<void> {
  await client.query('select app.start_report(id) from app.report');
  await client.query('select app.finish_report(id) from app.report');
}

/** One attempt at every delivery that is due, as the dispatcher does it: the first succeed and the last fails. */
async function dispatchOnce(database: TestDatabase): Promise<void> {
  const worker = database.pool('worker');
  const { rows: jobs } = await worker.query(
    `select payload from platform.claim_deliveries(10000, 10000) where identifier = 'deliver'`,
  );
  for (const { payload } of jobs) {
    const { rows: loaded } = await worker.query('select * from platform.load_deliveries($1, $2)', [
      payload.batch,
      payload.claim,
    ]);
    const results = loaded.map((delivery, index) => ({
      tenant_id: delivery.tenant_id,
      delivery_id: delivery.delivery_id,
      endpoint_id: delivery.endpoint_id,
      attempt: delivery.attempt,
      succeeded: index < loaded.length - 1,
      status_code: index < loaded.length - 1 ? 200 : 500,
      latency_ms: 1,
      occurred_at: new Date().toISOString(),
    }));
    await worker.query('select platform.finish_deliveries($1, $2, $3)', [
      payload.batch,
      payload.claim,
      JSON.stringify(results),
    ]);
  }
}

async function idsOf(database: TestDatabase, tenantId: string): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const { name, relation } of await tenantTables(database)) {
    const { rows } = await database
      .pool('admin')
      .query(`select id from ${relation} where tenant_id = $1 order by id limit 1`, [tenantId]);
    // an entity that is not filled above
    ids[name] = rows[0]?.id ?? (await asOperator(database, tenantId, (client) => anyRow(client, relation)));
  }
  return ids;
}

export interface TenantTable {
  name: string;
  relation: string;
  kind: 'entity' | 'record';
}

/** Every table that holds rows of tenants, from the catalog. Partitions are not among them. */
export async function tenantTables(database: TestDatabase): Promise<TenantTable[]> {
  const { rows } = await database.pool('admin').query(
    `select c.relname as name, c.oid::regclass::text as relation, coalesce(e.kind, 'undeclared') as kind
     from pg_class c
     left join platform.entity e on e.relation = c.oid::regclass::text
     where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and e.kind is distinct from 'states'
     order by 1`,
  );
  return rows;
}

/** Whatever else shows rows of tenants to a request: views of schema app, and its functions that can be called without an argument. */
export async function tenantReadings(database: TestDatabase): Promise<{ name: string; from: string }[]> {
  const { rows } = await database.pool('admin').query(
    `select c.relname as name, c.oid::regclass::text as from
     from pg_class c
     where c.relnamespace = 'app'::regnamespace and c.relkind = 'v' and has_any_column_privilege('freehold_user', c.oid, 'select')
     union all
     select p.proname, p.oid::regproc::text || '()'
     from pg_proc p
     where p.pronamespace = 'app'::regnamespace and p.provolatile <> 'v' and p.pronargs = p.pronargdefaults
       and has_function_privilege('freehold_user', p.oid, 'execute') and p.prorettype <> 'trigger'::regtype
     order by 1`,
  );
  return rows;
}
