--! Undoes: sha1:c7ee32399a54251fdd4a04aad2b338cdfe80ef27
--! Loses: the rows of platform.event_news, the rows of platform.event_watch

-- Undoes "event streams".
set local check_function_bodies = off;
drop table platform.event_news;
drop table platform.event_watch;
create or replace function platform.dispatch(
  most integer,
  batch_size integer,
  lease interval,
  in_flight integer,
  poll interval,
  inout resting text,
  out jobs integer,
  out due_in integer
)
language plpgsql
volatile
-- as the worker: the jobs are graphile-worker's
set search_path = ''
as $$
begin
  -- Before it looks: who falls asleep and then finds nothing has missed nothing. The lock is that of platform.wake_dispatcher.
  if resting is distinct from 'asleep' then
    resting := case
      when pg_try_advisory_lock(7100040) then 'asleep'
      -- Writers hold it shared, a sleeper does not. That one may be gone by the next look, and writers would notify nobody.
      when not pg_try_advisory_lock_shared(7100040) then 'beside'
    end;
    if resting is null then
      perform pg_advisory_unlock_shared(7100040);
    end if;
  end if;

  select count(*)
  into jobs
  from (
    select array_agg(row(c.identifier, c.payload, null, null, c.max_attempts, c.job_key, null, null)::graphile_worker.job_spec) as specs
    from platform.claim_deliveries(most, batch_size, lease, in_flight) c
  ) claimed
  cross join lateral graphile_worker.add_jobs(claimed.specs, true)
  where claimed.specs is not null;

  if jobs > 0 then
    -- Awake while there is work, or each writer would notify.
    if resting = 'asleep' then
      perform pg_advisory_unlock(7100040);
    end if;
    resting := null;
  end if;
  if resting is not null then
    due_in := platform.next_due(poll, in_flight);
  end if;
end
$$;
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
set local role none;
drop routine platform.tell_watchers();
drop routine platform.watch_events(server uuid, tenants uuid[], lease interval);
comment on function platform.dispatch(most integer, batch_size integer, lease interval, in_flight integer, poll interval, INOUT resting text, OUT jobs integer, OUT due_in integer) is 'Adds jobs for what is due, and says how to rest: resting is asleep (this session holds the lock, and is notified), beside (another does, and its notifications
wake us too) or null (look again soon: there were jobs, or transactions that have written deliveries are about to commit); due_in is how many milliseconds until
something is due, at most poll. Takes the resting that it last returned, in the same session.';
set local role freehold_dispatcher;
comment on function platform.fan_out() is 'Trigger: one pending delivery for each enabled endpoint and internal task that wants the event. Nobody subscribed, nothing written.';
set local role none;
