-- Members: a person in a tenant, with one role.

comment on table app.membership is 'A person who works in the tenant, with one role.';
comment on column app.membership.person_id is E'@behavior -*\nThe person, whatever tenants they belong to.';
comment on column app.membership.email is E'@format email\n@example ada@example.com\nAddress as the identity provider verified it.';
comment on column app.membership.name is E'@example Ada Lovelace\nName as people see it.';
comment on column app.membership.role is E'@example member\nowner, admin, member, viewer, billing, or the key of a role of the tenant.';

select platform.declare_entity(
  'app.membership',
  permissions => '{"read": "viewer", "update": "admin", "suspend": "admin", "reactivate": "admin", "remove": "admin"}',
  lifecycle => '{
    "initial": "active",
    "transitions": {
      "suspend": {"from": ["active"], "to": "suspended", "event": "user.suspended",
        "description": "Locks a member out from their next request on."},
      "reactivate": {"from": ["suspended"], "to": "active", "event": "user.reactivated",
        "description": "Lets a suspended member in again."},
      "remove": {"from": ["active", "suspended"], "to": "removed", "event": "user.removed",
        "description": "Ends a membership for good; the person can be invited again."}
    }
  }',
  events => '{"created": "user.joined", "updated": "user.updated",
    "changed": [{"event": "user.role_changed", "when": "new.role <> old.role", "description": "A member was given another role."}],
    "descriptions": {
      "user.joined": "A person became a member of the tenant.",
      "user.updated": "The name or the address of a member was changed.",
      "user.suspended": "A member was locked out, from their next request on.",
      "user.reactivated": "A suspended member was let in again.",
      "user.removed": "A member left the tenant, or was removed from it, for good."
    }}',
  editable => '{role}',
  limited_by => '{"entitlement": "seats", "counted": "new.status <> ''removed''", "usage": "app.seats_used()"}',
  tasks => '{"user.suspended": "tell_provider", "user.reactivated": "tell_provider", "user.removed": "tell_provider"}',
  across => '{"freehold_resolver": ["select"]}',
  resource => '{"name": "members"}'
);

create or replace trigger _700_follow_principal
  after insert on app.membership
  for each row execute function identity.follow_principal('member');
-- after the record, which verifies the context of the caller: who leaves ends their own
create or replace trigger _950_follow_principal
  after update of role, status on app.membership
  for each row
  when (new.role <> old.role or new.status <> old.status)
  execute function identity.follow_principal('member');

create or replace function app.membership_follow_person()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into identity.person_principal (person_id, tenant_id, principal_id)
  values (new.person_id, new.tenant_id, new.id);
  return null;
end
$$;
comment on function app.membership_follow_person() is 'Trigger: which principals a person has, so that a revoked session finds them.';
create or replace trigger _720_follow_person
  after insert on app.membership
  for each row execute function app.membership_follow_person();

create or replace function app.membership_check_role()
returns trigger
language plpgsql
-- the roles of the tenant are compared whole, whatever of them the caller may read
security definer
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  -- asked of the context that is verified here: a statement could have begun in another one
  perform platform.require('membership:update');
  if (select v.actor_type from platform.verified_context v) = 'system' then
    return new;
  end if;
  lacking := platform.not_held(
    platform.permissions_of(new.tenant_id, new.role) || platform.permissions_of(old.tenant_id, old.role));
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot change a member from %s to %s', old.role, new.role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$$;
comment on function app.membership_check_role() is 'Trigger: no one gives or takes a role that holds more than they do.';
create or replace trigger _200_check_role
  before update of role, status on app.membership
  for each row
  when (new.role <> old.role or new.status <> old.status)
  execute function app.membership_check_role();

create or replace function app.membership_keep_owner()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_tenant(old.tenant_id);
  -- two owners who step down at once must see each other
  perform pg_advisory_xact_lock(hashtextextended(old.tenant_id::text || 'owners', 0));
  if not exists (
    select from app.membership m
    where m.tenant_id = old.tenant_id
      and m.role = 'owner'
      and m.status = 'active'
  ) then
    raise exception using
      errcode = 'ZF009',
      message = 'the tenant would have no owner left',
      detail = 'Give another member the role owner first.';
  end if;
  return null;
end
$$;
comment on function app.membership_keep_owner() is 'Trigger: a tenant keeps one active owner.';
create or replace trigger _300_keep_owner
  after update of role, status on app.membership
  for each row
  when (old.role = 'owner' and old.status = 'active' and (new.role <> 'owner' or new.status <> 'active'))
  execute function app.membership_keep_owner();

create or replace function app.seats_used()
returns bigint
language sql
stable
security definer
set search_path = ''
begin atomic
  select
    (select count(*) from app.membership m where m.tenant_id = platform.tenant_id() and m.status <> 'removed')
    + (select count(*) from app.invitation i where i.tenant_id = platform.tenant_id() and i.status = 'pending');
end;
comment on function app.seats_used() is 'Seats in use: members who are not removed, and pending invitations.';
grant execute on function app.seats_used() to freehold_user;
