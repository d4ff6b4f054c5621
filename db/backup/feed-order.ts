import type { ClientBase } from 'pg';
import { Failure } from '../../runtime/failure.ts';

/*
 * The change feed goes by (xid, id) and shows what lies below the oldest running transaction. Transaction ids mean something in one cluster only: in a younger one, imported events
 * would lie in its future, hidden until it gets there, and what is written meanwhile would be shown before them.
 *
 * So an export holds the order and not the ids. Read in the order of the feed, ids of events ascend, except where a transaction that began first committed last.
 * As long as they ascend, one xid for all of them gives the same order: a run. The export numbers the runs, and an import gives each an xid of the past.
 */

/** SQL: the events of the tenant in no order, each with the number of its run. */
export function withRuns(tenant: string): string {
  return `select f.*, 1 + count(*) filter (where f.falls) over (order by f.xid, f.id rows unbounded preceding) as run
    from (
      select e.*, e.id < lag(e.id) over (order by e.xid, e.id) as falls
      from app.event e
      where e.tenant_id = ${tenant}
    ) f`;
}

/** As many transactions as it takes, each of which does nothing: 55,000 ids a second on a busy machine. */
const spendIds = `do $$
  declare
    wanted bigint := pg_catalog.current_setting('freehold_import.ids')::bigint;
  begin
    for i in 1..wanted loop
      perform pg_catalog.pg_current_xact_id();
      commit;
    end loop;
  end $$`;

/**
 * The xid before that of the first run: all of them are past, and unless this cluster is too young for it, below what platform.count_events() has counted.
 * Outside a transaction.
 */
export async function placeRuns(client: ClientBase, runs: number): Promise<bigint> {
  const counted = await xid(client, 'select min(xid)::text as xid from platform.event_total_position');
  if (counted > BigInt(runs)) return counted - BigInt(runs) - 1n;
  const now = await xid(
    client,
    'select pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text as xid',
  );
  if (now > BigInt(runs)) return now - BigInt(runs) - 1n;
  await client.query(`select pg_catalog.set_config('freehold_import.ids', $1, false)`, [
    String(BigInt(runs) - now + 2n),
  ]);
  await client.query(spendIds);
  const later = await xid(
    client,
    'select pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text as xid',
  );
  if (later > BigInt(runs)) return later - BigInt(runs) - 1n;
  throw new Failure(
    'transaction_open',
    'A transaction that has been open since before the import holds back the change feed.',
    'End it (pg_stat_activity, oldest backend_xmin), and import again.',
  );
}

async function xid(client: ClientBase, sql: string): Promise<bigint> {
  const { rows } = await client.query<{ xid: string | null }>(sql);
  return BigInt(rows[0]?.xid ?? 0);
}
