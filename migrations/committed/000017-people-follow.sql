--! Previous: sha1:47d35e8ef8a228c8f440457d063e5cccd3c3cb74
--! Hash: sha1:5d0b1b071c6d4942e3a565219acbea40ce17186a
--! Message: people follow

-- No release has these tables yet: what would block the writes of a large one is done at once. Only functions of their owner read them, and they are replaced here.
-- squawk-ignore-file ban-drop-column, ban-drop-not-null, constraint-missing-not-valid, require-concurrent-index-creation, require-concurrent-index-deletion

-- People follow what the identity provider tells in transactions of their own, and what it lists is compared with what is known once a day.

create table identity.waiting_person (
  issuer text not null,
  subject text not null,
  waiting_since timestamptz not null default now(),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  missing text[] not null default '{}',
  error text,
  primary key (issuer, subject)
);
create index waiting_person_due on identity.waiting_person (next_attempt_at, issuer, subject);
comment on table identity.waiting_person is
  'Users of the identity provider for whom something is still to follow from what it has told: because they are many, have to be known first, or something is in the way, such as a lack of seats.';
comment on column identity.waiting_person.attempts is 'How often it was tried in vain.';
comment on column identity.waiting_person.missing is 'What has to be known first, as kind/id: a user, for a membership.';
comment on column identity.waiting_person.error is 'Why they could not follow at the last attempt.';

-- what waited for somebody waits as that person
insert into identity.waiting_person (issuer, subject)
select distinct i.issuer, c
from identity.inbox i
join identity.provider_event e on e.event = i.event
join identity.provider_object o on o.issuer = i.issuer and o.kind = e.kind and o.id = i.data ->> 'id'
cross join lateral identity.concerned(o) c
where i.status = 'deferred'
on conflict do nothing;
alter table identity.inbox drop column missing;
alter table identity.inbox drop constraint inbox_status_check;
alter table identity.inbox add constraint inbox_status_check check (status in ('pending', 'deferred', 'applied', 'ignored', 'failed'));

alter table identity.organization add column synced_at timestamptz;
comment on column identity.organization.synced_at is 'When what the identity provider lists of it was last compared with what is known; null for never.';

-- Null, and not empty, for what an object has not: indexes without these are used by plans that are kept, for `column = $1` proves that it is not null and not that it
-- is not empty; and by no other question. Such a plan read all objects of a kind for each that was asked for.
drop index identity.provider_object_organization;
drop index identity.provider_object_subject;
drop index identity.provider_object_directory;
alter table identity.provider_object alter column organization drop not null;
alter table identity.provider_object alter column subject drop not null;
alter table identity.provider_object alter column directory drop not null;
alter table identity.provider_object alter column organization set expression as (data ->> 'organization_id');
alter table identity.provider_object alter column subject set expression as (coalesce(data ->> 'user_id', data ->> 'directory_user_id'));
alter table identity.provider_object alter column directory set expression as (data ->> 'directory_id');
create index provider_object_organization on identity.provider_object (issuer, organization, kind, subject) where organization is not null;
create index provider_object_subject on identity.provider_object (issuer, subject, kind) where subject is not null;
create index provider_object_directory on identity.provider_object (issuer, directory, kind) where directory is not null;

-- whether somebody was a member before is asked of each who comes
create index membership_removed on app.membership (tenant_id, person_id) where status = 'removed';

drop function identity.subjects_of(text, text);
drop function identity.follow_person(text, text);
drop function identity.people_of_directories(uuid);
drop function identity.retry_events(integer);
drop function identity.receive_object(text, text, text, jsonb);
drop function identity.apply_event(text);
drop function identity.apply(identity.inbox, text, boolean);
drop function identity.take_over(text, text, jsonb, timestamptz, text, boolean);
drop function identity.follow_object(identity.provider_object);

--! Included identity/provider_object.sql
-- The state that the events of the identity provider add up to. It depends on which events came, not on their order.

