--! Previous: sha1:6f6acddb50bbf0d9d54a261c483c4c3c1645aa7f
--! Hash: sha1:aedfa6075df3e4d8b5afc0bda42feed4951b98e5
--! Message: telemetry

-- No release has these tables yet.
-- squawk-ignore-file require-concurrent-index-creation

-- Traces go on from what waits in a table, transactions tell what they recorded, and events are counted.

alter table identity.inbox add column traceparent text;
comment on column identity.inbox.traceparent is 'W3C trace context of the request that brought it; null when it was polled.';
alter table identity.waiting_person add column traceparent text;
comment on column identity.waiting_person.traceparent is 'W3C trace context of what was told of them last.';

create table platform.event_total (
  type text not null,
  plan text not null,
  count bigint not null,
  primary key (type, plan)
);
comment on table platform.event_total is 'How many events of each type there ever were, by the plan of their tenant when they were counted: the counters of Prometheus, which nothing sets back.';

create table platform.event_total_position (
  id boolean primary key default true check (id),
  xid xid8 not null default '0',
  counted_to timestamptz not null default '-infinity',
  ceiling xid8 not null default '0',
  noted_at timestamptz not null default '-infinity'
);
comment on table platform.event_total_position is 'Up to where events are counted. One row.';
comment on column platform.event_total_position.xid is 'Events below it are counted.';
comment on column platform.event_total_position.counted_to is 'Events that were written before that moment are counted.';
comment on column platform.event_total_position.ceiling is 'Once no transaction below it runs any more, what was written before noted_at is counted.';
insert into platform.event_total_position default values;

-- By time, over all tenants: three pages for a million events, and next to nothing to keep.
create index event_written on app.event using brin (tenant_id, id) with (pages_per_range = 32);

drop function identity.due_events(integer);

--! Included delivery/fan_out.sql
-- From events to deliveries, in the transaction that wrote the event.
--
-- CPU of one update with its event, in the backend: 250 µs without this trigger, 280 with it and nobody subscribed, 330 with one
-- subscriber; 357 were the deliveries tied by foreign keys to endpoint, event and state. At 32 clients with durable commits, updates
-- of a subscribed tenant run at 0.86 of the rate of one that is not (median of five interleaved pairs on two noisy cores).
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
comment on function platform.fan_out() is
  'Trigger: one pending delivery for each enabled endpoint and internal task that wants the event. Nobody subscribed, nothing written.';
grant execute on function platform.fan_out() to freehold_owner;
$sql$);

-- a statement trigger: one query for all events of a statement
create or replace trigger _500_fan_out
  after insert on app.event
  referencing new table as recorded
  for each statement execute function platform.fan_out();
--! EndIncluded delivery/fan_out.sql
--! Included identity/follow.sql
-- People follow what the identity provider tells of them: at once when it is about a few, else by the worker, each in a transaction of its own.

