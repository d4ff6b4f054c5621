--! Undoes: sha1:6f0f35ea53df8cbf035e3106a27ab5906b948224
--! Loses: nothing

-- Undoes "telemetry reviewed".
set local check_function_bodies = off;
set local role freehold_janitor;
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
  select 'freehold_active_tenants', coalesce(tp.plan, 'none'), null, count(*)
  from app.tenant t
  left join platform.tenant_plan tp on tp.tenant_id = t.id
  where t.status = 'active'
  group by tp.plan
  union all
  select 'freehold_seats', coalesce(tp.plan, 'none'), null, count(*)
  from app.membership m
  left join platform.tenant_plan tp on tp.tenant_id = m.tenant_id
  where m.status = 'active'
  group by tp.plan;
end;
set local role none;
set local role freehold_dispatcher;
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
  -- for the server's line about the request: the first twenty, gone with the transaction
  if current_setting('freehold.request_id', true) <> '' then
    perform set_config('freehold.recorded', left(concat_ws(E'\n', nullif(current_setting('freehold.recorded', true), ''), (
      select string_agg(concat_ws(' ', r.type, r.entity, r.entity_id,
        case when r.previous ? 'status' then (r.previous ->> 'status') || '->' || (r.data ->> 'status') end), E'\n')
      from (select x.type, x.entity, x.entity_id, x.previous, x.data from recorded x limit 20) r)), 2000), true);
  end if;
  -- What the function asks first, asked here: each write would pay for the call, and few need it.
  if written > 0 and not pg_try_advisory_xact_lock_shared(7100040) then
    perform platform.wake_dispatcher();
  end if;
  return null;
end
$fan$;
set local role none;
set local role freehold_dispatcher;
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
    coalesce((
      select extract(epoch from statement_timestamp() - q.due_at)
      from platform.delivery_queue q where q.due_at <= statement_timestamp() order by q.due_at limit 1), 0)::double precision,
    coalesce((
      select extract(epoch from statement_timestamp() - p.counted_to)
      from platform.event_total_position p where p.counted_to > '-infinity'), 0)::double precision;
end;
set local role none;
set local role freehold_dispatcher;
comment on function platform.queue_metrics() is 'Deliveries whose time has come, for how long the first of them has waited, and how long ago the moment was up to which all events are counted.';
set local role none;
drop function platform.load_deliveries(uuid,integer,interval) cascade;
set local role freehold_dispatcher;
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
  ordered boolean
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
      e.traceparent, e.entity_id, held.parallel, held.ordered
    from wanted d
    join target w on w.tenant_id = d.tenant_id and w.id = d.endpoint_id
    cross join lateral (
      select x.* from app.event x where x.tenant_id = d.tenant_id and x.id = d.event_id offset 0
    ) e
    -- ids are of the time of the event: of one resource, the earlier version goes first
    order by d.id;
end
$load$;
set local role none;
set local role freehold_dispatcher;
alter function platform.load_deliveries(batch uuid, claim integer, lease interval) owner to freehold_dispatcher;
set local role none;
set local role freehold_dispatcher;
grant execute on function platform.load_deliveries(batch uuid, claim integer, lease interval) to freehold_worker;
set local role none;
set local role freehold_dispatcher;
comment on function platform.load_deliveries(batch uuid, claim integer, lease interval) is 'Renews the lease of a batch and returns what of it is still to be sent: URL, webhook-id and the bytes of the body; keys as "v1 <sealed>", headers as
"<name> <sealed>", which the worker opens. Nothing when the lease was lost. The only reader of both.';
set local role none;
