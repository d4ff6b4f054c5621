--! Previous: sha1:f4e2f5311b485225f6da247dfaa93919a7b9cd89
--! Hash: sha1:6f6acddb50bbf0d9d54a261c483c4c3c1645aa7f
--! Message: revoked invitations

-- No release has these tables yet. Only functions of their owner read them, and they are replaced here.
-- squawk-ignore-file ban-drop-column, constraint-missing-not-valid, require-concurrent-index-creation

-- Who came by an invitation that the identity provider had revoked before: decided by when they came there, and not by what is heard of first.

create table identity.invited_member (
  tenant_id uuid not null,
  membership_id uuid not null,
  invitation_id uuid not null,
  primary key (tenant_id, membership_id)
);
create index invited_member_invitation on identity.invited_member (tenant_id, invitation_id);
comment on table identity.invited_member is 'Which invitation a member came by, at first or once more.';

alter table identity.provided_invitation add column withdrawn boolean not null default false;
comment on column identity.provided_invitation.withdrawn is
  'The identity provider revoked it, and so it was here; it is good for who had come there before. One that somebody revoked here is good for nobody.';

alter table identity.barred_person add column lifted_by uuid;
comment on column identity.barred_person.lifted_by is 'The invitation by which they came back.';

alter table identity.provider_object add column active_at timestamptz;
comment on column identity.provider_object.active_at is 'Since when a membership was known to be active for the first time; null for others.';
update identity.provider_object o
set active_at = coalesce((o.data ->> 'created_at')::timestamptz, o.updated_at)
where o.kind = 'organization_membership' and o.data ->> 'status' = 'active';

alter table identity.provider_address add column verified_at timestamptz;
comment on column identity.provider_address.verified_at is 'Since when the user was known to have shown that it is theirs; null for never.';
update identity.provider_address a set verified_at = '-infinity' where a.verified;

drop function identity.waiting_invitation(text, text);
drop function identity.former_member(uuid, uuid);

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
declare
  is_news boolean;
begin
  if observe.kind in ('user', 'directory_user') and observe.data ->> 'email' is not null then
    insert into identity.provider_address as a (issuer, kind, id, email, verified_at)
    values (
      observe.issuer, observe.kind, observe.id, lower(observe.data ->> 'email'),
      case when (observe.data ->> 'email_verified')::boolean then observe.updated_at end)
    on conflict on constraint provider_address_pkey do update
      set verified_at = least(a.verified_at, excluded.verified_at);
  end if;
  insert into identity.provider_object as o (issuer, kind, id, data, updated_at, told_by, ended)
  values (observe.issuer, observe.kind, observe.id, observe.data, observe.updated_at, observe.told_by, observe.ended)
  on conflict on constraint provider_object_pkey do update
    set (data, updated_at, told_by, ended) = (excluded.data, excluded.updated_at, excluded.told_by, excluded.ended)
    where (excluded.ended, excluded.updated_at, excluded.told_by) > (o.ended, o.updated_at, o.told_by);
  is_news := found;
  -- the first time that it was so, whichever is heard of first
  if observe.kind = 'organization_membership' and observe.data ->> 'status' = 'active' then
    update identity.provider_object o
    set active_at = least(o.active_at, observe.updated_at)
    where o.issuer = observe.issuer
      and o.kind = observe.kind
      and o.id = observe.id
      and observe.updated_at < coalesce(o.active_at, 'infinity');
  end if;
  return is_news;
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
rows 10
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
rows 10
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
--! Included membership/end_access.sql
-- What ends with a membership: its sessions and the keys that it made.

create or replace function identity.end_sessions(tenant uuid, person uuid)
returns void
language sql
volatile
security definer
set search_path = ''
begin atomic
  update identity.session s
  set revoked_at = statement_timestamp(),
    sealed_tokens = null
  where s.tenant_id = tenant
    and s.person_id = person
    and s.revoked_at is null;
end;
comment on function identity.end_sessions(uuid, uuid) is 'Ends the sessions of a person in a tenant.';

create or replace function app.membership_end_access()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  former text[] := array[
    current_setting('freehold.tenant_id', true), current_setting('freehold.claims', true), current_setting('freehold.signature', true)];
  actor text := (select v.actor_type from platform.verified_context v);
