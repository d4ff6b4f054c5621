--! Previous: sha1:e4159a160f0cd47457f5d8bace45ff44e53d3207
--! Hash: sha1:6f0f35ea53df8cbf035e3106a27ab5906b948224
--! Message: telemetry reviewed

-- What a review of the telemetry found: a gauge whose last row had gone stood for ever, deliveries in the lane of a slow receiver counted as late ones of ours, and the lines
-- of jobs did not say which events they caused.

-- it returns more
drop function platform.load_deliveries(uuid, integer, interval);
--! Included delivery/load.sql
-- All that a worker needs to send a batch.

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.load_deliveries(batch uuid, claim integer, lease interval default '30 seconds')
returns table (
  tenant_id uuid,
  delivery_id uuid,
  attempt integer,
  endpoint_id uuid,
  enabled boolean,
  url text,
  keys text[],
  headers text[],
  message_id text,
  body text,
  traceparent text,
  entity_id uuid,
  parallel integer,
  ordered boolean,
  lane boolean,
  entity text,
  request_id text,
  waited_ms double precision
)
language plpgsql
volatile
security definer
set search_path = ''
-- Planned once: 0.57 ms for a batch of one, where planning each time made it 1.84.
set plan_cache_mode = force_generic_plan
as $load$
declare
  held platform.delivery_batch;
begin
  update platform.delivery_batch b
  set expires_at = statement_timestamp() + lease
  where b.id = batch
    and b.claim = load_deliveries.claim
  returning b.* into held;
  if not found then
    return;
  end if;
  -- Each row by its key, whatever the planner knows of the tables (offset 0 keeps each look-up to itself): queues fill and empty faster than
  -- statistics follow, and a plan for a short one would read a whole backlog for each batch.
  return query
    with wanted as materialized (
      select d.tenant_id, d.id, d.event_id, d.endpoint_id, h.attempt
      from unnest(held.tenant_ids, held.delivery_ids, held.attempts) h (tenant_id, delivery_id, attempt)
      cross join lateral (
        select x.* from app.delivery x where x.tenant_id = h.tenant_id and x.id = h.delivery_id offset 0
      ) d
      -- what an earlier holder of the batch has settled is not sent again
      where d.status = 'pending'
        and d.attempt_count = h.attempt - 1
    ),
    target as materialized (
      select w.tenant_id, w.id, w.status = 'enabled' as enabled, w.url,
        array(
          select k.scheme || ' ' || k.sealed_key
          from app.webhook_signing_key k
          where k.tenant_id = w.tenant_id and k.endpoint_id = w.id and (k.expires_at is null or k.expires_at > statement_timestamp())
          -- the present key first
          order by k.id desc) as keys,
        array(
          select x.name || ' ' || x.sealed_value
          from app.webhook_header x
          where x.tenant_id = w.tenant_id and x.endpoint_id = w.id
          order by x.name) as headers
      from (select distinct d.tenant_id, d.endpoint_id from wanted d) t
      cross join lateral (
        select x.* from app.webhook_endpoint x where x.tenant_id = t.tenant_id and x.id = t.endpoint_id offset 0
      ) w
    )
    select d.tenant_id, d.id, d.attempt, w.id, w.enabled, w.url, w.keys, w.headers,
      'evt_' || e.id,
      -- Built here, where numbers keep their digits; the text is what is signed and what is sent.
      '{"id":"evt_' || e.id || '","type":' || to_json(e.type)
        || ',"timestamp":"' || to_char(e.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
        || '","tenant":"' || e.tenant_id || '","entity":' || to_json(e.entity) || ',"entity_id":"' || e.entity_id
        || '","entity_version":' || coalesce(e.entity_version::text, 'null') || ',"api_version":"v1","data":' || e.data || '}',
      e.traceparent, e.entity_id, held.parallel, held.ordered, held.lane, e.entity, e.request_id,
      -- by one clock, whichever the worker's is
      extract(epoch from statement_timestamp() - uuid_extract_timestamp(d.id))::double precision * 1000
    from wanted d
    join target w on w.tenant_id = d.tenant_id and w.id = d.endpoint_id
    cross join lateral (
      select x.* from app.event x where x.tenant_id = d.tenant_id and x.id = d.event_id offset 0
    ) e
    -- ids are of the time of the event: of one resource, the earlier version goes first
    order by d.id;
end
$load$;
comment on function platform.load_deliveries(uuid, integer, interval) is
  'Renews the lease of a batch and returns what of it is still to be sent: URL, webhook-id and the bytes of the body; keys as "v1 <sealed>", headers as
"<name> <sealed>", which the worker opens. Nothing when the lease was lost. The only reader of both.';
grant execute on function platform.load_deliveries(uuid, integer, interval) to freehold_worker;

create or replace function platform.renew_batch(batch uuid, claim integer, lease interval default '30 seconds')
returns boolean
language sql
volatile
security definer
set search_path = ''
begin atomic
  with renewed as (
    update platform.delivery_batch b
    set expires_at = statement_timestamp() + lease
    where b.id = batch
      and b.claim = renew_batch.claim
    returning 1
  )
  select exists (select from renewed);
end;
comment on function platform.renew_batch(uuid, integer, interval) is 'Keeps a batch while its slowest receiver is waited for. False when the lease was lost.';
grant execute on function platform.renew_batch(uuid, integer, interval) to freehold_worker;
$sql$);
--! EndIncluded delivery/load.sql
--! Included delivery/fan_out.sql
-- From events to deliveries, in the transaction that wrote the event.
--
-- CPU of one update with its event, in the backend: 250 µs without this trigger, 280 with it and nobody subscribed, 330 with one
-- subscriber; 357 were the deliveries tied by foreign keys to endpoint, event and state. At 32 clients with durable commits, updates
-- of a subscribed tenant run at 0.86 of the rate of one that is not (median of five interleaved pairs on two noisy cores).
-- Tried without effect: asking first whether anybody subscribes, a loop instead of one statement, no index for endpoints.

