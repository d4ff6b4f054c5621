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