create or replace function identity.reconcile_person(issuer text, subject text)
returns text[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  who identity.provider_object := identity.known(issuer, 'user', subject);
  missing text[] := '{}';
  place text;
begin
  update identity.person p
  set email = who.data ->> 'email',
    email_verified = coalesce((who.data ->> 'email_verified')::boolean, false),
    name = left(coalesce(nullif(trim(concat_ws(' ', who.data ->> 'first_name', who.data ->> 'last_name')), ''), who.data ->> 'name', who.data ->> 'email'), 200)
  from identity.login l
  where l.issuer = reconcile_person.issuer
    and l.subject = reconcile_person.subject
    and p.id = l.person_id
    and who.data ->> 'email' is not null;
  if who.ended then
    perform identity.revoke_sessions(l.person_id)
    from identity.login l
    where l.issuer = reconcile_person.issuer
      and l.subject = reconcile_person.subject;
  end if;
  for place in
    select distinct m.organization
    from identity.provider_object m
    where m.issuer = reconcile_person.issuer
      and m.subject = reconcile_person.subject
      and m.kind = 'organization_membership'
    order by m.organization
  loop
    -- what one tenant cannot do keeps no other from following
    begin
      missing := missing || identity.reconcile_member(issuer, place, subject);
    exception when others then
      missing := missing || format('failed/%s %s', sqlstate, sqlerrm);
    end;
  end loop;
  return missing;
end
$$;
comment on function identity.reconcile_person(text, text) is
  'Makes a person and all their members what the identity provider says of the user. Returns what has to be known first, as kind/id, and what failed in a tenant, as failed/why.';

create or replace function identity.concerned(object identity.provider_object)
returns setof text
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  case object.kind
    when 'user' then
      return next object.id;
    when 'organization_membership' then
      return next object.subject;
    when 'invitation' then
      return query select object.data ->> 'accepted_user_id' where object.data ->> 'accepted_user_id' is not null;
    when 'organization' then
      -- its end is all that decides anything; its name changes for nobody
      return query
        select distinct m.subject from identity.provider_object m
        where object.ended and m.issuer = object.issuer and m.organization = object.id and m.kind = 'organization_membership';
    when 'organization_domain' then
      return query
        select distinct m.subject from identity.provider_object m
        where m.issuer = object.issuer and m.organization = object.organization and m.kind = 'organization_membership';
    when 'directory_user' then
      return query select identity.subjects_of(object.issuer, array[object.id]);
    when 'directory_group_user' then
      return query select identity.subjects_of(object.issuer, array[object.subject]);
    when 'directory_group' then
      return query
        select identity.subjects_of(object.issuer, array(
          select gu.subject from identity.provider_object gu
          where gu.issuer = object.issuer and gu.directory = object.directory and gu.kind = 'directory_group_user'
            and gu.data ->> 'directory_group_id' = object.id));
    when 'directory' then
      return query
        select identity.subjects_of(object.issuer, array(
          select d.id from identity.provider_object d
          where d.issuer = object.issuer and d.directory = object.id and d.kind = 'directory_user'));
    else
      null;
  end case;
end
$$;
comment on function identity.concerned(identity.provider_object) is 'The users for whom something may follow from what was told of an object.';

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
  insert into identity.waiting_person as w (issuer, subject, traceparent, attempts, missing, error, next_attempt_at)
  values (
    follow.issuer, follow.subject, left(nullif(current_setting('freehold.traceparent', true), ''), 100), 1,
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
comment on function identity.follow(text, text) is
  'Makes a person and all their members what the identity provider says, or notes what they wait for: null when nothing. Tried again after 5 seconds and up to an hour, for as long as it
is so: a seat may become free.';

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
  insert into identity.waiting_person as w (issuer, subject, traceparent)
  select follow_all.issuer, s, left(nullif(current_setting('freehold.traceparent', true), ''), 100)
  from unnest(subjects) s
  on conflict on constraint waiting_person_pkey do update
    -- who is due already keeps their turn
    set (next_attempt_at, traceparent) = (least(w.next_attempt_at, statement_timestamp()), excluded.traceparent);
  -- it notifies, which locks the whole database at commit: for many at once, which is rare
  perform graphile_worker.add_job('follow_people', queue_name => 'follow_people', job_key => 'follow_people', max_attempts => 3);
end
$$;
comment on function identity.follow_all(text, text[]) is
  'Has these users follow: up to ten at once, about three milliseconds each; more are left to the worker, which begins at once, so that no transaction is long and nobody waits for it.';

create or replace function identity.due_people(most integer default 100)
returns setof identity.waiting_person
language sql
stable
security definer
set search_path = ''
begin atomic
  select w
  from identity.waiting_person w
  where w.next_attempt_at <= statement_timestamp()
  -- those who fail again and again come after those who have not had their turn
  order by w.next_attempt_at, w.issuer, w.subject
  limit due_people.most;
end;
comment on function identity.due_people(integer) is 'Who is to follow by now, at most that many.';

create or replace function identity.follow_person(issuer text, subject text)
returns identity.waiting_person
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(7100050);
  return identity.follow(issuer, subject);
end
$$;
comment on function identity.follow_person(text, text) is 'As identity.follow, one at a time. A transaction each: the lock is everybody''s.';

create or replace function identity.give_up_following(issuer text, subject text, attempts integer)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(7100050);
  delete from identity.waiting_person w
  where w.issuer = give_up_following.issuer
    and w.subject = give_up_following.subject
    and w.attempts = give_up_following.attempts
    and w.next_attempt_at > statement_timestamp()
    and w.error is null;
end
$$;
comment on function identity.give_up_following(text, text, integer) is
  'Nothing is to follow for somebody until they are told of again, for the identity provider does not know them; unless they were told of since that attempt, or something else is in the way.';

create or replace function identity.follow_directories(tenant uuid)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  provider record;
begin
  for provider in
    select o.issuer, array(
      select identity.subjects_of(o.issuer, array(
        select d.id from identity.provider_object d
        where d.issuer = o.issuer and d.organization = o.organization and d.kind = 'directory_user'))) as subjects
    from identity.organization o
    where o.tenant_id = follow_directories.tenant
  loop
    perform pg_advisory_xact_lock(7100050);
    perform identity.follow_all(provider.issuer, provider.subjects);
  end loop;
end
$$;
comment on function identity.follow_directories(uuid) is 'Has the people of a tenant''s directories follow, when its groups give other roles.';

grant execute on function
  identity.due_people(integer), identity.follow_person(text, text), identity.give_up_following(text, text, integer), identity.follow_directories(uuid) to freehold_worker;
--! EndIncluded identity/follow.sql
--! Included identity/inbox.sql
-- The inbox: each event of the identity provider is taken in once and applied, and what fails is tried again.

create or replace function identity.follow_object(object identity.provider_object)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  ending identity.session;
  link identity.provided_invitation;
begin
  if object.kind = 'invitation' and object.data ->> 'state' = 'revoked' then
    select pi.* into link from identity.provided_invitation pi where pi.issuer = object.issuer and pi.id = object.id;
    if found then
      perform platform.enter_as_system(link.tenant_id, 'identity provider');
      perform identity.follow_all(object.issuer, array(
        select identity.withdraw(i, object)
        from app.invitation i
        where i.tenant_id = link.tenant_id and i.id = link.invitation_id));
    end if;
  end if;
  perform identity.follow_all(object.issuer, array(select distinct c from identity.concerned(object) c order by c));
  if object.kind = 'session' and object.ended then
    for ending in
      select s.* from identity.session s
      where s.issuer = object.issuer and s.provider_session = object.id and s.revoked_at is null
      order by s.id
    loop
      perform identity.end_session(ending, 'refused_by_provider');
    end loop;
    -- of a frontend that has access tokens, and no session here
    perform identity.end_contexts(l.person_id)
    from identity.login l
    where l.issuer = object.issuer
      and l.subject = object.subject;
  end if;
end
$$;
comment on function identity.follow_object(identity.provider_object) is 'Does what follows from the state of an object: for people, sessions and invitations.';

create or replace function identity.take_over(issuer text, kind text, told jsonb, at timestamptz, told_by text, ended boolean)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  id text := told ->> 'id';
begin
  if id is null then
    raise exception using errcode = 'ZF010', message = format('the %s has no id', kind);
  end if;
  perform identity.observe(issuer, kind, id, told, coalesce((told ->> 'updated_at')::timestamptz, at), told_by, ended);
  perform identity.follow_object(identity.known(issuer, kind, id));
end
$$;
comment on function identity.take_over(text, text, jsonb, timestamptz, text, boolean) is
  'Takes over what the identity provider tells of one object, in its own words, and does what follows.';

create or replace function identity.take_over_news(issuer text, kind text, told jsonb, at timestamptz, told_by text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  if identity.observe(issuer, kind, told ->> 'id', told, coalesce((told ->> 'updated_at')::timestamptz, at), told_by, false) then
    perform identity.follow_object(identity.known(issuer, kind, told ->> 'id'));
  end if;
end
$$;
comment on function identity.take_over_news(text, text, jsonb, timestamptz, text) is
  'As identity.take_over, for what is told beside something else and concerns many: nothing follows when it was known.';

create or replace function identity.apply(entry identity.inbox, kind text, ends boolean)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  -- a verification that failed tells of the domain beside the reason
  told jsonb := case when entry.event = 'organization_domain.verification_failed' then entry.data -> 'organization_domain' else entry.data end;
begin
  if kind <> 'directory_group_user' then
    perform identity.take_over(entry.issuer, kind, told, entry.occurred_at, entry.id, ends);
    return;
  end if;
  -- it tells of three: the user, the group, and that the one is in the other, which has neither an id nor a time of its own
  perform identity.take_over(entry.issuer, 'directory_user', told -> 'user', entry.occurred_at, entry.id, false);
  -- all who are in the group follow when it is news, and not each time that somebody joins
  perform identity.take_over_news(entry.issuer, 'directory_group', told -> 'group', entry.occurred_at, entry.id);
  perform identity.take_over(entry.issuer, kind, jsonb_build_object(
    'id', concat_ws('/', told #>> '{group,id}', told #>> '{user,id}'),
    'directory_id', told ->> 'directory_id',
    'directory_group_id', told #>> '{group,id}',
    'directory_user_id', told #>> '{user,id}',
    'present', entry.event = 'dsync.group.user_added'), entry.occurred_at, entry.id, false);
end
$$;
comment on function identity.apply(identity.inbox, text, boolean) is 'Applies one event.';

create or replace function identity.apply_event(id text)
returns identity.inbox
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  entry identity.inbox;
  rule identity.provider_event;
  patience text := current_setting('lock_timeout');
  failure text;
begin
  select i.* into strict entry from identity.inbox i where i.id = apply_event.id;
  -- One at a time, so that two that tell of one person never work on them at once. It takes about a millisecond. Who has to wait comes
  -- back: the connections of the gate are for those who call.
  begin
    perform set_config('lock_timeout', '50ms', true);
    perform pg_advisory_xact_lock(7100050);
    perform set_config('lock_timeout', patience, true);
  exception when lock_not_available then
    return entry;
  end;
  select i.* into strict entry from identity.inbox i where i.id = apply_event.id;
  if entry.status not in ('pending', 'deferred') then
    return entry;
  end if;
  select e.* into rule from identity.provider_event e where e.event = entry.event;
  if not found then
    update identity.inbox i set status = 'ignored' where i.id = entry.id returning * into entry;
    return entry;
  end if;
  begin
    perform identity.apply(entry, rule.kind, rule.ends);
  exception when others then
    failure := format('%s %s', sqlstate, sqlerrm);
  end;
  update identity.inbox i
  set status = case when failure is null then 'applied' when i.attempts < 19 then 'deferred' else 'failed' end,
    attempts = i.attempts + 1,
    error = failure,
    applied_at = case when failure is null then statement_timestamp() end,
    next_attempt_at = statement_timestamp() + least(interval '5 seconds' * 2 ^ least(i.attempts, 12), interval '1 hour')
  where i.id = entry.id
  returning * into entry;
  return entry;
end
$$;
comment on function identity.apply_event(text) is
  'Applies an event of the inbox. Its status is then: applied; ignored, when nobody listens to its kind; pending, while others are applied; deferred, when it failed: it is tried again, after
5 seconds and up to an hour; failed, after twenty times in ten hours. Who is not known yet, or cannot follow, is no failure of the event: identity.waiting_person.';

create or replace function identity.receive_event(issuer text, event jsonb, source text)
returns text
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  insert into identity.inbox (id, issuer, event, data, occurred_at, source, traceparent)
  values (
    receive_event.event ->> 'id', receive_event.issuer, receive_event.event ->> 'event', receive_event.event -> 'data',
    (receive_event.event ->> 'created_at')::timestamptz, receive_event.source,
    left(nullif(current_setting('freehold.traceparent', true), ''), 100))
  on conflict (id) do nothing;
  if not found then
    return 'known';
  end if;
  return (identity.apply_event(receive_event.event ->> 'id')).status;
end
$$;
comment on function identity.receive_event(text, jsonb, text) is
  'Takes in one event of the identity provider, as it sends them, and applies it. Returns its status, or known when it was taken in before. source is webhook or poll.';

create or replace function identity.due_events(most integer default 100)
returns table (id text, traceparent text)
language sql
stable
security definer
set search_path = ''
begin atomic
  select i.id, i.traceparent
  from identity.inbox i
  where i.status in ('pending', 'deferred')
    and i.next_attempt_at <= statement_timestamp()
  order by i.next_attempt_at, i.id
  limit due_events.most;
end;
comment on function identity.due_events(integer) is 'Which events are to be applied by now, at most that many.';

create or replace function identity.receive_object(issuer text, kind text, object jsonb)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(7100050);
  -- told beside somebody who signs in, it concerns all members
  if kind = 'organization_domain' then
    perform identity.take_over_news(issuer, kind, object, statement_timestamp(), '');
  else
    perform identity.take_over(issuer, kind, object, statement_timestamp(), '', false);
  end if;
end
$$;
comment on function identity.receive_object(text, text, jsonb) is
  'Takes over an object of the identity provider that was asked for, in its own words, and does what follows.';

create or replace function identity.knows_member(issuer text, organization text, subject text)
returns boolean
language sql
stable
security definer
set search_path = ''
begin atomic
  select identity.desired_state(issuer, organization, subject) is not null
    and (identity.known(issuer, 'user', subject)).id is not null;
end;
comment on function identity.knows_member(text, text, text) is
  'Whether the identity provider has told of a user and their membership: of those who were there before its events were listened to, it has not.';

create or replace function identity.poll_position(issuer text)
returns text
language sql
stable
security definer
set search_path = ''
begin atomic
  select c.after
  from identity.event_cursor c
  where c.issuer = poll_position.issuer;
end;
comment on function identity.poll_position(text) is 'The last event that was polled; null before the first.';

create or replace function identity.move_poll_position(issuer text, after text)
returns void
language sql
volatile
security definer
set search_path = ''
begin atomic
  insert into identity.event_cursor as c (issuer, after)
  values (move_poll_position.issuer, move_poll_position.after)
  on conflict (issuer) do update
    set (after, polled_at) = (coalesce(excluded.after, c.after), statement_timestamp());
end;
comment on function identity.move_poll_position(text, text) is 'Everything up to this event was taken in by polling; with null, there was nothing new.';

grant usage on schema identity to freehold_worker;
grant execute on function identity.receive_event(text, jsonb, text), identity.receive_object(text, text, jsonb), identity.apply_event(text) to freehold_gate, freehold_worker;
grant execute on function identity.knows_member(text, text, text) to freehold_gate;
grant execute on function identity.due_events(integer), identity.poll_position(text), identity.move_poll_position(text, text) to freehold_worker;
--! EndIncluded identity/inbox.sql
--! Included telemetry/business_metrics.sql
-- Business metrics: events counted once each, from what was committed, and what there is now.
--
-- Counting in the transaction of the event would lock one row for everybody, or write one more for each event. Here a reader counts what the change feed counts as
-- final: every event whose xid lies below the oldest transaction that still runs, from where it stopped (db/event/change_feed.sql). Position and sums change in one
-- transaction, so that each event counts once, whoever reads, and however often that fails.

grant select, insert, update on platform.event_total to freehold_dispatcher;
grant select, update on platform.event_total_position to freehold_dispatcher;
grant select on platform.tenant_plan to freehold_dispatcher, freehold_janitor;
grant select on catalog.plan to freehold_janitor;
grant execute on function platform.uuidv7_floor(timestamptz) to freehold_dispatcher;

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.count_events()
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $count$
declare
  place platform.event_total_position;
  -- in this order: whoever gets a transaction id above the ceiling writes after that moment
  moment timestamptz := clock_timestamp();
  present_ceiling xid8 := pg_snapshot_xmax(pg_current_snapshot());
  horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
begin
  select p.* into place from platform.event_total_position p for update skip locked;
  if not found or horizon <= place.xid then
    return false;
  end if;
  insert into platform.event_total as t (type, plan, count)
  select e.type, coalesce(p.plan, 'none'), count(*)
  from app.event e
  left join platform.tenant_plan p on p.tenant_id = e.tenant_id
  -- by time of writing first, which an index knows: 0.3 ms where nothing is new, of a million events
  where e.id >= platform.uuidv7_floor(place.counted_to - interval '1 second')
    and e.xid >= place.xid
    and e.xid < horizon
  group by e.type, p.plan
  on conflict on constraint event_total_pkey do update
    set count = t.count + excluded.count;
  update platform.event_total_position p
  set xid = horizon,
    -- nobody writes any more who began before the ceiling was noted
    counted_to = case when horizon >= place.ceiling then place.noted_at else place.counted_to end,
    ceiling = case when horizon >= place.ceiling then present_ceiling else place.ceiling end,
    noted_at = case when horizon >= place.ceiling then moment else place.noted_at end;
  return true;
end
$count$;
comment on function platform.count_events() is 'Adds the events that have become final to platform.event_total. False when there are none, or somebody else is at it.';
grant execute on function platform.count_events() to freehold_worker;
$sql$);

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.event_totals()
returns table (type text, plan text, count bigint)
language sql
stable
security definer
set search_path = ''
begin atomic
  select t.type, t.plan, t.count
  from platform.event_total t
  order by t.type, t.plan;
end;
comment on function platform.event_totals() is 'How many events of each type there ever were, by the plan that their tenant had when they were counted.';
grant execute on function platform.event_totals() to freehold_worker;
$sql$);

select platform.execute_as('freehold_dispatcher', $sql$
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
comment on function platform.queue_metrics() is
  'Deliveries whose time has come, for how long the first of them has waited, and how long ago the moment was up to which all events are counted.';
grant execute on function platform.queue_metrics() to freehold_worker;
$sql$);

select platform.execute_as('freehold_janitor', $sql$
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
comment on function platform.business_gauges() is 'Monthly recurring revenue in minor units, active tenants, and active members, by plan. It reads all of them: 40 ms of 100,000 members.';
grant execute on function platform.business_gauges() to freehold_worker;
$sql$);

create or replace function identity.queue_metrics()
returns table (events bigint, people bigint)
language sql
stable
security definer
set search_path = ''
begin atomic
  select (select count(*) from identity.inbox i where i.status in ('pending', 'deferred')), (select count(*) from identity.waiting_person);
end;
comment on function identity.queue_metrics() is 'Events of the identity provider that are not applied yet, and people who are still to follow them.';
grant execute on function identity.queue_metrics() to freehold_worker;
--! EndIncluded telemetry/business_metrics.sql
