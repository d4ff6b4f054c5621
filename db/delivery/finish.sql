-- What came of a batch: attempts in bulk, and for each delivery its end or its next attempt.

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.finish_deliveries(batch uuid, claim integer, results json, last boolean default true)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $finish$
declare
  held boolean;
  waiting record;
begin
  perform
  from platform.delivery_batch b
  where b.id = batch
    and b.claim = finish_deliveries.claim
  for update;
  held := found;

  with result as (
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
    select r.tenant_id, r.delivery_id, r.attempt, r.error, r.succeeded, w.ordered,
      case when not r.succeeded and not coalesce(r.final, false)
        then statement_timestamp() + platform.retry_delay(w.retry_delays, r.attempt - d.schedule_start, r.retry_after)
      end as next_attempt_at
    from result r
    join app.delivery d on d.tenant_id = r.tenant_id and d.id = r.delivery_id
    join app.webhook_endpoint w on w.tenant_id = d.tenant_id and w.id = d.endpoint_id
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
  )
  -- What goes back to a lane: the failed one of an ordered endpoint, which holds up the rest, and what was not sent at all.
  select array_agg(l.tenant_id) as tenants, array_agg(l.endpoint_id) as endpoints, array_agg(l.delivery_id) as deliveries, array_agg(l.attempt) as attempts
  into waiting
  from (
    select s.tenant_id, s.endpoint_id, s.id as delivery_id, s.attempt_count + 1 as attempt
    from settled s
    where s.next_attempt_at is not null
      and s.ordered
    union all
    select r.tenant_id, r.endpoint_id, r.delivery_id, r.attempt
    from result r
    where r.released
      and held
  ) l;

  if waiting.tenants is not null then
    perform platform.to_lane(waiting.tenants, waiting.endpoints, waiting.deliveries, waiting.attempts);
  end if;
  if held then
    perform platform.follow_health(results);
  end if;
  if last and held then
    delete from platform.delivery_batch b where b.id = batch;
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
