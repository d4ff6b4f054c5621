-- Roles of a tenant's own: sets of permissions. Nobody makes one that holds more than they do.

comment on table app.role is 'A role of the tenant''s own, beside owner, admin, member, viewer and billing.';
comment on column app.role.key is E'@example auditor\nWhat members, invitations and groups name it by: lower-case letters, digits and _.';
comment on column app.role.name is E'@example Auditor\nName as people see it.';
comment on column app.role.permissions is E'@example ["project:read", "event:read"]\nWhat it may do, such as project:read.';

select platform.declare_entity(
  'app.role',
  permissions => '{"read": "viewer", "create": "admin", "update": "admin", "delete": "admin"}',
  lifecycle => '{
    "initial": "active",
    "concealed": ["deleted"],
    "transitions": {
      "delete": {"from": ["active"], "to": "deleted", "event": "role.deleted",
        "description": "Ends a role that nobody has, and nothing gives."}
    }
  }',
  events => '{"descriptions": {
    "role.created": "The tenant was given a role of its own.",
    "role.updated": "A role was given another name, or other permissions, which its members have from their next statement on.",
    "role.deleted": "A role of the tenant ended."
  }}',
  creatable => '{key,name,permissions}',
  editable => '{name,permissions}',
  across => '{"freehold_resolver": ["select"]}'
);

create or replace function platform.permissions_of(tenant uuid, role text)
returns text[]
language sql
stable
set search_path = ''
begin atomic
  select coalesce(
    nullif(platform.permissions_of(permissions_of.role), '{}'),
    (
      select r.permissions
      from app.role r
      where r.tenant_id = permissions_of.tenant
        and r.key = permissions_of.role
        and r.status = 'active'),
    '{}');
end;
comment on function platform.permissions_of(uuid, text) is 'All permissions of a role, built-in or the tenant''s own; empty for one that there is not. With the rights of the caller.';
grant execute on function platform.permissions_of(uuid, text) to freehold_resolver, freehold_user;

create or replace function app.role_check()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  if exists (select from platform.role r where r.key = new.key) then
    raise exception using
      errcode = 'ZF010', message = format('%s is a built-in role', new.key), detail = 'Give yours another key.';
  end if;
  -- what somebody takes away they must hold too: else an admin could cut down who stands above
  lacking := platform.not_held(new.permissions || case when tg_op = 'UPDATE' then old.permissions else '{}' end);
  if lacking is not null then
    raise exception using
      errcode = 'ZF003', message = 'a role cannot hold what you do not hold yourself', detail = format('Not yours to give: %s.', lacking);
  end if;
  return new;
end
$$;
comment on function app.role_check() is 'Trigger: a role''s key is no built-in one, and no one gives or takes more than they hold.';
create or replace trigger _200_check
  before insert or update of permissions on app.role
  for each row execute function app.role_check();

create or replace function app.role_check_unused()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  users text;
begin
  perform platform.require_tenant(new.tenant_id);
  select string_agg(format('%s %s', n, what), ', ')
  into users
  from (
    select count(*) as n, 'members' as what from app.membership m where m.tenant_id = new.tenant_id and m.role = new.key and m.status <> 'removed'
    union all
    select count(*), 'invitations' from app.invitation i where i.tenant_id = new.tenant_id and i.role = new.key and i.status = 'pending'
    union all
    select count(*), 'groups' from app.group_role g where g.tenant_id = new.tenant_id and g.role = new.key and g.status = 'active'
    union all
    select count(*), 'members of groups, without their group' from identity.group_member g where g.tenant_id = new.tenant_id and g.former_role = new.key
    union all
    select count(*), 'default roles' from app.tenant t where t.tenant_id = new.tenant_id and t.default_role = new.key
  ) u
  where n > 0;
  if users is not null then
    raise exception using
      errcode = 'ZF008', message = format('the role %s is in use', new.key), detail = format('Give another one first to: %s.', users);
  end if;
  return new;
