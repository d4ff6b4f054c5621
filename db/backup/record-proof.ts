import type { ClientBase } from 'pg';

/**
 * Where rows and their record disagree, one line each. Every change of a declared entity writes one event with the version that it made, in the same transaction: so the events of a row
 * are numbered without a gap, and the last of them has the version of the row. A row without its event, or an event without its row, is half of a transaction.
 * @param tenant looks at its rows alone
 */
export async function recordProblems(client: ClientBase, tenant?: string): Promise<string[]> {
  const { rows: entities } = await client.query<{ name: string; relation: string }>(
    `select name, relation from platform.entity where kind = 'entity' order by name`,
  );
  const values = tenant === undefined ? [] : [tenant];
  const of = (alias: string) => (tenant === undefined ? 'true' : `${alias}.tenant_id = $1`);
  const found: string[] = [];
  for (const { name, relation } of entities) {
    const { rows } = await client.query<Record<'gaps' | 'lost' | 'behind' | 'unrecorded', string>>(
      `with oldest as (
         -- What retention has dropped is missed by nobody. Bounds are 48 bits of milliseconds and zeros.
         select pg_catalog.to_timestamp(min(('x' || replace((pg_catalog.regexp_match(
           pg_catalog.pg_get_expr(c.relpartbound, c.oid), 'FROM \\(''([0-9a-f-]{13})'))[1], '-', ''))::bit(48)::bigint) / 1000.0) as at
         from pg_catalog.pg_inherits i
         join pg_catalog.pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'app.event'::regclass
       ), recorded as (
         select e.tenant_id, e.entity_id, min(e.entity_version) as first, max(e.entity_version) as last, count(distinct e.entity_version) as versions, count(*) as events
         from app.event e
         where e.entity = '${name}' and e.entity_version is not null and ${of('e')}
         group by e.tenant_id, e.entity_id
       )
       select count(*) filter (where e.events <> e.last - e.first + 1 or e.versions <> e.events) as gaps,
              count(*) filter (where e.entity_id is not null and r.id is null) as lost,
              count(*) filter (where e.last <> r.version) as behind,
              count(*) filter (where e.entity_id is null and r.updated_at > oldest.at) as unrecorded
       from recorded e
       full join (select * from ${relation} r where ${of('r')}) r on r.tenant_id = e.tenant_id and r.id = e.entity_id
       cross join oldest`,
      values,
    );
    const { gaps, lost, behind, unrecorded } = rows[0] ?? {};
    const tell = (count: string | undefined, what: string) => {
      if (Number(count) > 0) found.push(`${name}: ${count} ${what}`);
    };
    tell(gaps, 'rows whose events are not numbered one by one');
    tell(lost, 'rows are gone whose events are there');
    tell(behind, 'rows have another version than their last event');
    tell(unrecorded, 'rows are there without any event');
  }
  return found;
}
