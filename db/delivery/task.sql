-- Internal subscribers: what the worker does itself when something has happened.

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.load_task(tenant uuid, delivery uuid)
returns table (
  event_id uuid,
  type text,
  entity text,
  entity_id uuid,
  data text,
  actor_type text,
  occurred_at timestamptz,
  request_id text,
  traceparent text
)
language sql
stable
security definer
set search_path = ''
begin atomic
  select e.id, e.type, e.entity, e.entity_id, e.data::text, e.actor_type, e.occurred_at, e.request_id, e.traceparent
  from app.delivery d
  join app.event e on e.tenant_id = d.tenant_id and e.id = d.event_id
  where d.tenant_id = tenant
    and d.id = delivery
    and d.task is not null
    and d.status = 'pending';
end;
comment on function platform.load_task(uuid, uuid) is 'The event of a task that is still to be done; nothing when it was done already.';
grant execute on function platform.load_task(uuid, uuid) to freehold_worker;

create or replace function platform.finish_task(tenant uuid, delivery uuid, error text, final boolean, latency_ms integer)
returns void
language sql
volatile
security definer
set search_path = ''
begin atomic
  with settled as (
    update app.delivery d
    set attempt_count = d.attempt_count + 1,
      status = case when finish_task.error is null then 'succeeded' when final then 'failed' else 'pending' end,
      next_attempt_at = null,
      last_error = left(finish_task.error, 1000),
      updated_at = statement_timestamp()
    where d.tenant_id = tenant
      and d.id = delivery
      and d.task is not null
      and d.status = 'pending'
    returning d.tenant_id, d.id, d.attempt_count
  )
  insert into app.delivery_attempt (tenant_id, delivery_id, attempt, succeeded, error, latency_ms)
  select s.tenant_id, s.id, s.attempt_count, finish_task.error is null, left(finish_task.error, 1000), finish_task.latency_ms
  from settled s;
end;
comment on function platform.finish_task(uuid, uuid, text, boolean, integer) is
  'Records how a task went: done when error is null, given up when final, and otherwise left to the job''s next attempt.';
grant execute on function platform.finish_task(uuid, uuid, text, boolean, integer) to freehold_worker;
$sql$);