begin
  perform platform.require_tenant(new.tenant_id);
  perform identity.end_sessions(new.tenant_id, new.person_id);
  -- whom somebody here had locked out does not come back by way of the provider
  if new.status = 'removed' and (actor <> 'system' or (old.status = 'suspended' and not exists (
    select from identity.blocked_member b where b.tenant_id = new.tenant_id and b.membership_id = new.id))) then
    insert into identity.barred_person (tenant_id, person_id)
    values (new.tenant_id, new.person_id)
    on conflict on constraint barred_person_pkey do update
      set lifted_by = null;
  end if;
  -- whoever may suspend or remove a member does so to their keys, whether they may end keys or not
  perform platform.enter_as_system(new.tenant_id, 'the keys of a member who was ' || new.status);
  if new.status = 'removed' then
    perform app.revoke_api_key(k.id)
    from app.api_key k
    where k.tenant_id = new.tenant_id
      and k.created_by = new.id
      and k.status = 'active';
  else
    update identity.principal p
    set version = p.version + 1
    from app.api_key k
    where k.tenant_id = new.tenant_id
      and k.created_by = new.id
      and k.status = 'active'
      and p.tenant_id = k.tenant_id
      and p.id = k.id;
  end if;
  perform set_config('freehold.tenant_id', former[1], true),
    set_config('freehold.claims', former[2], true),
    set_config('freehold.signature', former[3], true);
  return null;
end
$$;
comment on function app.membership_end_access() is
  'Trigger: who is suspended or removed loses their sessions, and their keys open nothing; who is removed has them revoked. A removal by somebody of the tenant is remembered.';
-- before the principal follows: the context of who removes themselves ends with that
create or replace trigger _940_end_access
  after update of status on app.membership
  for each row
  when (new.status <> old.status and new.status <> 'active')
  execute function app.membership_end_access();

create or replace function app.membership_check_block()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if exists (select from identity.blocked_member b where b.tenant_id = new.tenant_id and b.membership_id = new.id) then
    raise exception using
      errcode = 'ZF005',
      message = 'the identity provider has deactivated this member',
      detail = 'Activate them in the directory, or in the organization at the identity provider.';
  end if;
  return new;
end
$$;
comment on function app.membership_check_block() is 'Trigger: whom the identity provider has deactivated, nobody reactivates here.';
create or replace trigger _210_check_block
  before update of status on app.membership
  for each row
  when (old.status = 'suspended' and new.status = 'active')
  execute function app.membership_check_block();
--! EndIncluded membership/end_access.sql
--! Included identity/member_state.sql
-- What a member should be, by all that the identity provider has told.

create or replace function identity.group_role_of(issuer text, organization text, subject text, tenant uuid)
returns text
language sql
stable
security definer
set search_path = ''
begin atomic
  -- By keys, step by step: as a join it read everybody's groups for each person, 50 ms of 1,500 people.
  select r.role
  from (
    select d.id
    from identity.directory_users_of(group_role_of.issuer, group_role_of.organization, group_role_of.subject) d
    where identity.is_active_directory_user(d)
    offset 0) d
  cross join lateral (
    select gu.data ->> 'directory_group_id' as id
    from identity.provider_object gu
    where gu.issuer = group_role_of.issuer and gu.subject = d.id and gu.kind = 'directory_group_user' and (gu.data ->> 'present')::boolean
    offset 0) gu
  cross join lateral (
    select g.data ->> 'name' as name
    from identity.provider_object g
    where g.issuer = group_role_of.issuer and g.kind = 'directory_group' and g.id = gu.id and not g.ended
    offset 0) g
  join app.group_role r on r.tenant_id = tenant and r.group_name = g.name and r.status = 'active'
  order by r.position, r.group_name
  limit 1;
end;
comment on function identity.group_role_of(text, text, text, uuid) is
  'The role that the groups of somebody''s directory give them; null when none does. Inside the tenant.';

create or replace function identity.is_deprovisioned(issuer text, organization text, subject text)
returns boolean
language sql
stable
security definer
set search_path = ''
begin atomic
  select coalesce(not bool_or(identity.is_active_directory_user(d)), false)
  from identity.directory_users_of(is_deprovisioned.issuer, is_deprovisioned.organization, is_deprovisioned.subject) d;
