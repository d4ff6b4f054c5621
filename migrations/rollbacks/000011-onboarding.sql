--! Undoes: sha1:7e1e01929a2beb1d69ac17d0adde732f200036ec
--! Loses: nothing

-- Undoes "onboarding".
set local check_function_bodies = off;
delete from catalog.event_type where (type) in (('invitation.resent'));
update catalog.event_type set description = 'An invitation was changed, other than by a step of its lifecycle.' where type = 'invitation.updated';
update platform.entity set declaration = '{"due": {"expire": {"column": "expires_at", "states": ["pending"]}}, "limit": {"usage": "app.seats_used()", "counted": "new.status = ''pending''", "entitlement": "seats"}, "tasks": {}, "across": {"freehold_janitor": ["select"]}, "events": {"changed": [], "created": "user.invited", "updated": "invitation.updated", "descriptions": {"user.invited": "A person was invited to join the tenant, and a seat is held for them.", "invitation.expired": "An invitation was not accepted in time, and its seat is free.", "invitation.revoked": "An invitation was taken back, and its seat is free.", "invitation.accepted": "The person who was invited joined the tenant."}}, "hidden": [], "lifecycle": {"initial": "pending", "transitions": {"accept": {"to": "accepted", "from": ["pending"], "event": "invitation.accepted", "handwritten": true}, "expire": {"to": "expired", "from": ["pending"], "event": "invitation.expired"}, "revoke": {"to": "revoked", "from": ["pending"], "event": "invitation.revoked", "description": "Takes an invitation back and frees its seat."}}}, "permissions": {"read": "member", "accept": [], "create": "admin", "expire": [], "revoke": "admin"}}' where name = 'invitation';
update platform.entity set declaration = '{"due": {}, "limit": {"usage": "app.seats_used()", "counted": "new.status <> ''removed''", "entitlement": "seats"}, "tasks": {}, "across": {"freehold_janitor": ["select"], "freehold_resolver": ["select"]}, "events": {"changed": [{"when": "new.role <> old.role", "event": "user.role_changed", "description": "A member was given another role."}], "created": "user.joined", "updated": "user.updated", "descriptions": {"user.joined": "A person became a member of the tenant.", "user.removed": "A member left the tenant, or was removed from it, for good.", "user.updated": "The name or the address of a member was changed.", "user.suspended": "A member was locked out, from their next request on.", "user.reactivated": "A suspended member was let in again."}}, "hidden": [], "lifecycle": {"initial": "active", "transitions": {"remove": {"to": "removed", "from": ["active", "suspended"], "event": "user.removed", "description": "Ends a membership for good; the person can be invited again."}, "suspend": {"to": "suspended", "from": ["active"], "event": "user.suspended", "description": "Locks a member out from their next request on."}, "reactivate": {"to": "active", "from": ["suspended"], "event": "user.reactivated", "description": "Lets a suspended member in again."}}}, "permissions": {"read": "viewer", "remove": "admin", "update": "admin", "suspend": "admin", "reactivate": "admin"}}' where name = 'membership';
delete from platform.event_task where (type, task) in (('user.removed', 'tell_provider'), ('user.suspended', 'tell_provider'), ('user.reactivated', 'tell_provider'), ('user.invited', 'tell_provider'), ('invitation.resent', 'tell_provider'), ('invitation.revoked', 'tell_provider'));
delete from platform.permission where (key) in (('invitation:resend'));
delete from platform.role_permission where (role, permission) in (('admin', 'invitation:resend'));
drop routine app.resend_invitation(id uuid);
set local role freehold_recorder;
CREATE OR REPLACE FUNCTION generated.invitation_record_update()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if new.version = old.version then
    return null;
  end if;
  -- The caller is verified here too, for a statement can change the settings after the policy has looked at them.
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous,
    actor_type, actor_id, impersonator_id, request_id, traceparent)
  select
    new.tenant_id, case
      when old.status = 'pending' and new.status = 'accepted' then 'invitation.accepted'
      when old.status = 'pending' and new.status = 'expired' then 'invitation.expired'
      when old.status = 'pending' and new.status = 'revoked' then 'invitation.revoked' else 'invitation.updated' end, 'invitation', new.id, new.version, jsonb_build_object('id', new.id, 'email', new.email, 'role', new.role, 'status', new.status, 'expires_at', new.expires_at, 'invited_by', new.invited_by, 'membership_id', new.membership_id, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.email is distinct from old.email then jsonb_build_object('email', old.email) else '{}' end
      || case when new.role is distinct from old.role then jsonb_build_object('role', old.role) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.expires_at is distinct from old.expires_at then jsonb_build_object('expires_at', old.expires_at) else '{}' end
      || case when new.invited_by is distinct from old.invited_by then jsonb_build_object('invited_by', old.invited_by) else '{}' end
      || case when new.membership_id is distinct from old.membership_id then jsonb_build_object('membership_id', old.membership_id) else '{}' end,
    v.actor_type, v.actor_id, v.impersonator_id,
    left(nullif(current_setting('freehold.request_id', true), ''), 200), left(nullif(current_setting('freehold.traceparent', true), ''), 100)
  from platform.verified_context v
  where v.tenant_id = new.tenant_id;
  if found then
    return null;
  end if;
  -- the logins of processes act in a context only: a statement that emptied it under way is nobody's
  if platform.claim(1) is not null or session_user in ('freehold_app', 'freehold_worker') then
    perform platform.require_tenant(new.tenant_id);
  end if;
  -- without a context, row-level security lets nobody come here but a superuser in psql
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous, actor_type)
  values (
    new.tenant_id, case
      when old.status = 'pending' and new.status = 'accepted' then 'invitation.accepted'
      when old.status = 'pending' and new.status = 'expired' then 'invitation.expired'
      when old.status = 'pending' and new.status = 'revoked' then 'invitation.revoked' else 'invitation.updated' end, 'invitation', new.id, new.version, jsonb_build_object('id', new.id, 'email', new.email, 'role', new.role, 'status', new.status, 'expires_at', new.expires_at, 'invited_by', new.invited_by, 'membership_id', new.membership_id, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.email is distinct from old.email then jsonb_build_object('email', old.email) else '{}' end
      || case when new.role is distinct from old.role then jsonb_build_object('role', old.role) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.expires_at is distinct from old.expires_at then jsonb_build_object('expires_at', old.expires_at) else '{}' end
      || case when new.invited_by is distinct from old.invited_by then jsonb_build_object('invited_by', old.invited_by) else '{}' end
      || case when new.membership_id is distinct from old.membership_id then jsonb_build_object('membership_id', old.membership_id) else '{}' end, 'operator');
  return null;
end
$function$;
set local role none;
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
  ),
  directory as (
    select identity.is_active_directory_user(d) as active
    from identity.directory_users_of(desired_state.issuer, desired_state.organization, desired_state.subject) d
  )
  select case
    when not exists (select from memberships) then null
    when (identity.known(desired_state.issuer, 'user', desired_state.subject)).ended
      or not exists (select from memberships m where not m.ended) then 'removed'
    when (identity.known(desired_state.issuer, 'organization', desired_state.organization)).ended then 'suspended'
    when exists (select from directory) and not exists (select from directory d where d.active) then 'suspended'
    when exists (select from memberships m where not m.ended and m.status = 'active') then 'active'
    when exists (select from memberships m where not m.ended and m.status = 'inactive') then 'suspended'
    else 'pending'
  end;
