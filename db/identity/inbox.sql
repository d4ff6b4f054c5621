-- The inbox: each event of the identity provider is taken in once and applied, and what cannot be applied yet is tried again.

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
      return query
        select distinct m.subject from identity.provider_object m
        where m.issuer = object.issuer and m.organization = object.id and m.kind = 'organization_membership';
    when 'organization_domain' then
      return query
        select distinct m.subject from identity.provider_object m
        where m.issuer = object.issuer and m.organization = object.organization and m.kind = 'organization_membership';
    when 'directory_user' then
      return query select identity.subjects_of(object.issuer, object.id);
    when 'directory_group_user' then
      return query select identity.subjects_of(object.issuer, object.subject);
    when 'directory_group' then
      return query
        select s from identity.provider_object gu, identity.subjects_of(gu.issuer, gu.subject) s
        where gu.issuer = object.issuer and gu.directory = object.directory and gu.kind = 'directory_group_user'
          and gu.data ->> 'directory_group_id' = object.id;
    when 'directory' then
      return query
        select s from identity.provider_object d, identity.subjects_of(d.issuer, d.id) s
        where d.issuer = object.issuer and d.directory = object.id and d.kind = 'directory_user';
    else
      null;
  end case;
end
$$;
comment on function identity.concerned(identity.provider_object) is 'The users for whom something may follow from what was told of an object.';