create or replace function platform.wants_event(event_types text[], channels text[], type text, channel text, entity text, entity_id uuid)
returns boolean
language sql
immutable
parallel safe
-- no SET: it inlines
return event_types && array[type, split_part(type, '.', 1) || '.*', '*']
  and (channels = '{}' or channels && array[channel, entity || ':' || entity_id])
  -- goes to one endpoint alone: app.send_test_event
  and type <> 'webhook_endpoint.tested';
comment on function platform.wants_event(text[], text[], text, text, text, uuid) is
  'Whether an endpoint with these event types and channels is told of an event. Each event is in the channel entity:id, and in the one that its entity declares.';
grant execute on function platform.wants_event(text[], text[], text, text, text, uuid) to freehold_dispatcher;

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.fan_out()
returns trigger
language plpgsql
security definer
set search_path = ''
as $fan$
declare
  written integer;
begin
  with added as (
    insert into app.delivery (tenant_id, event_id, endpoint_id, task, next_attempt_at)
    select r.tenant_id, r.id, w.id, null, statement_timestamp()
    from recorded r
    join app.webhook_endpoint w on w.tenant_id = r.tenant_id
    where w.status = 'enabled'
      and platform.wants_event(w.event_types, w.channels, r.type, r.channel, r.entity, r.entity_id)
    union all
    select r.tenant_id, r.id, null, t.task, statement_timestamp()
    from recorded r
    join platform.event_task t on t.type = r.type
    returning tenant_id, id, endpoint_id, task, next_attempt_at
  )
  insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, task, attempt)
  select a.next_attempt_at, a.id, a.tenant_id, a.endpoint_id, a.task, 1
  from added a;
  get diagnostics written = row_count;
  -- for the line about the request or the job: the first twenty, gone with the transaction
  perform set_config('freehold.recorded', left(concat_ws(E'\n', nullif(current_setting('freehold.recorded', true), ''), (
    select string_agg(concat_ws(' ', r.type, r.entity, r.entity_id,
      case when r.previous ? 'status' then (r.previous ->> 'status') || '->' || (r.data ->> 'status') end), E'\n')
    from (select x.type, x.entity, x.entity_id, x.previous, x.data from recorded x limit 20) r)), 2000), true);
  -- What the function asks first, asked here: each write would pay for the call, and few need it.
  if written > 0 and not pg_try_advisory_xact_lock_shared(7100040) then
    perform platform.wake_dispatcher();
  end if;
  return null;
end
$fan$;
comment on function platform.fan_out() is
  'Trigger: one pending delivery for each enabled endpoint and internal task that wants the event. Nobody subscribed, nothing written.';
grant execute on function platform.fan_out() to freehold_owner;
$sql$);

-- a statement trigger: one query for all events of a statement
create or replace trigger _500_fan_out
  after insert on app.event
  referencing new table as recorded
  for each statement execute function platform.fan_out();
--! EndIncluded delivery/fan_out.sql
--! Included telemetry/business_metrics.sql
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
--! EndIncluded telemetry/business_metrics.sql
