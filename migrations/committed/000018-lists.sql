--! Previous: sha1:5d0b1b071c6d4942e3a565219acbea40ce17186a
--! Hash: sha1:cb4afc055a8db6fffae5ef8bbe1a3c4e06e1c7d5
--! Message: lists

-- Who is in a group is read from the group, and an organization that is not found changes nothing.

drop function identity.observe_groups(text, jsonb, timestamptz);
drop function identity.end_sync(text, text);

--! Included identity/provider_event.sql
-- Which events of the identity provider are listened to, by webhook and by poll.

insert into identity.provider_event (event, kind, ends)
values
  ('user.created', 'user', false),
  ('user.updated', 'user', false),
  ('user.deleted', 'user', true),
  ('organization.created', 'organization', false),
  ('organization.updated', 'organization', false),
  ('organization.deleted', 'organization', true),
  ('organization_domain.created', 'organization_domain', false),
  ('organization_domain.updated', 'organization_domain', false),
  ('organization_domain.verified', 'organization_domain', false),
  ('organization_domain.verification_failed', 'organization_domain', false),
  ('organization_domain.deleted', 'organization_domain', true),
  ('organization_membership.created', 'organization_membership', false),
  ('organization_membership.updated', 'organization_membership', false),
  ('organization_membership.deleted', 'organization_membership', true),
  ('invitation.created', 'invitation', false),
  ('invitation.accepted', 'invitation', false),
  ('invitation.resent', 'invitation', false),
  ('invitation.revoked', 'invitation', false),
  ('connection.activated', 'connection', false),
  ('connection.deactivated', 'connection', false),
  ('connection.deleted', 'connection', true),
  ('dsync.activated', 'directory', false),
  ('dsync.deleted', 'directory', true),
  ('dsync.user.created', 'directory_user', false),
  ('dsync.user.updated', 'directory_user', false),
  ('dsync.user.deleted', 'directory_user', true),
  ('dsync.group.created', 'directory_group', false),
  ('dsync.group.updated', 'directory_group', false),
  ('dsync.group.deleted', 'directory_group', true),
  ('dsync.group.user_added', 'directory_group_user', false),
  ('dsync.group.user_removed', 'directory_group_user', false),
  ('session.created', 'session', false),
  ('session.revoked', 'session', true)
on conflict (event) do update
  set (kind, ends) = (excluded.kind, excluded.ends);

create or replace function identity.provider_events()
returns setof text
language sql
stable
security definer
set search_path = ''
begin atomic
  select e.event
  from identity.provider_event e
  order by e.event;
end;
comment on function identity.provider_events() is 'The events to ask the identity provider for.';
grant execute on function identity.provider_events() to freehold_worker;
--! EndIncluded identity/provider_event.sql
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
  perform identity.follow_all(object.issuer, array(select distinct c from identity.concerned(object) c order by c));
  if object.kind = 'session' and object.ended then
    for ending in
      select s.* from identity.session s
      where s.issuer = object.issuer and s.provider_session = object.id and s.revoked_at is null
      order by s.id
    loop
      perform identity.end_session(ending, 'refused_by_provider');
    end loop;
  end if;
  if object.kind = 'invitation' and object.data ->> 'state' = 'revoked' then
    select pi.* into link from identity.provided_invitation pi where pi.issuer = object.issuer and pi.id = object.id;
    if found then
      perform platform.enter_as_system(link.tenant_id, 'identity provider');
      perform app.revoke_invitation(i.id)
      from app.invitation i
      where i.tenant_id = link.tenant_id and i.id = link.invitation_id and i.status = 'pending';
    end if;
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
  perform identity.take_over(entry.issuer, 'directory_user', told -> 'user', entry.occurred_at, entry.id, false),
    identity.take_over(entry.issuer, 'directory_group', told -> 'group', entry.occurred_at, entry.id, false);
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
    next_attempt_at = statement_timestamp() + least(interval '5 seconds' * 2 ^ i.attempts, interval '1 hour')
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
comment on function identity.receive_event(text, jsonb, text) is
  'Takes in one event of the identity provider, as it sends them, and applies it. Returns its status, or known when it was taken in before. source is webhook or poll.';

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
  perform identity.take_over(issuer, kind, object, statement_timestamp(), '', false);
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
    and identity.known(issuer, 'user', subject) is not null;
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
--! Included identity/sync.sql
-- The full synchronization: once a day, what the identity provider lists of an organization is compared with what is known, for events that never came.

create or replace function identity.organizations_to_sync(issuer text)
returns setof text
language sql
stable
security definer
set search_path = ''
begin atomic
  select o.organization
  from identity.organization o
  where o.issuer = organizations_to_sync.issuer
    and (o.synced_at is null or o.synced_at < statement_timestamp() - interval '1 day')
  order by o.synced_at nulls first, o.organization;
