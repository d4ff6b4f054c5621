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