end
$$;
comment on function app.role_check_unused() is 'Trigger: a role that somebody has, or would be given, does not end.';
create or replace trigger _210_check_unused
  before update of status on app.role
  for each row
  when (new.status = 'deleted' and old.status <> 'deleted')
  execute function app.role_check_unused();

create or replace function identity.follow_role_permissions()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update identity.principal p
  set version = p.version + 1
  from app.membership m
  where m.tenant_id = new.tenant_id
    and m.role = new.key
    and m.status = 'active'
    and p.tenant_id = m.tenant_id
    and p.id = m.id;
  return null;
end
$$;
comment on function identity.follow_role_permissions() is 'Trigger: a role whose permissions change ends the contexts of its members.';
create or replace trigger _950_follow_permissions
  after update of permissions on app.role
  for each row
  when (new.permissions <> old.permissions)
  execute function identity.follow_role_permissions();

create or replace trigger _800_check_count
  after insert on app.role
  for each row execute function platform.check_count('100', '{active}');

create or replace function app.require_role(tenant uuid, role text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  -- null is for the column to refuse
  if require_role.role is null or exists (select from platform.role r where r.key = require_role.role) then
    return;
  end if;
  perform platform.require_tenant(tenant);
  -- until the end of the transaction it cannot be deleted: a key share lock would not keep its status
  perform
  from app.role r
  where r.tenant_id = require_role.tenant
    and r.key = require_role.role
    and r.status = 'active'
  for share;
  if not found then
    raise exception using
      errcode = 'ZF010', message = format('there is no role %s', left(require_role.role, 50)),
      detail = 'Built-in roles are owner, admin, member, viewer and billing; others are the roles of the tenant.';
  end if;
end
$$;
comment on function app.require_role(uuid, text) is E'@behavior -*\nRaises ZF010 for a role that is neither built in nor the tenant''s own.';

create or replace function app.check_role()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform app.require_role(new.tenant_id, to_jsonb(new) ->> tg_argv[0]);
  return new;
end
$$;
comment on function app.check_role() is 'Trigger: the column that its argument names holds a role that there is.';
create or replace trigger _190_check_role
  before insert or update of role on app.membership
  for each row execute function app.check_role('role');
create or replace trigger _190_check_role
  before insert or update of role on app.invitation
  for each row execute function app.check_role('role');
create or replace trigger _190_check_role
  before insert or update of role on app.group_role
  for each row execute function app.check_role('role');
create or replace trigger _190_check_role
  before update of default_role on app.tenant
  for each row execute function app.check_role('default_role');

create or replace function app.tenant_check_default_role()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  lacking := platform.not_held(platform.permissions_of(new.tenant_id, new.default_role));
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot have whoever joins be a %s', new.default_role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$$;
comment on function app.tenant_check_default_role() is 'Trigger: no one gives more than they hold, to whoever joins neither.';
create or replace trigger _200_check_default_role
  before update of default_role on app.tenant
  for each row
  when (new.default_role <> old.default_role)
  execute function app.tenant_check_default_role();

create or replace function app.membership_keep_given_role()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- a group's role comes by the system; what somebody here gives is what is left without the group
  update identity.group_member g
  set former_role = new.role
  where g.tenant_id = new.tenant_id
    and g.membership_id = new.id
    and (select v.actor_type from platform.verified_context v) <> 'system';
  return null;
end
$$;
comment on function app.membership_keep_given_role() is 'Trigger: the role that somebody of the tenant gives a member is what they have when they leave the group that gives another.';
create or replace trigger _930_keep_given_role
  after update of role on app.membership
  for each row
  when (new.role <> old.role)
  execute function app.membership_keep_given_role();

create or replace function app.grantable_permissions()
returns setof text
language sql
stable
security definer
set search_path = ''
begin atomic
  select p.key
  from platform.permission p
  where exists (select from platform.verified_context)
    and platform.allows(p.key, p.number)
  order by p.key;
end;
comment on function app.grantable_permissions() is 'The permissions that you hold, and may give to a role or an API key.';
grant execute on function app.grantable_permissions() to freehold_user;