end;
drop routine identity.invitation_to_tell(issuer text, invitation uuid);
drop routine identity.is_deprovisioned(issuer text, organization text, subject text);
drop routine identity.memberships_to_tell(issuer text, membership uuid);
drop routine identity.note_invitation(issuer text, id text, invitation uuid);
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
        and not identity.is_admitted(issuer, organization, subject, tenant) then
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
      -- suspended, or asked to join again
      perform identity.block(member, 'the identity provider has deactivated them');
  end case;
  return '{}';
end
$$;
drop routine platform.begin_tenant(name text, slug text, plan text);
create or replace function platform.create_tenant(
  name text,
  slug text,
  owner_email text,
  owner_name text,
  issuer text,
  subject text,
  plan text
)
returns uuid
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  tenant uuid := uuidv7();
  person uuid;
begin
  insert into identity.tenant_slug (slug, tenant_id)
  values (create_tenant.slug, tenant);
  perform platform.add_principal(tenant, tenant, 'system');
  perform platform.enter_as_system(tenant, 'create the tenant');

  insert into app.tenant (tenant_id, id, name, slug)
  values (tenant, tenant, create_tenant.name, create_tenant.slug);
  perform app.start_subscription(plan);

  person := identity.ensure_person(issuer, subject, owner_email, owner_name);
  insert into app.membership (tenant_id, person_id, email, name, role)
  values (tenant, person, owner_email, owner_name, 'owner');
  perform app.activate_tenant(tenant);
  return tenant;
end
$$;
drop routine platform.tenant_of_slug(slug text);