create or replace function identity.observe(issuer text, kind text, id text, data jsonb, updated_at timestamptz, told_by text, ended boolean)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  if observe.kind in ('user', 'directory_user') and observe.data ->> 'email' is not null then
    insert into identity.provider_address as a (issuer, kind, id, email, verified)
    values (
      observe.issuer, observe.kind, observe.id, lower(observe.data ->> 'email'), coalesce((observe.data ->> 'email_verified')::boolean, false))
    on conflict on constraint provider_address_pkey do update
      set verified = a.verified or excluded.verified;
  end if;
  insert into identity.provider_object as o (issuer, kind, id, data, updated_at, told_by, ended)
  values (observe.issuer, observe.kind, observe.id, observe.data, observe.updated_at, observe.told_by, observe.ended)
  on conflict on constraint provider_object_pkey do update
    set (data, updated_at, told_by, ended) = (excluded.data, excluded.updated_at, excluded.told_by, excluded.ended)
    where (excluded.ended, excluded.updated_at, excluded.told_by) > (o.ended, o.updated_at, o.told_by);
  return found;
end
$$;
comment on function identity.observe(text, text, text, jsonb, timestamptz, text, boolean) is
  'Takes over what the identity provider tells of an object, unless something newer is known or the object has ended. Returns whether it was news.';

create or replace function identity.known(issuer text, kind text, id text)
returns identity.provider_object
language sql
stable
security definer
set search_path = ''
begin atomic
  select o
  from identity.provider_object o
  where o.issuer = known.issuer
    and o.kind = known.kind
    and o.id = known.id;
end;
comment on function identity.known(text, text, text) is 'What is known of an object of the identity provider; null for nothing.';

create or replace function identity.directory_users_of(issuer text, organization text, subject text)
returns setof identity.provider_object
language sql
stable
security definer
set search_path = ''
begin atomic
  -- By keys, step by step: as a join, it read all of the directory for each of its users while statistics are those of a moment ago.
  select d
  from (
    select distinct a.id
    from identity.provider_address u
    cross join lateral (
      select a.id from identity.provider_address a
      where a.issuer = directory_users_of.issuer and a.kind = 'directory_user' and a.email = u.email
      offset 0) a
    where u.issuer = directory_users_of.issuer and u.kind = 'user' and u.id = directory_users_of.subject
    offset 0) a
  cross join lateral (
    select d from identity.provider_object d
    where d.issuer = directory_users_of.issuer and d.kind = 'directory_user' and d.id = a.id
    offset 0) o (d)
  where (o.d).organization = directory_users_of.organization;
end;
comment on function identity.directory_users_of(text, text, text) is
  'The users of an organization''s directories who are this user: those who ever shared an address.';

create or replace function identity.subjects_of(issuer text, directory_users text[])
returns setof text
language sql
stable
security definer
set search_path = ''
begin atomic
  select distinct u.id
  from unnest(directory_users) as d (id)
  cross join lateral (
    select a.email from identity.provider_address a
    where a.issuer = subjects_of.issuer and a.kind = 'directory_user' and a.id = d.id
    offset 0) a
  cross join lateral (
    select u.id from identity.provider_address u
    where u.issuer = subjects_of.issuer and u.kind = 'user' and u.email = a.email
    offset 0) u;
end;
comment on function identity.subjects_of(text, text[]) is 'The users who are one of these users of directories.';

create or replace function identity.is_active_directory_user(directory_user identity.provider_object)
returns boolean
language sql
stable
security definer
set search_path = ''
-- a directory that ends takes its users with it, and tells nothing of each
return not directory_user.ended
  and coalesce(directory_user.data ->> 'state', 'active') = 'active'
  and not coalesce((identity.known(directory_user.issuer, 'directory', directory_user.directory)).ended, false);
comment on function identity.is_active_directory_user(identity.provider_object) is 'Whether a user of a directory is in it, and active.';
--! EndIncluded identity/provider_object.sql
--! Included identity/reconcile.sql
-- What follows for members from what the identity provider has told. Each function looks at the state and not at the event, and may run again at any time.