end;
comment on function identity.is_deprovisioned(text, text, text) is 'Whether somebody is, or was, in directories of the organization, and active in none.';

create or replace function identity.desired_state(issuer text, organization text, subject text)
returns text
language sql
stable
security definer
set search_path = ''
begin atomic
  with memberships as (
    select m.data ->> 'status' as status, m.ended
    from identity.provider_object m
    where m.issuer = desired_state.issuer
      and m.organization = desired_state.organization
      and m.subject = desired_state.subject
      and m.kind = 'organization_membership'
  )
  select case
    when not exists (select from memberships) then null
    when (identity.known(desired_state.issuer, 'user', desired_state.subject)).ended
      or not exists (select from memberships m where not m.ended) then 'removed'
    when (identity.known(desired_state.issuer, 'organization', desired_state.organization)).ended then 'suspended'
    when identity.is_deprovisioned(desired_state.issuer, desired_state.organization, desired_state.subject) then 'suspended'
    when exists (select from memberships m where not m.ended and m.status = 'active') then 'active'
    when exists (select from memberships m where not m.ended and m.status = 'inactive') then 'suspended'
    else 'pending'
  end;
end;
comment on function identity.desired_state(text, text, text) is
  'active, suspended, removed or pending; null when nothing is known. Suspended: the membership or all of the person''s directory users are inactive, or the organization
has ended. Removed: the person or every membership of theirs has ended.';

create or replace function identity.is_of_domain(issuer text, organization text, subject text)
returns boolean
language sql
stable
security definer
set search_path = ''
begin atomic
  select exists (
    select
    from identity.provider_address a
    join identity.provider_object d
      on d.issuer = a.issuer and d.organization = is_of_domain.organization and d.kind = 'organization_domain'
      and lower(d.data ->> 'domain') = split_part(a.email, '@', 2)
    join identity.provider_object m
      on m.issuer = a.issuer and m.organization = is_of_domain.organization and m.subject = a.id
      and m.kind = 'organization_membership' and not m.ended
    where a.issuer = is_of_domain.issuer
      and a.kind = 'user'
      and a.id = is_of_domain.subject
      and a.verified_at is not null
      and d.data ->> 'state' in ('verified', 'legacy_verified')
      -- who came before the organization gave the domain up came rightly, whenever we hear of it
      and (not d.ended or (m.data ->> 'created_at')::timestamptz < d.updated_at));
end;
comment on function identity.is_of_domain(text, text, text) is 'Whether an address of somebody is of a domain that the organization has verified, and had when they came.';

create or replace function identity.is_eligible(issuer text, organization text, subject text)
returns boolean
language sql
stable
security definer
set search_path = ''
begin atomic
  select exists (select from identity.directory_users_of(issuer, organization, subject) d where identity.is_active_directory_user(d))
    or identity.is_of_domain(issuer, organization, subject);
end;
comment on function identity.is_eligible(text, text, text) is
  'Whether somebody whom nobody has invited may be a member who became one: whatever the tenant admits by now, which is for those who come.';

