--! Previous: sha1:4407c1825b343fabdf498235d606d404f2d3ec97
--! Hash: sha1:c7ee32399a54251fdd4a04aad2b338cdfe80ef27
--! Message: event streams

-- Streams of events at servers (db/delivery/news.sql): who listens, and for whom there is news.

-- lint: allow unlogged-table: after a crash or at a replica, servers note again what they watch within ten seconds, and streams look by themselves meanwhile
create unlogged table platform.event_watch (
  tenant_id uuid not null,
  server_id uuid not null,
  expires_at timestamptz not null,
  primary key (tenant_id, server_id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000);
comment on table platform.event_watch is 'Servers that have streams of a tenant''s events open, under a lease.';

-- No key: it is written by everybody at once, and read as a whole.
-- lint: allow unlogged-table: news that is lost delays streams until they look by themselves
create unlogged table platform.event_news (
  tenant_id uuid not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000);
comment on table platform.event_news is 'A row for each event of a tenant whose streams are open; the dispatcher takes them away and tells the servers.';

--! Included delivery/news.sql
-- Waking the streams of events that servers hold open (server/streams), without a NOTIFY in a business transaction.
--
-- A server notes which tenants it has streams of. Whoever writes events of such a tenant leaves a row in platform.event_news, in the same
-- transaction (db/delivery/fan_out.sql): an insert that nobody waits for. The dispatcher takes all of them in its round and sends one NOTIFY with the
-- tenants. What is lost on the way, with a crash or because no worker runs, delays: streams look by themselves every 15 s.

grant select, insert, delete on platform.event_news to freehold_dispatcher;
grant select, insert, update, delete on platform.event_watch to freehold_dispatcher;

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.watch_events(server uuid, tenants uuid[], lease interval default '30 seconds')
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $watch$
begin
  -- What the server watches no more, and what servers left behind that are gone.
  delete from platform.event_watch w
  where w.server_id = watch_events.server
    and w.tenant_id <> all (tenants);
  delete from platform.event_watch w
  where (w.tenant_id, w.server_id) in (
    select x.tenant_id, x.server_id
    from platform.event_watch x
    where x.expires_at < statement_timestamp() - interval '1 minute'
    for update skip locked);
  insert into platform.event_watch as w (tenant_id, server_id, expires_at)
  select distinct t.id, watch_events.server, statement_timestamp() + lease
  from unnest(tenants) t (id)
  on conflict (tenant_id, server_id) do update set expires_at = excluded.expires_at;
end
$watch$;
comment on function platform.watch_events(uuid, uuid[], interval) is
  'Notes that this server has streams of just these tenants, until the lease is over. From its commit on, transactions that begin to write leave a row in
platform.event_news; those that had begun may not.';
grant execute on function platform.watch_events(uuid, uuid[], interval) to freehold_app;

create or replace function platform.tell_watchers()
returns integer
language plpgsql
volatile
security definer
set search_path = ''
as $tell$
declare
  tenants text;
  told integer := 0;
begin
  for tenants in
    with taken as (
      delete from platform.event_news
      returning tenant_id
    )
    select string_agg(t.tenant_id::text, ',')
    from (select x.tenant_id, row_number() over () as n from (select distinct k.tenant_id from taken k) x) t
    -- a payload ends at 8,000 bytes
    group by (t.n - 1) / 200
  loop
    perform pg_notify('freehold_events', tenants);
    told := told + 1;
  end loop;
  return told;
end
$tell$;
comment on function platform.tell_watchers() is
  'Tells the servers, on channel freehold_events, of which tenants there is news; returns how many notifications that took. The dispatcher''s: one commit with a
NOTIFY at a time is possible in a cluster, and it makes one for everybody.';
grant execute on function platform.tell_watchers() to freehold_worker;
$sql$);
--! EndIncluded delivery/news.sql
--! Included delivery/fan_out.sql
-- From events to deliveries, in the transaction that wrote the event.
--
-- CPU of one update with its event, in the backend: 250 µs without this trigger, 280 with it and nobody subscribed, 330 with one
-- subscriber; 357 were the deliveries tied by foreign keys to endpoint, event and state. At 32 clients with durable commits, updates
-- of a subscribed tenant run at 0.86 of the rate of one that is not (median of five interleaved pairs on two noisy cores).
-- Word for streams of events: with nobody watching, the backend's CPU for an update differed by -10 to +25 µs of 400 in two interleaved runs of 16 pairs of
-- 2,000 updates, which is their noise; with a watcher by 20 to 25. As a part of the statement that writes deliveries it was 15 of 310.
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
  watched boolean;
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
  select set_config('freehold.recorded', left(concat_ws(E'\n', nullif(current_setting('freehold.recorded', true), ''), (
    select string_agg(concat_ws(' ', r.type, r.entity, r.entity_id,
      case when r.previous ? 'status' then (r.previous ->> 'status') || '->' || (r.data ->> 'status') end), E'\n')
    from (select x.type, x.entity, x.entity_id, x.previous, x.data from recorded x limit 20) r)), 2000), true) is not null
    -- Whether a server has streams of the tenant: asked here, for a statement of its own would cost each write more than its answer.
    and exists (
      select from recorded r
      join platform.event_watch w on w.tenant_id = r.tenant_id
      where w.expires_at > statement_timestamp())
  into watched;
  if watched then
    insert into platform.event_news (tenant_id)
    select distinct r.tenant_id
    from recorded r
    where exists (select from platform.event_watch w where w.tenant_id = r.tenant_id and w.expires_at > statement_timestamp());
  end if;
  -- What the function asks first, asked here: each write would pay for the call, and few need it.
  if (written > 0 or watched) and not pg_try_advisory_xact_lock_shared(7100040) then
    perform platform.wake_dispatcher();
  end if;
  return null;
end
$fan$;
comment on function platform.fan_out() is
  'Trigger: one pending delivery for each enabled endpoint and internal task that wants the event, and word of it where a server has streams of the tenant.
Nobody subscribed, nothing written.';
grant execute on function platform.fan_out() to freehold_owner;
$sql$);

-- a statement trigger: one query for all events of a statement
create or replace trigger _500_fan_out
  after insert on app.event
  referencing new table as recorded
  for each statement execute function platform.fan_out();
--! EndIncluded delivery/fan_out.sql
--! Included delivery/dispatch.sql
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
--! EndIncluded delivery/dispatch.sql
