import type { ClientBase } from 'pg';
import { eachRow } from './import-rows.ts';
import type { Manifest } from './tenant-file.ts';

/** As platform.make_partitions, for a month that is over: it makes those from the present one on. */
const makeMonth = `do $$
declare
  parent regclass := pg_catalog.current_setting('freehold_import.parent')::regclass;
  month timestamptz := date_trunc('month', pg_catalog.current_setting('freehold_import.month')::timestamptz, 'UTC');
  name text := (select pg_catalog.format('%s_%s', c.relname, pg_catalog.to_char(month at time zone 'UTC', 'YYYY_MM')) from pg_catalog.pg_class c where c.oid = parent);
begin
  if pg_catalog.to_regclass('app.' || name) is not null then
    return;
  end if;
  execute pg_catalog.format('create table app.%I partition of %s for values from (%L) to (%L)', name, parent,
    platform.uuidv7_floor(month), platform.uuidv7_floor(month + interval '1 month'));
  execute pg_catalog.format('alter table app.%I enable row level security, force row level security', name);
  if exists (select from pg_catalog.pg_trigger g where g.tgrelid = parent and g.tgfoid = 'platform.refuse_change()'::regprocedure) then
    execute pg_catalog.format('create trigger _110_refuse_truncate before truncate on app.%I for each statement execute function platform.refuse_change()', name);
  end if;
  perform platform.hide_statistics(pg_catalog.format('app.%I', name)::regclass);
end $$`;

/** Partitions of the months that rows of the export are of, where retention has dropped them, or this database is younger. */
export async function makeMonths(client: ClientBase, directory: string, manifest: Manifest): Promise<void> {
  const { rows: parents } = await client.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_catalog.pg_class c
      where c.relkind = 'p' and c.relnamespace = 'app'::regnamespace order by 1`,
  );
  for (const { name } of parents) {
    const months = new Set<string>();
    await eachRow(directory, manifest, name, ['id'], ([id]) => months.add(monthOf(id ?? '')));
    for (const month of [...months].sort()) {
      await client.query(
        `select pg_catalog.set_config('freehold_import.parent', $1, true), pg_catalog.set_config('freehold_import.month', $2, true)`,
        [name, month],
      );
      await client.query(`set local role freehold_owner; ${makeMonth}; reset role`);
    }
  }
}

/** The month of a version 7 id, whose first 48 bits are milliseconds. */
function monthOf(id: string): string {
  return `${new Date(Number.parseInt(id.slice(0, 13).replace('-', ''), 16)).toISOString().slice(0, 7)}-01T00:00:00Z`;
}

/** Deliveries that are pending are due when they were; what an owner asks of an endpoint goes through its lane again. */
export async function rebuildFlow(client: ClientBase, tenant: string): Promise<void> {
  await client.query(
    `insert into platform.endpoint_flow (tenant_id, endpoint_id, asked, laned)
     select w.tenant_id, w.id, true, true
     from app.webhook_endpoint w
     where w.tenant_id = $1 and (w.ordered or w.rate_limit is not null or w.concurrency is not null)
     on conflict (tenant_id, endpoint_id) do nothing`,
    [tenant],
  );
  await client.query(
    `insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, task, attempt)
     select coalesce(d.next_attempt_at, statement_timestamp()), d.id, d.tenant_id, d.endpoint_id, d.task, d.attempt_count + 1
     from app.delivery d
     where d.tenant_id = $1 and d.status = 'pending'
       and not exists (select from platform.delivery_queue q where q.tenant_id = d.tenant_id and q.delivery_id = d.id)
       and not exists (select from platform.lane_queue l where l.tenant_id = d.tenant_id and l.delivery_id = d.id)
       and not exists (select from platform.delivery_batch b where d.id = any (b.delivery_ids))`,
    [tenant],
  );
}