end;
comment on function identity.organizations_to_sync(text) is 'Organizations of tenants that were not synchronized for a day, those that never were first.';

create or replace function identity.receive_listing(issuer text, objects jsonb, at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  listed record;
begin
  perform pg_advisory_xact_lock(7100050);
  for listed in
    select o ->> 'kind' as kind, o -> 'object' as object from jsonb_array_elements(objects) o
  loop
    perform identity.observe(
      issuer, listed.kind, listed.object ->> 'id', listed.object - 'groups', coalesce((listed.object ->> 'updated_at')::timestamptz, at), '', false);
  end loop;
end
$$;
comment on function identity.receive_listing(text, jsonb, timestamptz) is
  'Takes over a page of objects, [{kind, object}], in the words of the identity provider, as they were at that time. What follows waits for identity.end_sync.';

create or replace function identity.unlisted_objects(issuer text, organization text, listed text[], at timestamptz)
returns table (kind text, id text)
language sql
stable
security definer
set search_path = ''
begin atomic
  select o.kind, o.id
  from identity.provider_object o
  where o.issuer = unlisted_objects.issuer
    and o.organization = unlisted_objects.organization
    and o.kind in ('organization_domain', 'organization_membership', 'connection', 'directory', 'directory_user', 'directory_group')
    and not o.ended
    -- what is new may not be in every list yet
    and o.updated_at < unlisted_objects.at - interval '1 hour'
    and not exists (select from unnest(unlisted_objects.listed) l where l = o.kind || '/' || o.id)
    -- an organization, or a directory, takes with it what is in it
    and exists (select from unnest(unlisted_objects.listed) l where l = 'organization/' || unlisted_objects.organization)
    and (o.directory is null or exists (select from unnest(unlisted_objects.listed) l where l = 'directory/' || o.directory))
  order by o.kind, o.id;
end;
comment on function identity.unlisted_objects(text, text, text[], timestamptz) is
  'Objects of an organization, as kind and id, that are known and were not in its lists, as kind/id, which were read from that time on: they have ended, unless the identity provider knows them by their ids.';

create or replace function identity.receive_end(issuer text, kind text, id text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  object identity.provider_object;
begin
  perform pg_advisory_xact_lock(7100050);
  object := identity.known(issuer, kind, id);
  -- when it ended is not known; before it did, who came came rightly
  perform identity.observe(issuer, kind, id, object.data, statement_timestamp(), '', true);
  perform identity.follow_object(identity.known(issuer, kind, id));
end
$$;
comment on function identity.receive_end(text, text, text) is 'Takes over that the identity provider has a known object no more, and does what follows. It is final.';

create or replace function identity.end_sync(issuer text, organization text, listed text[], at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  perform pg_advisory_xact_lock(7100050);
  -- who is in a group has neither an end nor a time of its own
  perform identity.observe(gu.issuer, gu.kind, gu.id, gu.data || '{"present": false}', end_sync.at, '', false)
  from identity.provider_object d
  join identity.provider_object gu on gu.issuer = d.issuer and gu.directory = d.id and gu.kind = 'directory_group_user'
  where d.issuer = end_sync.issuer
    and d.organization = end_sync.organization
    and d.kind = 'directory'
    and (gu.data ->> 'present')::boolean
    and exists (select from unnest(end_sync.listed) l where l = 'directory_group/' || (gu.data ->> 'directory_group_id'))
    and not exists (select from unnest(end_sync.listed) l where l = 'directory_group_user/' || gu.id);
  perform identity.follow_all(issuer, array(
    select distinct m.subject
    from identity.provider_object m
    where m.issuer = end_sync.issuer and m.organization = end_sync.organization and m.kind = 'organization_membership'
    order by m.subject));
  update identity.organization o
  set synced_at = statement_timestamp()
  where o.issuer = end_sync.issuer
    and o.organization = end_sync.organization;
end
$$;
comment on function identity.end_sync(text, text, text[], timestamptz) is
  'Ends the synchronization of an organization in whose lists these were, as kind/id: who is not listed in a group that is has left it, unless an event from after that time has told otherwise. Everybody of the organization
follows, whether anything was news or not: what went wrong once is right after a day.';

grant execute on function
  identity.organizations_to_sync(text), identity.receive_listing(text, jsonb, timestamptz), identity.unlisted_objects(text, text, text[], timestamptz),
  identity.receive_end(text, text, text), identity.end_sync(text, text, text[], timestamptz) to freehold_worker;
--! EndIncluded identity/sync.sql
