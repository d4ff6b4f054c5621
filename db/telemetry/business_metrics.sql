-- Business metrics: events counted once each, from what was committed, and what there is now.
--
-- Counting in the transaction of the event would lock one row for everybody, or write one more for each event. Here a reader counts what the change feed counts as
-- final: every event whose xid lies below the oldest transaction that still runs, from where it stopped (db/event/change_feed.sql). Position and sums change in one
-- transaction, so that each event counts once, whoever reads, and however often that fails.

grant select, insert, update on platform.event_total to freehold_dispatcher;
grant select, update on platform.event_total_position to freehold_dispatcher;
grant select on platform.tenant_plan to freehold_dispatcher, freehold_janitor;
grant select on catalog.plan to freehold_janitor;
grant execute on function platform.uuidv7_floor(timestamptz) to freehold_dispatcher;

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.count_events()
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $count$
declare
  place platform.event_total_position;
  -- in this order: whoever gets a transaction id above the ceiling writes after that moment
  moment timestamptz := clock_timestamp();
  present_ceiling xid8 := pg_snapshot_xmax(pg_current_snapshot());
  horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
begin
  select p.* into place from platform.event_total_position p for update skip locked;
  if not found or horizon <= place.xid then
    return false;
  end if;
  insert into platform.event_total as t (type, plan, count)
  select e.type, coalesce(p.plan, 'none'), count(*)
  from app.event e
  left join platform.tenant_plan p on p.tenant_id = e.tenant_id
  -- by time of writing first, which an index knows: 1 ms where nothing is new, of a million events
  where e.id >= platform.uuidv7_floor(place.counted_to - interval '1 second')
    and e.xid >= place.xid
    and e.xid < horizon
  group by e.type, p.plan
  on conflict on constraint event_total_pkey do update
    set count = t.count + excluded.count;
  update platform.event_total_position p
  set xid = horizon,
    -- nobody writes any more who began before the ceiling was noted
    counted_to = case when horizon >= place.ceiling then place.noted_at else place.counted_to end,
    ceiling = case when horizon >= place.ceiling then present_ceiling else place.ceiling end,
    noted_at = case when horizon >= place.ceiling then moment else place.noted_at end;
  return true;
end
$count$;
comment on function platform.count_events() is 'Adds the events that have become final to platform.event_total. False when there are none, or somebody else is at it.';
grant execute on function platform.count_events() to freehold_worker;
$sql$);

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.event_totals()
returns table (type text, plan text, count bigint)
language sql
stable
security definer
set search_path = ''
begin atomic
  select t.type, t.plan, t.count
  from platform.event_total t
  order by t.type, t.plan;
end;
comment on function platform.event_totals() is 'How many events of each type there ever were, by the plan that their tenant had when they were counted.';
grant execute on function platform.event_totals() to freehold_worker;
$sql$);

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.queue_metrics()
returns table (deliveries bigint, oldest_due_seconds double precision, relay_lag_seconds double precision)
language sql
stable
security definer
set search_path = ''
begin atomic
  select
    -- counted up to 100,000: more is more than enough
    (select count(*) from (select from platform.delivery_queue q where q.due_at <= statement_timestamp() limit 100000) c),
    -- what nobody has claimed, and what nobody holds any more; what a lane holds waits for its receiver
    extract(epoch from statement_timestamp() - least(
      (select q.due_at from platform.delivery_queue q order by q.due_at limit 1),
      (select b.expires_at from platform.delivery_batch b order by b.expires_at limit 1),
      statement_timestamp()))::double precision,
    coalesce((
      select extract(epoch from statement_timestamp() - p.counted_to)
      from platform.event_total_position p where p.counted_to > '-infinity'), 0)::double precision;
end;
comment on function platform.queue_metrics() is
  'Deliveries whose time has come, for how long the first that no worker holds has waited, and how long ago the moment was up to which all events are counted.';
grant execute on function platform.queue_metrics() to freehold_worker;
$sql$);

select platform.execute_as('freehold_janitor', $sql$
create or replace function platform.business_gauges()
returns table (metric text, plan text, currency text, value bigint)
language sql
stable
security definer
set search_path = ''
begin atomic
  select 'freehold_monthly_recurring_revenue', p.key, p.currency,
    coalesce((
      -- what is past due is still being asked for; a trial and a pause are not paid for
      select count(*) * p.monthly_price from app.subscription s where s.plan = p.key and s.status in ('active', 'past_due')), 0)
  from catalog.plan p
  union all
  -- of every plan: one that its last tenant has left has none, and is not forgotten
  select 'freehold_active_tenants', n.plan, null, coalesce(c.count, 0)
  from (select x.key as plan from catalog.plan x union all select 'none') n
  left join (
    select coalesce(tp.plan, 'none') as plan, count(*) as count
    from app.tenant t
    left join platform.tenant_plan tp on tp.tenant_id = t.id
    where t.status = 'active'
    group by tp.plan
  ) c on c.plan = n.plan
  union all
  select 'freehold_seats', n.plan, null, coalesce(c.count, 0)
  from (select x.key as plan from catalog.plan x union all select 'none') n
  left join (
    select coalesce(tp.plan, 'none') as plan, count(*) as count
    from app.membership m
    left join platform.tenant_plan tp on tp.tenant_id = m.tenant_id
    where m.status = 'active'
    group by tp.plan
  ) c on c.plan = n.plan;
end;
comment on function platform.business_gauges() is 'Monthly recurring revenue in minor units, active tenants, and active members, by plan. It reads all of them: 60 to 120 ms of 100,000 members.';
grant execute on function platform.business_gauges() to freehold_worker;
$sql$);

create or replace function identity.queue_metrics()
returns table (events bigint, people bigint)
language sql
stable
security definer
set search_path = ''
begin atomic
  select (select count(*) from identity.inbox i where i.status in ('pending', 'deferred')), (select count(*) from identity.waiting_person);
end;
comment on function identity.queue_metrics() is 'Events of the identity provider that are not applied yet, and people who are still to follow them.';
grant execute on function identity.queue_metrics() to freehold_worker;
