--! Undoes: sha1:aedfa6075df3e4d8b5afc0bda42feed4951b98e5
--! Loses: identity.inbox.traceparent, identity.waiting_person.traceparent, the rows of platform.event_total, the rows of platform.event_total_position

-- Undoes "telemetry".
set local check_function_bodies = off;
revoke select on catalog.plan from freehold_janitor;
revoke select on platform.tenant_plan from freehold_dispatcher;
revoke select on platform.tenant_plan from freehold_janitor;
drop index app.event_written;
alter table identity.waiting_person drop column traceparent;
comment on column identity.inbox.traceparent is null;
revoke execute on function platform.uuidv7_floor(at timestamp with time zone) from freehold_dispatcher;
create or replace function identity.follow(issuer text, subject text)
returns identity.waiting_person
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  lacking text[] := '{}';
  failure text;
  waiting identity.waiting_person;
begin
  begin
    lacking := identity.reconcile_person(issuer, subject);
  exception when others then
    failure := format('%s %s', sqlstate, sqlerrm);
  end;
  if failure is null and lacking = '{}' then
    delete from identity.waiting_person w
    where w.issuer = follow.issuer
      and w.subject = follow.subject;
    return null;
  end if;
  insert into identity.waiting_person as w (issuer, subject, attempts, missing, error, next_attempt_at)
  values (
    follow.issuer, follow.subject, 1,
    array(select distinct m from unnest(lacking) m where m not like 'failed/%' order by m),
    coalesce(failure, (select string_agg(distinct substr(m, 8), '; ') from unnest(lacking) m where m like 'failed/%')),
    statement_timestamp() + interval '5 seconds')
  on conflict on constraint waiting_person_pkey do update
    set (attempts, missing, error, next_attempt_at) = (
      w.attempts + 1, excluded.missing, excluded.error,
      statement_timestamp() + least(interval '5 seconds' * 2 ^ least(w.attempts, 12), interval '1 hour'))
  returning * into waiting;
  return waiting;
end
$$;
create or replace function identity.follow_all(issuer text, subjects text[])
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  subject text;
begin
  -- of what names nobody
  subjects := array_remove(subjects, null);
  if cardinality(subjects) <= 10 then
    foreach subject in array subjects loop
      perform identity.follow(issuer, subject);
    end loop;
    return;
  end if;
  insert into identity.waiting_person as w (issuer, subject)
  select follow_all.issuer, s
  from unnest(subjects) s
  on conflict on constraint waiting_person_pkey do update
    -- who is due already keeps their turn
    set next_attempt_at = least(w.next_attempt_at, statement_timestamp());
  -- it notifies, which locks the whole database at commit: for many at once, which is rare
  perform graphile_worker.add_job('follow_people', queue_name => 'follow_people', job_key => 'follow_people', max_attempts => 3);
end
$$;
drop routine identity.queue_metrics();
create or replace function identity.receive_event(issuer text, event jsonb, source text)
returns text
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  insert into identity.inbox (id, issuer, event, data, occurred_at, source)
  values (
    receive_event.event ->> 'id', receive_event.issuer, receive_event.event ->> 'event', receive_event.event -> 'data',
    (receive_event.event ->> 'created_at')::timestamptz, receive_event.source)
  on conflict (id) do nothing;
  if not found then
    return 'known';
  end if;
  return (identity.apply_event(receive_event.event ->> 'id')).status;
end
$$;
drop routine platform.business_gauges();
drop routine platform.count_events();
drop routine platform.event_totals();
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
  -- What the function asks first, asked here: each write would pay for the call, and few need it.
  if written > 0 and not pg_try_advisory_xact_lock_shared(7100040) then
    perform platform.wake_dispatcher();
  end if;
  return null;
end
$fan$;
set local role none;
drop routine platform.queue_metrics();
drop table platform.event_total;
drop table platform.event_total_position;
alter table identity.inbox drop column traceparent cascade;
create or replace function identity.due_events(most integer default 100)
returns setof text
language sql
stable
security definer
set search_path = ''
begin atomic
  select i.id
  from identity.inbox i
  where i.status in ('pending', 'deferred')
    and i.next_attempt_at <= statement_timestamp()
  order by i.next_attempt_at, i.id
  limit due_events.most;
end;
alter function identity.due_events(most integer) owner to freehold_owner;
grant execute on function identity.due_events(most integer) to freehold_worker;
comment on function identity.due_events(most integer) is 'Which events are to be applied by now, at most that many.';
