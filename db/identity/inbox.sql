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
