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
