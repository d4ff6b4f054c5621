--! Undoes: sha1:5d0b1b071c6d4942e3a565219acbea40ce17186a
--! Loses: identity.organization.synced_at, the rows of identity.waiting_person

-- Undoes "people follow".
set local check_function_bodies = off;
drop index app.membership_removed;
drop index identity.provider_object_directory;
drop index identity.provider_object_organization;
drop index identity.provider_object_subject;
alter table identity.inbox drop constraint inbox_status_check;
alter table identity.inbox add column missing text[] default '{}'::text[] not null;
alter table identity.inbox add constraint inbox_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'deferred'::text, 'applied'::text, 'ignored'::text])));
alter table identity.provider_object alter column organization set expression as (COALESCE((data ->> 'organization_id'::text), ''::text));
alter table identity.provider_object alter column organization set not null;
alter table identity.provider_object alter column subject set expression as (COALESCE((data ->> 'user_id'::text), (data ->> 'directory_user_id'::text), ''::text));
alter table identity.provider_object alter column subject set not null;
alter table identity.provider_object alter column directory set expression as (COALESCE((data ->> 'directory_id'::text), ''::text));
alter table identity.provider_object alter column directory set not null;
comment on column identity.organization.synced_at is null;
revoke execute on function identity.apply_event(id text) from freehold_worker;
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
create or replace function identity.directory_users_of(issuer text, organization text, subject text)
returns setof identity.provider_object
language sql
stable
security definer
set search_path = ''
begin atomic
  select distinct d
  from identity.provider_address u
  join identity.provider_address a on a.issuer = u.issuer and a.email = u.email and a.kind = 'directory_user'
  join identity.provider_object d on d.issuer = a.issuer and d.kind = 'directory_user' and d.id = a.id
  where u.issuer = directory_users_of.issuer
    and u.kind = 'user'
    and u.id = directory_users_of.subject
    and d.organization = directory_users_of.organization;
end;
drop routine identity.due_events(most integer);
drop routine identity.due_people(most integer);
drop routine identity.end_sync(issuer text, organization text);
drop routine identity.follow(issuer text, subject text);
drop routine identity.follow_all(issuer text, subjects text[]);
drop routine identity.follow_directories(tenant uuid);
create or replace function identity.forget_ended(most integer default 10000)
returns integer
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  forgotten integer;
  more integer;
begin
  delete from identity.session s
  where s.id in (
    select e.id from identity.session e
    where e.expires_at < statement_timestamp() - interval '30 days'
    limit most);
  get diagnostics forgotten = row_count;
  -- longer than the provider keeps them for polling, so that none is taken in twice
  delete from identity.inbox i
  where i.id in (
    select o.id from identity.inbox o
    where o.received_at < statement_timestamp() - interval '90 days'
      and o.status in ('applied', 'ignored')
    limit most);
  get diagnostics more = row_count;
  forgotten := forgotten + more;
  delete from identity.provider_object p
  where (p.issuer, p.kind, p.id) in (
    select o.issuer, o.kind, o.id from identity.provider_object o
    where o.kind = 'session'
      and o.updated_at < statement_timestamp() - interval '90 days'
    limit most);
  get diagnostics more = row_count;
  return forgotten + more;
