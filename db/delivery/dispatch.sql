-- One look of a dispatcher: a round trip and a transaction, whatever is due.

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

  if platform.tell_watchers() > 0 or jobs > 0 then
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
comment on function platform.dispatch(integer, integer, interval, integer, interval, text) is
  'Adds jobs for what is due, and says how to rest: resting is asleep (this session holds the lock, and is notified), beside (another does, and its notifications
wake us too) or null (look again soon: there were jobs, or transactions that have written deliveries or news are about to commit); due_in is how many milliseconds until
something is due, at most poll. Takes the resting that it last returned, in the same session.';
grant execute on function platform.dispatch(integer, integer, interval, integer, interval, text) to freehold_worker;