create or replace function identity.is_admitted(issuer text, organization text, subject text, tenant uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
begin atomic
  select exists (select from identity.directory_users_of(issuer, organization, subject) d where identity.is_active_directory_user(d))
    or (
      (select t.admit_verified_domains from app.tenant t where t.tenant_id = tenant and t.id = tenant)
      and identity.is_of_domain(issuer, organization, subject));
end;
comment on function identity.is_admitted(text, text, text, uuid) is
  'Whether somebody whom nobody has invited may become a member: their directory has them, or an address of theirs is of a verified domain and the tenant admits those.
Inside the tenant.';

create or replace function identity.former_member(tenant uuid, person uuid, out role text, out invited boolean, out invitation uuid)
language sql
stable
security definer
set search_path = ''
begin atomic
  select coalesce(g.former_role, m.role),
    not exists (select from identity.admitted_member a where a.tenant_id = m.tenant_id and a.membership_id = m.id),
    im.invitation_id
  from app.membership m
  left join identity.group_member g on g.tenant_id = m.tenant_id and g.membership_id = m.id
  left join identity.invited_member im on im.tenant_id = m.tenant_id and im.membership_id = m.id
  where m.tenant_id = former_member.tenant
    and m.person_id = former_member.person
    and m.status = 'removed'
    -- they came by nothing
    and not exists (
      select from identity.provided_invitation pi where pi.tenant_id = im.tenant_id and pi.invitation_id = im.invitation_id and pi.withdrawn)
  order by m.updated_at desc, m.id desc
  limit 1;
end;
comment on function identity.former_member(uuid, uuid) is
  'The role that somebody had whose membership has ended, whether they had been invited, and by which invitation; null for who never was a member, or was by an invitation that had been
revoked. Inside the tenant.';
--! EndIncluded identity/member_state.sql
--! Included identity/provided_invitation.sql
-- Which of our invitations somebody has come by, and what becomes of it when the identity provider accepts or revokes its own.

create or replace function identity.came_before(invitation identity.provider_object, email text, subject text)
returns boolean
language sql
stable
security definer
set search_path = ''
begin atomic
  select exists (
    select
    from identity.provider_object m
    join identity.provider_address a on a.issuer = m.issuer and a.kind = 'user' and a.id = m.subject and a.email = lower(came_before.email)
    where m.issuer = invitation.issuer
      and m.organization = invitation.organization
      and m.subject = came_before.subject
      and m.kind = 'organization_membership'
      and greatest(m.active_at, a.verified_at) < invitation.updated_at
      and m.active_at is not null
      and a.verified_at is not null
      and (not m.ended or m.updated_at > (invitation.data ->> 'created_at')::timestamptz));
end;
comment on function identity.came_before(identity.provider_object, text, text) is
  'Whether a user was in the organization, by the address that an invitation was sent to, before the identity provider took that back.';

create or replace function identity.waiting_invitation(issuer text, subject text)
returns app.invitation
language sql
stable
security definer
set search_path = ''
begin atomic
  -- the one that the provider says this user accepted, or else one to an address that is, or was, verified as theirs
  select i
  from app.invitation i
  left join identity.provided_invitation pi on pi.tenant_id = i.tenant_id and pi.invitation_id = i.id
  left join identity.provider_object p on p.issuer = pi.issuer and p.kind = 'invitation' and p.id = pi.id
  where i.tenant_id = platform.tenant_id()
    and (i.status = 'pending' or pi.withdrawn)
    -- whom somebody here has removed since then, it brings back no more
    and not exists (
      select from identity.barred_person b
      join identity.login l on l.person_id = b.person_id
      where i.status <> 'pending' and b.tenant_id = i.tenant_id and b.barred_at > i.created_at and b.lifted_by is null
        and l.issuer = waiting_invitation.issuer and l.subject = waiting_invitation.subject)
    and i.expires_at > statement_timestamp()
    and (p.data ->> 'accepted_user_id' = waiting_invitation.subject
      or exists (
        select from identity.provider_address a
        where a.issuer = waiting_invitation.issuer and a.kind = 'user' and a.id = waiting_invitation.subject
          and a.verified_at is not null and a.email = lower(i.email)))
    and (p.data ->> 'state' is distinct from 'revoked' or identity.came_before(p, i.email, waiting_invitation.subject))
  order by p.data ->> 'accepted_user_id' = waiting_invitation.subject desc nulls last, i.status = 'pending' desc, i.id
  limit 1;
end;
comment on function identity.waiting_invitation(text, text) is
  'The invitation that a user of the identity provider has come by; null for none. One that the provider took back is good for who was there before, whichever of the two is heard of
first. Inside the tenant.';

create or replace function identity.withdraw(invitation app.invitation, object identity.provider_object)
returns setof text
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  member app.membership;
  subject text;
begin
  if invitation.status not in ('pending', 'accepted') then
    return;
  end if;
  if invitation.status = 'pending' then
    perform app.revoke_invitation(invitation.id);
  end if;
  select l.subject
  into subject
  from identity.invited_member im
  join app.membership m on m.tenant_id = im.tenant_id and m.id = im.membership_id
  join identity.login l on l.issuer = object.issuer and l.person_id = m.person_id
  where im.tenant_id = invitation.tenant_id
    and im.invitation_id = invitation.id
  order by identity.came_before(object, invitation.email, l.subject) desc
  limit 1;
  if identity.came_before(object, invitation.email, subject) then
    return;
  end if;
  update identity.provided_invitation pi
  set withdrawn = true
  where pi.issuer = object.issuer
    and pi.id = object.id;
  update identity.barred_person b
  set lifted_by = null
  where b.tenant_id = invitation.tenant_id
    and b.lifted_by = invitation.id;
  -- as if they had not come: who is admitted by something else comes by that
  for member in
    select m.*
    from identity.invited_member im
    join app.membership m on m.tenant_id = im.tenant_id and m.id = im.membership_id
    where im.tenant_id = invitation.tenant_id
      and im.invitation_id = invitation.id
  loop
    delete from identity.provided_member p
    where p.tenant_id = member.tenant_id
      and p.membership_id = member.id;
    if member.status <> 'removed' then
      begin
        perform app.remove_membership(member.id);
      exception when sqlstate 'ZF009' then
        -- the last owner: locked out with the next step, unless something else admits them
        insert into identity.admitted_member (tenant_id, membership_id)
        values (member.tenant_id, member.id)
        on conflict do nothing;
      end;
    end if;
    return next subject;
  end loop;
end
$$;
comment on function identity.withdraw(app.invitation, identity.provider_object) is
  'Takes back an invitation that the identity provider has revoked; who came by it after that, and was heard of before, is a member no longer. Returns who is to follow. Inside the tenant.';

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
    accepted := identity.waiting_invitation(issuer, subject);
  end if;
  if accepted.id is null then
    return;
  end if;
  update app.invitation i
  set status = 'accepted',
    membership_id = member.id
  where i.tenant_id = accepted.tenant_id
    and i.id = accepted.id
    and i.status = 'pending';
  insert into identity.invited_member (tenant_id, membership_id, invitation_id)
  values (accepted.tenant_id, member.id, accepted.id)
  on conflict on constraint invited_member_pkey do update
    set invitation_id = excluded.invitation_id;
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
--! EndIncluded identity/provided_invitation.sql
--! Included identity/reconcile.sql
-- What follows for members from what the identity provider has told. Each function looks at the state and not at the event, and may run again at any time.

create or replace function identity.admit(issuer text, organization text, subject text, tenant uuid, email text, name text)
returns app.membership
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  invitation app.invitation := identity.waiting_invitation(issuer, subject);
  joined app.membership;
  person uuid;
  former record;
begin
  if invitation.id is not null then
    if invitation.status = 'pending' then
      joined := app.accept_invitation(invitation.id, issuer, subject, name);
    else
      insert into app.membership (person_id, email, name, role)
      values (identity.ensure_person(issuer, subject, email, name), email, name, invitation.role)
      returning * into joined;
    end if;
    insert into identity.invited_member (tenant_id, membership_id, invitation_id)
    values (tenant, joined.id, invitation.id);
    update identity.barred_person b
    set lifted_by = invitation.id
    where b.tenant_id = tenant
      and b.person_id = joined.person_id
      and b.lifted_by is null;
    return joined;
  end if;
  person := identity.ensure_person(issuer, subject, email, name);
  if exists (select from identity.barred_person b where b.tenant_id = tenant and b.person_id = person and b.lifted_by is null) then
    return null;
  end if;
  -- who was invited once, and was removed by nobody here, comes back by the provider
  select * into former from identity.former_member(tenant, person);
  if former.invited is not true and not identity.is_admitted(issuer, organization, subject, tenant) then
    return null;
  end if;
  insert into app.membership (person_id, email, name, role)
  values (person, email, name, coalesce(
    case when platform.permissions_of(tenant, former.role) <> '{}' then former.role end, (select t.default_role from app.tenant t where t.tenant_id = tenant and t.id = tenant)))
  returning * into joined;
  if former.invited is not true then
    insert into identity.admitted_member (tenant_id, membership_id)
    values (tenant, joined.id);
  elsif former.invitation is not null then
    insert into identity.invited_member (tenant_id, membership_id, invitation_id)
    values (tenant, joined.id, former.invitation);
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
--! Included tenant/purge.sql
-- The end of a tenant: what is left of a closed one is deleted, a part at a time, inside its own context.

select platform.execute_as('freehold_janitor', $sql$
create or replace function platform.closed_tenants()
returns setof uuid
language sql
stable
security definer
set search_path = ''
begin atomic
  select t.id
  from app.tenant t
  where t.status = 'closed'
  order by t.id;
end;
comment on function platform.closed_tenants() is 'Tenants that are closed and not yet purged.';
grant execute on function platform.closed_tenants() to freehold_worker;
$sql$);

create or replace function platform.purge_tenant(tenant uuid, most integer default 10000)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  part record;
  deleted bigint;
begin
  -- Policies hold this to the tenant, as they hold everybody.
  perform platform.enter_as_system(tenant, 'purge');
  if not platform.is_closed(tenant) then
    raise exception using
      errcode = 'ZF005',
      message = 'a tenant that is not closed is not purged',
      detail = 'Close it, and wait for its grace period to end.';
  end if;
  -- Who refers to others goes first.
  for part in
    with recursive declared as (
      select e.relation::regclass as relation
      from platform.entity e
      where e.kind in ('entity', 'record')
    ),
    depth as (
      select d.relation, 0 as depth
      from declared d
      union all
      select k.conrelid::regclass, n.depth + 1
      from depth n
      join pg_catalog.pg_constraint k on k.confrelid = n.relation and k.contype = 'f' and k.conrelid <> k.confrelid
      join declared d on d.relation = k.conrelid
      where n.depth < 50
    )
    select n.relation
    from depth n
    where n.relation <> 'app.tenant'::regclass
    group by n.relation
    order by max(n.depth) desc, n.relation::text
  loop
    execute format('delete from %1$s where (tenant_id, id) in (select tenant_id, id from %1$s where tenant_id = $1 limit $2)', part.relation)
    using tenant, most;
    get diagnostics deleted = row_count;
    if deleted > 0 then
      return true;
    end if;
  end loop;

  delete from platform.delivery_queue q where q.tenant_id = tenant;
  delete from platform.lane_queue q where q.tenant_id = tenant;
  delete from platform.replay_progress p where p.tenant_id = tenant;
  delete from platform.endpoint_flow f where f.tenant_id = tenant;
  delete from platform.counter c where c.tenant_id = tenant;
  delete from platform.tenant_plan p where p.tenant_id = tenant;
  delete from identity.api_key_secret s where s.tenant_id = tenant;
  delete from identity.session s where s.tenant_id = tenant;
  delete from identity.provider_address a
  using identity.provider_object d, identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and d.organization = o.organization and d.kind = 'directory_user'
    and a.issuer = d.issuer and a.kind = d.kind and a.id = d.id;
  delete from identity.provider_object gu
  using identity.provider_object d, identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and d.organization = o.organization and d.kind = 'directory'
    and gu.issuer = d.issuer and gu.directory = d.id and gu.kind = 'directory_group_user';
  delete from identity.provider_object d
  using identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and (d.organization = o.organization or (d.kind = 'organization' and d.id = o.organization));
  delete from identity.organization o where o.tenant_id = tenant;
  delete from identity.audit_position p where p.tenant_id = tenant;
  delete from identity.provided_member m where m.tenant_id = tenant;
  delete from identity.provided_invitation i where i.tenant_id = tenant;
  delete from identity.group_member g where g.tenant_id = tenant;
  delete from identity.admitted_member a where a.tenant_id = tenant;
  delete from identity.invited_member m where m.tenant_id = tenant;
  delete from identity.blocked_member b where b.tenant_id = tenant;
  delete from identity.barred_person b where b.tenant_id = tenant;
  -- people stay who belong to another tenant
  with left_tenant as (
    delete from identity.person_principal m where m.tenant_id = tenant returning m.person_id
  )
  delete from identity.person p
  using left_tenant l
  where p.id = l.person_id
    and not exists (select from identity.person_principal o where o.person_id = p.id and o.tenant_id <> tenant);
  delete from app.tenant t where t.tenant_id = tenant;
  delete from identity.principal p where p.tenant_id = tenant;
  -- identity.tenant_slug stays: nobody else may answer under the name of a tenant that was
  return false;
end
$$;
comment on function platform.purge_tenant(uuid, integer) is
  'Deletes rows of a closed tenant, at most that many, and in the end the tenant with its keys, sessions and people. Returns whether there is more.
What remains are its slug and platform.system_entry. Errors: ZF004 when it is gone, ZF005 when it is not closed.';
grant execute on function platform.purge_tenant(uuid, integer) to freehold_worker;
--! EndIncluded tenant/purge.sql

-- nothing asks for it any more
alter table identity.provider_address drop column verified;
