-- What came of a batch: attempts in bulk, and for each delivery its end or its next attempt.

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.finish_deliveries(batch uuid, claim integer, results json, last boolean default true)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
-- the same statement for each batch: planned once, and for keys (queues fill and empty faster than statistics follow)
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $finish$
declare
  held boolean;
  lane boolean;
  told record;
begin
  select b.lane
  into lane
  from platform.delivery_batch b
  where b.id = batch
    and b.claim = finish_deliveries.claim
  for update;
  held := found;

  with result as materialized (
    select r.*
    from json_to_recordset(results) r (
      tenant_id uuid, delivery_id uuid, endpoint_id uuid, attempt integer, succeeded boolean, final boolean, released boolean,
      status_code integer, error text, latency_ms integer, response_excerpt text, retry_after integer, occurred_at timestamptz)
  ),
  attempted as (
    insert into app.delivery_attempt (
      tenant_id, delivery_id, endpoint_id, attempt, succeeded, status_code, error, latency_ms, response_excerpt, occurred_at)
    select r.tenant_id, r.delivery_id, r.endpoint_id, r.attempt, r.succeeded, r.status_code, r.error, r.latency_ms, r.response_excerpt, r.occurred_at
    from result r
    where r.latency_ms is not null
  ),
  verdict as materialized (
    select r.*, w.ordered,
      case when not r.succeeded and not coalesce(r.final, false)
        then statement_timestamp() + platform.retry_delay(w.retry_delays, r.attempt - d.schedule_start, r.retry_after)
      end as next_attempt_at
    from result r
    -- by key, and for failures alone: a success needs to know nothing
    left join lateral (
      select x.schedule_start from app.delivery x where not r.succeeded and x.tenant_id = r.tenant_id and x.id = r.delivery_id offset 0
    ) d on true
    left join lateral (
      select x.ordered, x.retry_delays from app.webhook_endpoint x where not r.succeeded and x.tenant_id = r.tenant_id and x.id = r.endpoint_id offset 0
    ) w on true
    where not coalesce(r.released, false)
      -- who lost the lease still tells of a success, and leaves a failure to the new holder
      and (held or r.succeeded)
  ),
  settled as (
    update app.delivery d
    set attempt_count = v.attempt,
      status = case when v.succeeded then 'succeeded' when v.next_attempt_at is null then 'failed' else 'pending' end,
      next_attempt_at = v.next_attempt_at,
      last_error = v.error,
      updated_at = statement_timestamp()
    from verdict v
    where d.tenant_id = v.tenant_id
      and d.id = v.delivery_id
      and d.status = 'pending'
      and d.attempt_count = v.attempt - 1
    returning d.tenant_id, d.id, d.endpoint_id, d.attempt_count, d.next_attempt_at, v.ordered
  ),
  queued as (
    insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, attempt)
    select s.next_attempt_at, s.id, s.tenant_id, s.endpoint_id, s.attempt_count + 1
    from settled s
    where s.next_attempt_at is not null
      and not s.ordered
  ),
  -- What goes back to a lane: the failed one of an ordered endpoint, which holds up the rest, and what was not sent at all.
  back as (
    select s.tenant_id, s.endpoint_id, s.id as delivery_id, s.attempt_count + 1 as attempt
    from settled s
    where s.next_attempt_at is not null
      and s.ordered
    union all
    select r.tenant_id, r.endpoint_id, r.delivery_id, r.attempt
    from result r
    where r.released
      and held
  ),
  health as (
    select v.tenant_id, v.endpoint_id, bool_or(v.succeeded) as well,
      count(*) filter (where not v.succeeded) as failures,
      min(v.occurred_at) as first_at, max(v.occurred_at) as last_at,
      coalesce(bool_or(v.status_code = 410), false) as gone,
      max(v.next_attempt_at) as next_attempt_at
    from verdict v
    where v.latency_ms is not null
    group by v.tenant_id, v.endpoint_id
  )
  select
    (select json_agg(b) from back b) as back,
    -- Where all went well and nobody had failed before there is nothing to follow: one look-up an endpoint.
    (select json_agg(h)
     from health h
     where not h.well
       or exists (
         select from platform.endpoint_flow f
         where f.tenant_id = h.tenant_id and f.endpoint_id = h.endpoint_id and (f.laned or f.failures > 0))) as health
  into told;

  if told.back is not null then
    perform platform.to_lane(array_agg(b.tenant_id), array_agg(b.endpoint_id), array_agg(b.delivery_id), array_agg(b.attempt))
    from json_to_recordset(told.back) b (tenant_id uuid, endpoint_id uuid, delivery_id uuid, attempt integer);
  end if;
  if held and told.health is not null then
    perform platform.follow_health(told.health);
  end if;
  if last and held then
    delete from platform.delivery_batch b where b.id = batch;
  end if;
  -- A lane may give out its next batch, or has got something.
  if last and lane or told.back is not null or told.health is not null then
    perform platform.wake_dispatcher();
  end if;
  return held;
end
$finish$;
comment on function platform.finish_deliveries(uuid, integer, json, boolean) is
  'Records results of a batch, some or the last: [{tenant_id, delivery_id, endpoint_id, attempt, succeeded, final, released, status_code, error, latency_ms,
response_excerpt, retry_after, occurred_at}]. final gives up without further attempts; released was not sent, and waits in its lane; without latency_ms
no attempt was made; retry_after is in seconds. False when the lease was lost.';
grant execute on function platform.finish_deliveries(uuid, integer, json, boolean) to freehold_worker;
$sql$);
