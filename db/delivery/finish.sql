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
      tenant_id uuid, delivery_id uuid, attempt integer, succeeded boolean, final boolean,
      status_code integer, error text, latency_ms integer, response_excerpt text, occurred_at timestamptz)
  ),
  attempted as (
    insert into app.delivery_attempt (tenant_id, delivery_id, attempt, status_code, error, latency_ms, response_excerpt, occurred_at)
    select r.tenant_id, r.delivery_id, r.attempt, r.status_code, r.error, r.latency_ms, r.response_excerpt, r.occurred_at
    from result r
    where r.latency_ms is not null
  ),
  verdict as (
    select r.tenant_id, r.delivery_id, r.attempt, r.error, r.succeeded,
      case when not r.succeeded and not coalesce(r.final, false)
        then statement_timestamp() + platform.retry_delay(r.attempt)
      end as next_attempt_at
    from result r
    -- who lost the lease still tells of a success, and leaves a failure to the new holder
    where held or r.succeeded
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
    returning d.tenant_id, d.id, d.endpoint_id, d.attempt_count, d.next_attempt_at
  )
  insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, attempt)
  select s.next_attempt_at, s.id, s.tenant_id, s.endpoint_id, s.attempt_count + 1
  from settled s
  where s.next_attempt_at is not null;

  if last and held then
    delete from platform.delivery_batch b where b.id = batch;
  end if;
  return held;
end
$finish$;
comment on function platform.finish_deliveries(uuid, integer, json, boolean) is
  'Records results of a batch, some or the last: [{tenant_id, delivery_id, attempt, succeeded, final, status_code, error, latency_ms, response_excerpt, occurred_at}].
final gives up without further attempts; without latency_ms no attempt was made. False when the lease was lost.';
grant execute on function platform.finish_deliveries(uuid, integer, json, boolean) to freehold_worker;
$sql$);