create or replace function identity.waiting_invitation(issuer text, subject text)
returns uuid
language sql
stable
security definer
set search_path = ''
begin atomic
  -- the one that the provider says this user accepted, or else one to an address that is, or was, verified as theirs
  select i.id
  from app.invitation i
  left join identity.provided_invitation pi on pi.tenant_id = i.tenant_id and pi.invitation_id = i.id
  left join identity.provider_object p on p.issuer = pi.issuer and p.kind = 'invitation' and p.id = pi.id
  where i.tenant_id = platform.tenant_id()
    and i.status = 'pending'
    and i.expires_at > statement_timestamp()
    and (p.data ->> 'accepted_user_id' = waiting_invitation.subject
      or exists (
        select from identity.provider_address a
        where a.issuer = waiting_invitation.issuer and a.kind = 'user' and a.id = waiting_invitation.subject and a.verified and a.email = lower(i.email)))
  order by p.data ->> 'accepted_user_id' = waiting_invitation.subject desc nulls last, i.id
  limit 1;
end;
comment on function identity.waiting_invitation(text, text) is 'The invitation that a user of the identity provider has come by; null for none. Inside the tenant.';

create or replace function identity.admit(issuer text, organization text, subject text, tenant uuid, email text, name text)
returns app.membership
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  invitation uuid := identity.waiting_invitation(issuer, subject);
  joined app.membership;
  person uuid;
  former_role text;
  invited boolean;
begin
  if invitation is not null then
    joined := app.accept_invitation(invitation, issuer, subject, name);
    delete from identity.barred_person b where b.tenant_id = tenant and b.person_id = joined.person_id;
    return joined;
  end if;
  person := identity.ensure_person(issuer, subject, email, name);
  if exists (select from identity.barred_person b where b.tenant_id = tenant and b.person_id = person) then
    return null;
  end if;
  -- who was invited once, and was removed by nobody here, comes back by the provider
  select f.role, coalesce(f.invited, false) into former_role, invited from identity.former_member(tenant, person) f;
  if not invited and not identity.is_admitted(issuer, organization, subject, tenant) then
    return null;
  end if;
  insert into app.membership (person_id, email, name, role)
  values (person, email, name, coalesce(
    case when platform.permissions_of(tenant, former_role) <> '{}' then former_role end, (select t.default_role from app.tenant t where t.tenant_id = tenant and t.id = tenant)))
  returning * into joined;
  if not invited then
    insert into identity.admitted_member (tenant_id, membership_id)
    values (tenant, joined.id);
  end if;
  return joined;
end
$$;
comment on function identity.admit(text, text, text, uuid, text, text) is
  'Makes somebody a member who was invited, now or before, whose directory has them, or whom the tenant admits by their domain; null for who is none of these, or
was removed by somebody of the tenant. Errors: ZF007.';