create or replace function identity.follow_object(object identity.provider_object)
returns text[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  missing text[] := '{}';
  subject text;
  ending identity.session;
  link identity.provided_invitation;
begin
  for subject in
    select distinct c from identity.concerned(object) c order by c
  loop
    missing := missing || identity.reconcile_person(object.issuer, subject);
  end loop;
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
  return missing;
end
$$;
comment on function identity.follow_object(identity.provider_object) is
  'Does what follows from the state of an object: for members, sessions and invitations. Returns what has to be known first, as kind/id.';

create or replace function identity.take_over(issuer text, kind text, told jsonb, at timestamptz, told_by text, ended boolean)
returns text[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  id text := told ->> 'id';
  object identity.provider_object;
begin
  if id is null then
    raise exception using errcode = 'ZF010', message = format('the %s has no id', kind);
  end if;
  perform identity.observe(issuer, kind, id, told, coalesce((told ->> 'updated_at')::timestamptz, at), told_by, ended);
  object := identity.known(issuer, kind, id);
  return identity.follow_object(object);
end
$$;
comment on function identity.take_over(text, text, jsonb, timestamptz, text, boolean) is
  'Takes over what the identity provider tells of one object, in its own words, and does what follows. Returns what has to be known first, as kind/id.';

create or replace function identity.apply(entry identity.inbox, kind text, ends boolean)
returns text[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  told jsonb := entry.data;
begin
  if kind <> 'directory_group_user' then
    return identity.take_over(entry.issuer, kind, told, entry.occurred_at, entry.id, ends);
  end if;
  -- it tells of three: the user, the group, and that the one is in the other, which has neither an id nor a time of its own
  perform identity.take_over(entry.issuer, 'directory_user', told -> 'user', entry.occurred_at, entry.id, false),
    identity.take_over(entry.issuer, 'directory_group', told -> 'group', entry.occurred_at, entry.id, false);
  return identity.take_over(entry.issuer, kind, jsonb_build_object(
    'id', concat_ws('/', told #>> '{group,id}', told #>> '{user,id}'),
    'directory_id', told ->> 'directory_id',
    'directory_group_id', told #>> '{group,id}',
    'directory_user_id', told #>> '{user,id}',
    'present', entry.event = 'dsync.group.user_added'), entry.occurred_at, entry.id, false);
end
$$;
comment on function identity.apply(identity.inbox, text, boolean) is 'Applies one event. Returns what has to be known first, as kind/id.';

create or replace function identity.apply_event(id text)
returns text
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  entry identity.inbox;
  rule identity.provider_event;
  lacking text[] := '{}';
  patience text := current_setting('lock_timeout');
  failure text;
begin
  -- One at a time, so that two that tell of one person never work on them at once. It takes about a millisecond. Who has to wait comes
  -- back: the connections of the gate are for those who call.
  begin
    perform set_config('lock_timeout', '50ms', true);
    perform pg_advisory_xact_lock(7100050);
    perform set_config('lock_timeout', patience, true);
  exception when lock_not_available then
    return 'pending';
  end;
  select i.* into strict entry from identity.inbox i where i.id = apply_event.id;
  if entry.status in ('applied', 'ignored') then
    return entry.status;
  end if;
  select e.* into rule from identity.provider_event e where e.event = entry.event;
  if not found then
    update identity.inbox i set status = 'ignored' where i.id = entry.id;
    return 'ignored';
  end if;
  begin
    lacking := identity.apply(entry, rule.kind, rule.ends);
  exception when others then
    -- kept with its reason, and tried again: a seat may become free, a mistake of ours be mended
    failure := format('%s %s', sqlstate, sqlerrm);
  end;
  entry.status := case when failure is null and lacking = '{}' then 'applied' else 'deferred' end;
  update identity.inbox i
  set status = entry.status,
    attempts = i.attempts + 1,
    missing = array(select distinct m from unnest(lacking) m where m not like 'failed/%' order by m),
    error = coalesce(failure, (select string_agg(distinct substr(m, 8), '; ') from unnest(lacking) m where m like 'failed/%')),
    applied_at = case when entry.status = 'applied' then statement_timestamp() end,
    next_attempt_at = statement_timestamp() + least(interval '5 seconds' * 2 ^ least(i.attempts, 12), interval '1 hour')
  where i.id = entry.id;
  return entry.status;
end
$$;
comment on function identity.apply_event(text) is
  'Applies an event of the inbox: applied, ignored when nobody listens to its kind, deferred when something has to be known first or it failed, or pending while
others are applied. What is deferred is tried again, after 5 seconds and up to an hour.';

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
  return identity.apply_event(receive_event.event ->> 'id');
end
$$;
comment on function identity.receive_event(text, jsonb, text) is
  'Takes in one event of the identity provider, as it sends them, and applies it. Returns applied, ignored, deferred, or known when it was taken in before. source is webhook or poll.';

create or replace function identity.retry_events(most integer default 100)
returns table (id text, event text, status text, attempts integer, missing text[], error text)
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  due text;
begin
  for due in
    select i.id
    from identity.inbox i
    where i.status in ('pending', 'deferred')
      and i.next_attempt_at <= statement_timestamp()
    -- those that fail again and again come after those that have not had their turn
    order by i.next_attempt_at, i.id
    limit most
  loop
    perform identity.apply_event(due);
    return query
      select i.id, i.event, i.status, i.attempts, i.missing, i.error from identity.inbox i where i.id = due;
  end loop;
end
$$;
comment on function identity.retry_events(integer) is 'Applies what is due of the inbox, at most that many, and tells what came of each.';

create or replace function identity.receive_object(issuer text, kind text, id text, object jsonb)
returns text[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(7100050);
  -- what does not exist has ended, or will be told of later: an end that is not true would be final
  if object is null then
    return '{}';
  end if;
  return identity.take_over(issuer, kind, object, statement_timestamp(), '', false);
end
$$;
comment on function identity.receive_object(text, text, text, jsonb) is
  'Takes over an object of the identity provider that was asked for, in its own words, and does what follows. Returns what has to be known first, as kind/id.';

create or replace function identity.people_of_directories(tenant uuid)
returns table (issuer text, subject text)
language sql
stable
security definer
set search_path = ''
begin atomic
  select distinct o.issuer, u.id
  from identity.organization o
  join identity.provider_object d on d.issuer = o.issuer and d.organization = o.organization and d.kind = 'directory_user'
  join identity.provider_address a on a.issuer = d.issuer and a.kind = 'directory_user' and a.id = d.id
  join identity.provider_address u on u.issuer = a.issuer and u.kind = 'user' and u.email = a.email
  where o.tenant_id = people_of_directories.tenant;
end;
comment on function identity.people_of_directories(uuid) is 'The users who are in directories of a tenant, for whom something follows when its groups give other roles.';
grant execute on function identity.people_of_directories(uuid) to freehold_worker;

create or replace function identity.follow_person(issuer text, subject text)
returns text[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(7100050);
  return identity.reconcile_person(issuer, subject);
end
$$;
comment on function identity.follow_person(text, text) is
  'Makes a person and all their members what the identity provider says, by the rules of now. Returns what has to be known first, as kind/id, and what failed, as failed/why.';
grant execute on function identity.follow_person(text, text) to freehold_worker;

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
grant execute on function identity.receive_event(text, jsonb, text), identity.receive_object(text, text, text, jsonb) to freehold_gate, freehold_worker;
grant execute on function identity.knows_member(text, text, text), identity.apply_event(text) to freehold_gate;
grant execute on function identity.retry_events(integer), identity.poll_position(text), identity.move_poll_position(text, text) to freehold_worker;