end
$$;
drop routine identity.give_up_following(issuer text, subject text);
drop routine identity.observe_groups(issuer text, told jsonb, at timestamp with time zone);
drop routine identity.organizations_to_sync(issuer text);
drop routine identity.receive_end(issuer text, kind text, id text);
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
drop routine identity.receive_listing(issuer text, objects jsonb, at timestamp with time zone);
drop routine identity.receive_object(issuer text, kind text, object jsonb);
create or replace function identity.reconcile_member(issuer text, organization text, subject text)
returns text[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  tenant uuid := (
    select o.tenant_id from identity.organization o
    where o.issuer = reconcile_member.issuer and o.organization = reconcile_member.organization);
  desired text := identity.desired_state(issuer, organization, subject);
  who identity.provider_object := identity.known(issuer, 'user', subject);
  address text := who.data ->> 'email';
  called text;
  member app.membership;
begin
  if tenant is null or desired is null then
    return '{}';
  end if;
  if who is null then
    return array['user/' || subject];
  end if;
  called := left(coalesce(nullif(trim(concat_ws(' ', who.data ->> 'first_name', who.data ->> 'last_name')), ''), who.data ->> 'name', address), 200);
  perform platform.enter_as_system(tenant, 'identity provider');
  select m.*
  into member
  from app.membership m
  join identity.login l on l.person_id = m.person_id
  where m.tenant_id = tenant
    and l.issuer = reconcile_member.issuer
    and l.subject = reconcile_member.subject
    and m.status <> 'removed';
  if not found then
    -- by a membership that has brought somebody here, nobody comes a second time
    if desired = 'active' and exists (
      select from identity.provider_object m
      where m.issuer = reconcile_member.issuer and m.organization = reconcile_member.organization
        and m.subject = reconcile_member.subject and m.kind = 'organization_membership' and not m.ended
        and not exists (select from identity.provided_member p where p.issuer = m.issuer and p.id = m.id)
    ) then
      member := identity.admit(issuer, organization, subject, tenant, address, called);
    end if;
    if member.id is null then
      return '{}';
    end if;
  elsif desired = 'active' then
    perform identity.settle_invitation(issuer, member, subject);
  end if;
  insert into identity.provided_member (issuer, id, tenant_id, membership_id)
  select m.issuer, m.id, tenant, member.id
  from identity.provider_object m
  where m.issuer = reconcile_member.issuer
    and m.organization = reconcile_member.organization
    and m.subject = reconcile_member.subject
    and m.kind = 'organization_membership'
  on conflict do nothing;

  if (member.email, member.name) is distinct from (address, called) then
    update app.membership m
    set (email, name) = (address, called)
    where m.tenant_id = tenant
      and m.id = member.id;
  end if;
  case desired
    when 'active' then
      -- the news that the domain had been given up before somebody came may come after them
      if exists (select from identity.admitted_member a where a.tenant_id = tenant and a.membership_id = member.id)
        and not identity.is_eligible(issuer, organization, subject) then
        perform identity.block(member, 'nobody invited them, and nothing admits them');
      else
        perform identity.unblock(member);
        perform identity.follow_role(issuer, organization, member, subject);
      end if;
    when 'removed' then
      begin
        perform app.remove_membership(member.id);
      exception when sqlstate 'ZF009' then
        perform identity.block(member, 'the identity provider has removed them');
      end;
    else
      -- suspended, or asked to join again; unless that is the echo of what somebody here did, who may undo it
      if member.status = 'active' or identity.is_deprovisioned(issuer, organization, subject) then
        perform identity.block(member, 'the identity provider has deactivated them');
      end if;
  end case;
  return '{}';
end
$$;
drop routine identity.subjects_of(issuer text, directory_users text[]);
drop routine identity.unlisted_objects(issuer text, organization text, listed text[], at timestamp with time zone);
comment on function identity.apply(entry identity.inbox, kind text, ends boolean) is 'Applies one event. Returns what has to be known first, as kind/id.';
comment on function identity.apply_event(id text) is 'Applies an event of the inbox: applied, ignored when nobody listens to its kind, deferred when something has to be known first or it failed, or pending while
others are applied. What is deferred is tried again, after 5 seconds and up to an hour.';
comment on function identity.follow_object(object identity.provider_object) is 'Does what follows from the state of an object: for members, sessions and invitations. Returns what has to be known first, as kind/id.';
comment on function identity.follow_person(issuer text, subject text) is 'Makes a person and all their members what the identity provider says, by the rules of now. Returns what has to be known first, as kind/id, and what failed, as failed/why.';
comment on function identity.forget_ended(most integer) is 'Deletes sessions that ended a month ago and events of the identity provider that were applied three months ago, at most that many of each. Returns how many; 0 when all is done.';
comment on function identity.receive_event(issuer text, event jsonb, source text) is 'Takes in one event of the identity provider, as it sends them, and applies it. Returns applied, ignored, deferred, or known when it was taken in before. source is webhook or poll.';
comment on function identity.take_over(issuer text, kind text, told jsonb, at timestamp with time zone, told_by text, ended boolean) is 'Takes over what the identity provider tells of one object, in its own words, and does what follows. Returns what has to be known first, as kind/id.';
CREATE INDEX provider_object_directory ON identity.provider_object USING btree (issuer, directory, kind) WHERE (directory <> ''::text);
CREATE INDEX provider_object_organization ON identity.provider_object USING btree (issuer, organization, kind) WHERE (organization <> ''::text);
CREATE INDEX provider_object_subject ON identity.provider_object USING btree (issuer, subject, kind) WHERE (subject <> ''::text);
comment on column identity.inbox.missing is 'What it needs to be known first, as kind/id: a user, for a membership.';
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
create or replace function identity.subjects_of(issuer text, directory_user text)
returns setof text
language sql
stable
security definer
set search_path = ''
begin atomic
  select distinct u.id
  from identity.provider_address a
  join identity.provider_address u on u.issuer = a.issuer and u.email = a.email and u.kind = 'user'
  where a.issuer = subjects_of.issuer
    and a.kind = 'directory_user'
    and a.id = subjects_of.directory_user;
end;
alter function identity.people_of_directories(tenant uuid) owner to freehold_owner;
alter function identity.receive_object(issuer text, kind text, id text, object jsonb) owner to freehold_owner;
alter function identity.retry_events(most integer) owner to freehold_owner;
alter function identity.subjects_of(issuer text, directory_user text) owner to freehold_owner;
grant execute on function identity.people_of_directories(tenant uuid) to freehold_worker;
grant execute on function identity.receive_object(issuer text, kind text, id text, object jsonb) to freehold_gate;
grant execute on function identity.receive_object(issuer text, kind text, id text, object jsonb) to freehold_worker;
grant execute on function identity.retry_events(most integer) to freehold_worker;
comment on function identity.people_of_directories(tenant uuid) is 'The users who are in directories of a tenant, for whom something follows when its groups give other roles.';
comment on function identity.receive_object(issuer text, kind text, id text, object jsonb) is 'Takes over an object of the identity provider that was asked for, in its own words, and does what follows. Returns what has to be known first, as kind/id.';
comment on function identity.retry_events(most integer) is 'Applies what is due of the inbox, at most that many, and tells what came of each.';
comment on function identity.subjects_of(issuer text, directory_user text) is 'The users who are this user of a directory.';
alter table identity.organization drop column synced_at;
drop table identity.waiting_person cascade;
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
alter function identity.follow_person(issuer text, subject text) owner to freehold_owner;
grant execute on function identity.follow_person(issuer text, subject text) to freehold_worker;
comment on function identity.follow_person(issuer text, subject text) is 'Makes a person and all their members what the identity provider says, by the rules of now. Returns what has to be known first, as kind/id, and what failed, as failed/why.';
drop function identity.apply(identity.inbox,text,boolean) cascade;
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
alter function identity.apply(entry identity.inbox, kind text, ends boolean) owner to freehold_owner;
comment on function identity.apply(entry identity.inbox, kind text, ends boolean) is 'Applies one event. Returns what has to be known first, as kind/id.';
drop function identity.apply_event(text) cascade;
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
alter function identity.apply_event(id text) owner to freehold_owner;
grant execute on function identity.apply_event(id text) to freehold_gate;
comment on function identity.apply_event(id text) is 'Applies an event of the inbox: applied, ignored when nobody listens to its kind, deferred when something has to be known first or it failed, or pending while
others are applied. What is deferred is tried again, after 5 seconds and up to an hour.';
drop function identity.follow_object(identity.provider_object) cascade;
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
alter function identity.follow_object(object identity.provider_object) owner to freehold_owner;
comment on function identity.follow_object(object identity.provider_object) is 'Does what follows from the state of an object: for members, sessions and invitations. Returns what has to be known first, as kind/id.';
drop function identity.take_over(text,text,jsonb,timestamp with time zone,text,boolean) cascade;
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
alter function identity.take_over(issuer text, kind text, told jsonb, at timestamp with time zone, told_by text, ended boolean) owner to freehold_owner;
comment on function identity.take_over(issuer text, kind text, told jsonb, at timestamp with time zone, told_by text, ended boolean) is 'Takes over what the identity provider tells of one object, in its own words, and does what follows. Returns what has to be known first, as kind/id.';