create or replace function identity.block(member app.membership, reason text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  insert into identity.blocked_member (tenant_id, membership_id, reason)
  values (member.tenant_id, member.id, block.reason)
  on conflict do nothing;
  if found then
    update identity.principal p
    set version = p.version + 1
    where p.tenant_id = member.tenant_id
      and (p.id = member.id or p.id in (
        select k.id from app.api_key k where k.tenant_id = member.tenant_id and k.created_by = member.id and k.status = 'active'));
  end if;
  if member.status <> 'active' then
    return;
  end if;
  begin
    perform app.suspend_membership(member.id);
    update identity.blocked_member b
    set suspended = true
    where b.tenant_id = member.tenant_id
      and b.membership_id = member.id;
  exception when sqlstate 'ZF009' then
    -- the last owner: locked out all the same, though the tenant keeps them
    perform identity.end_sessions(member.tenant_id, member.person_id);
  end;
end
$$;
comment on function identity.block(app.membership, text) is
  'Locks out a member whom the identity provider has deactivated, from their next statement on. Inside the tenant.';

create or replace function identity.unblock(member app.membership)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  lifted identity.blocked_member;
begin
  delete from identity.blocked_member b
  where b.tenant_id = member.tenant_id
    and b.membership_id = member.id
  returning * into lifted;
  if lifted.suspended and member.status = 'suspended' then
    perform app.reactivate_membership(member.id);
  end if;
end
$$;
comment on function identity.unblock(app.membership) is 'Lets a member in again whom the identity provider has activated; one whom somebody here had suspended stays so. Inside the tenant.';

create or replace function identity.follow_role(issuer text, organization text, member app.membership, subject text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  given text := identity.group_role_of(issuer, organization, subject, member.tenant_id);
begin
  -- who is in no group that gives a role has the one that people here gave
  if given is null then
    delete from identity.group_member g
    where g.tenant_id = member.tenant_id
      and g.membership_id = member.id
    returning g.former_role into given;
    if not found then
      return;
    end if;
    -- a role that has ended is given to nobody
    if platform.permissions_of(member.tenant_id, given) = '{}' then
      select t.default_role into given from app.tenant t where t.tenant_id = member.tenant_id and t.id = member.tenant_id;
    end if;
  else
    insert into identity.group_member (tenant_id, membership_id, former_role)
    values (member.tenant_id, member.id, member.role)
    on conflict do nothing;
  end if;
  if given = member.role then
    return;
  end if;
  begin
    update app.membership m
    set role = given
    where m.tenant_id = member.tenant_id
      and m.id = member.id;
  exception when sqlstate 'ZF009' then
    -- the last owner stays one, until there is another
    null;
  end;
end
$$;
comment on function identity.follow_role(text, text, app.membership, text) is
  'Gives a member the role of their directory''s groups; the one that they had before when they have left the last that gave one. Inside the tenant.';

create or replace function identity.settle_invitation(issuer text, member app.membership, subject text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  accepted app.invitation;
begin
  select i.*
  into accepted
  from identity.provider_object p
  join identity.provided_invitation pi on pi.issuer = p.issuer and pi.id = p.id
  join app.invitation i on i.tenant_id = pi.tenant_id and i.id = pi.invitation_id
  where p.issuer = settle_invitation.issuer
    and p.kind = 'invitation'
    and p.data ->> 'accepted_user_id' = settle_invitation.subject
    and i.tenant_id = member.tenant_id
    and i.status = 'pending'
  order by i.id
  limit 1;
  -- whom nobody seemed to have invited: the address that they were invited by was not known yet
  if not found and exists (
    select from identity.admitted_member a where a.tenant_id = member.tenant_id and a.membership_id = member.id) then
    select i.*
    into accepted
    from app.invitation i
    where i.tenant_id = member.tenant_id
      and i.id = identity.waiting_invitation(issuer, subject);
  end if;
  if accepted.id is null then
    return;
  end if;
  update app.invitation i
  set status = 'accepted',
    membership_id = member.id
  where i.tenant_id = accepted.tenant_id
    and i.id = accepted.id;
  delete from identity.admitted_member a
  where a.tenant_id = member.tenant_id
    and a.membership_id = member.id;
  update identity.group_member g
  set former_role = accepted.role
  where g.tenant_id = member.tenant_id
    and g.membership_id = member.id;
  if not found then
    update app.membership m
    set role = accepted.role
    where m.tenant_id = member.tenant_id
      and m.id = member.id
      and m.role not in (accepted.role, 'owner');
  end if;
end
$$;
comment on function identity.settle_invitation(text, app.membership, text) is
  'Accepts the invitation of somebody who became a member before the identity provider told that they had accepted it, or of the address by which they were invited, and gives
them its role. Inside the tenant.';

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
  person uuid := (
    select l.person_id from identity.login l where l.issuer = reconcile_member.issuer and l.subject = reconcile_member.subject);
  member app.membership;
begin
  if tenant is null or desired is null then
    return '{}';
  end if;
  -- whom to let in has to be known; an end needs no name
  if who is null and desired = 'active' then
    return array['user/' || subject];
  end if;
  called := left(coalesce(nullif(trim(concat_ws(' ', who.data ->> 'first_name', who.data ->> 'last_name')), ''), who.data ->> 'name', address), 200);
  perform platform.enter_as_system(tenant, 'identity provider');
  -- by the person, in two steps: joined, with the statistics of a moment ago, it read all members, 60 ms of 1,000
  select m.*
  into member
  from app.membership m
  where m.tenant_id = tenant
    and m.person_id = person
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

  if address is not null and (member.email, member.name) is distinct from (address, called) then
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
comment on function identity.reconcile_member(text, text, text) is
  'Makes a member what the identity provider says: joined, suspended, reactivated or removed, with their name, address and the role of their groups. Returns what has to be
known first, as kind/id. Errors: ZF007 when the tenant has no seat.';
--! EndIncluded identity/reconcile.sql
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
  if cardinality(subjects) <= 10 then
    foreach subject in array subjects loop
      perform identity.follow(issuer, subject);
    end loop;
    return;
  end if;
  insert into identity.waiting_person (issuer, subject)
  select follow_all.issuer, s
  from unnest(subjects) s
  on conflict on constraint waiting_person_pkey do update
    set next_attempt_at = statement_timestamp();
  -- it notifies, which locks the whole database at commit: for many at once, which is rare
  perform graphile_worker.add_job('follow_people', job_key => 'follow_people', max_attempts => 3);
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

create or replace function identity.give_up_following(issuer text, subject text)
returns void
language sql
volatile
security definer
set search_path = ''
begin atomic
  delete from identity.waiting_person w
  where w.issuer = give_up_following.issuer
    and w.subject = give_up_following.subject;
end;
comment on function identity.give_up_following(text, text) is 'Nothing is to follow for somebody until they are told of again: the identity provider does not know them.';

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
  identity.due_people(integer), identity.follow_person(text, text), identity.give_up_following(text, text), identity.follow_directories(uuid) to freehold_worker;
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
  told jsonb := entry.data;
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

create or replace function identity.observe_groups(issuer text, told jsonb, at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform identity.observe(issuer, 'directory_group_user', concat_ws('/', g.id, told ->> 'id'), jsonb_build_object(
    'id', concat_ws('/', g.id, told ->> 'id'),
    'directory_id', told ->> 'directory_id',
    'directory_group_id', g.id,
    'directory_user_id', told ->> 'id',
    'present', bool_or(g.present)), at, '', false)
  from (
    select listed ->> 'id' as id, true as present
    from jsonb_array_elements(told -> 'groups') listed
    union all
    select known.data ->> 'directory_group_id', false
    from identity.provider_object known
    where known.issuer = observe_groups.issuer
      and known.kind = 'directory_group_user'
      and known.subject = told ->> 'id'
  ) g
  group by g.id;
end
$$;
comment on function identity.observe_groups(text, jsonb, timestamptz) is
  'Takes over in which groups a user of a directory is listed, and in which not, unless an event from after that time has told otherwise.';

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
    if listed.kind = 'directory_user' then
      perform identity.observe_groups(issuer, listed.object, at);
    end if;
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
    and (o.organization = unlisted_objects.organization or o.kind = 'organization' and o.id = unlisted_objects.organization)
    and o.kind in ('organization', 'organization_domain', 'organization_membership', 'connection', 'directory', 'directory_user', 'directory_group')
    and not o.ended
    -- what is new may not be in every list yet
    and o.updated_at < unlisted_objects.at - interval '1 hour'
    and not exists (select from unnest(unlisted_objects.listed) l where l = o.kind || '/' || o.id)
    -- an organization, or a directory, takes with it what is in it
    and (o.kind = 'organization' or exists (
      select from unnest(unlisted_objects.listed) l where l = 'organization/' || unlisted_objects.organization))
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

create or replace function identity.end_sync(issuer text, organization text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  perform pg_advisory_xact_lock(7100050);
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
comment on function identity.end_sync(text, text) is 'Has everybody of the organization follow, whether anything was news or not: what went wrong once is right after a day.';

grant execute on function
  identity.organizations_to_sync(text), identity.receive_listing(text, jsonb, timestamptz), identity.unlisted_objects(text, text, text[], timestamptz),
  identity.receive_end(text, text, text), identity.end_sync(text, text) to freehold_worker;
--! EndIncluded identity/sync.sql
--! Included identity/forget.sql
-- What identity keeps only for a while.

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
      and o.status in ('applied', 'ignored', 'failed')
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
comment on function identity.forget_ended(integer) is
  'Deletes sessions that ended a month ago and events of the identity provider that came three months ago and are done with, at most that many of each. Returns how many; 0 when all is done.';
grant execute on function identity.forget_ended(integer) to freehold_worker;
--! EndIncluded identity/forget.sql
