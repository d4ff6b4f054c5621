import type { Profile } from './profile.ts';
import { events, owners, steadyRows } from './rows.ts';

/** A piece of the data, made in one transaction. `name` is how the progress table knows it. */
export interface Step {
  name: string;
  /** SQL that ends in one row with `rows`: how many were made. */
  sql: string;
}

/**
 * Tables of the rehearsal itself: who the tenants are and how much of everything is theirs, what of the data is there already, and
 * which rows of a batch are whose. Rows of a tenant stand in their batch side by side, and over the batches among those of others.
 */
export function begin({ tenants, skew, days }: Profile): string {
  return `
    create schema rehearsal;
    create table rehearsal.step (name text primary key, rows bigint not null, seconds double precision not null);
    create table rehearsal.tenant (
      rank integer primary key,
      tenant_id uuid not null unique,
      owner_id uuid not null,
      endpoint_id uuid not null,
      weight double precision not null);
    insert into rehearsal.tenant
      select n, uuidv7(interval '-${days} days'), uuidv7(), uuidv7(), power(n, -${skew}) / w.total
      from generate_series(1, ${tenants}) n,
        (select sum(power(g, -${skew})) as total from generate_series(1, ${tenants}) g) w;
    create function rehearsal.slots(total bigint, batch integer, batches integer)
    returns table (tenant_id uuid, owner_id uuid, endpoint_id uuid, rank integer, n bigint, age interval)
    language sql stable
    as $$
      select t.tenant_id, t.owner_id, t.endpoint_id, t.rank, g,
        make_interval(secs => -86400.0 * ${days} * (1 - g / (total * t.weight + 1)))
      from rehearsal.tenant t,
        generate_series(floor(total * t.weight * batch / batches)::bigint + 1, floor(total * t.weight * (batch + 1) / batches)::bigint) g
    $$;
    ${pastPartitions(days)}`;
}

/**
 * Partitions for the days before today, which the product never needs to make: as its newest one is, in row-level security,
 * statement triggers and statistics.
 */
function pastPartitions(days: number): string {
  return `
    do $do$
    declare
      model record;
      month timestamptz;
      made text;
      told text;
    begin
      for model in
        select p.relname as parent, p.oid::regclass as relation, max(c.oid::regclass::text)::regclass as partition
        from pg_catalog.pg_class p
        join pg_catalog.pg_inherits i on i.inhparent = p.oid
        join pg_catalog.pg_class c on c.oid = i.inhrelid and c.relkind = 'r'
        where p.relnamespace = 'app'::regnamespace
        group by p.oid
      loop
        for month in
          select m
          from generate_series(date_trunc('month', now() - interval '${days + 1} days', 'UTC'), now(), interval '1 month') m
        loop
          made := format('app.%I', model.parent || '_' || to_char(month at time zone 'UTC', 'YYYY_MM'));
          continue when to_regclass(made) is not null;
          execute format('create table %s partition of %s for values from (%L) to (%L)', made, model.relation,
            platform.uuidv7_floor(month), platform.uuidv7_floor(month + interval '1 month'));
          execute format('alter table %s enable row level security, force row level security', made);
          execute format('alter table %s owner to freehold_owner', made);
          for told in
            select replace(pg_get_triggerdef(g.oid), ' ON ' || model.partition || ' ', ' ON ' || made || ' ')
            from pg_catalog.pg_trigger g
            where g.tgrelid = model.partition and not g.tgisinternal and g.tgtype & 1 = 0
          loop
            execute told;
          end loop;
          perform platform.hide_statistics(made::regclass);
        end loop;
      end loop;
    end
    $do$;`;
}

/** Every step after the first. None needs another to be done: foreign keys are not looked at meanwhile. */
export function steps(profile: Profile): Step[] {
  const { rows, batchRows, deliveriesPerEvent } = profile;
  const batched = (name: string, total: number, write: (slots: string) => string): Step[] => {
    const batches = Math.ceil(total / batchRows);
    return Array.from({ length: batches }, (_, batch) => ({
      name: `${name} ${batch + 1} of ${batches}`,
      sql: write(`rehearsal.slots(${total}, ${batch}, ${batches})`),
    }));
  };
  return [
    { name: 'tenants', sql: owners(rows.invoice) },
    // the largest first, so that the connections end together
    ...batched('event', rows.event, (slots) => events(slots, deliveriesPerEvent)),
    ...batched('invoice', rows.invoice, steadyRows.invoice),
    ...batched('feature_usage', rows.feature_usage, steadyRows.featureUsage),
    ...batched('project', rows.project, steadyRows.project),
    ...batched('member', rows.member, steadyRows.member),
    ...batched('report', rows.report, steadyRows.report),
  ];
}
