--! Previous: sha1:7e1e01929a2beb1d69ac17d0adde732f200036ec
--! Hash: sha1:6041a0e56d4204ef147b426f2229b1fce85be0dd
--! Message: roles and audit

-- Roles of a tenant's own, beside the built-in ones.

select platform.declare_states('app.role_status', '{
  "active": "Can be given.",
  "deleted": "Is no more."
}');

create table app.role (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  key text not null check (key ~ '^[a-z][a-z0-9_]{1,49}$'),
  name text not null check (length(name) between 1 and 100),
  permissions text[] not null check (cardinality(permissions) between 1 and 200 and array_position(permissions, null) is null),
  status text not null default 'active' references app.role_status,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create unique index role_key on app.role (tenant_id, key) where status = 'active';
create index membership_role on app.membership (tenant_id, role) where status <> 'removed';

-- a role is a built-in one or one of the tenant: triggers see to it (app.check_role)
alter table app.membership drop constraint membership_role_fkey;
alter table app.invitation drop constraint invitation_role_fkey;
alter table app.group_role drop constraint group_role_role_fkey;
alter table app.tenant drop constraint tenant_default_role_fkey;

-- The audit trail as a file of its own, and at the identity provider for those who want it there.

alter table app.report drop constraint report_kind_check;
-- lint: allow check-without-not-valid: a report table is small, and what is added only widens it
alter table app.report
  add constraint report_kind_check check (kind in ('events', 'audit', 'invoices', 'members', 'usage')),
  add column format text not null default 'ndjson' check (format in ('ndjson', 'csv'));

alter table app.tenant
  add column stream_audit_log boolean not null default false;

create table identity.audit_position (
  tenant_id uuid primary key,
  after uuid not null,
  sent_at timestamptz not null default now()
);
comment on table identity.audit_position is 'The last event of each tenant that the audit log of the identity provider has.';

drop function app.report_content(uuid, integer);

--! Included platform/roles.sql
-- Built-in roles, and how a role becomes a list of permissions.

insert into platform.role (key, description, includes)
values
  ('viewer', 'Sees what the tenant has.', '{}'),
  ('member', 'Works: creates and changes.', '{viewer}'),
  ('billing', 'Sees everything and decides on plan and invoices.', '{viewer}'),
  ('admin', 'Manages people, keys and endpoints.', '{member}'),
  ('owner', 'May do everything, and always exists.', '{admin,billing}')
on conflict (key) do update
  set (description, includes) = (excluded.description, excluded.includes);

create or replace function platform.role_closure(role text)
returns setof text
language sql
stable
set search_path = ''
begin atomic
  with recursive held as (
    select r.key, r.includes
    from platform.role r
    where r.key = role
    union
    select r.key, r.includes
    from held h
    join platform.role r on r.key = any (h.includes)
  )
  select h.key
  from held h;
end;
comment on function platform.role_closure(text) is 'The role and all roles that it includes.';

create or replace function platform.permissions_of(role text)
returns text[]
language sql
stable
security definer
set search_path = ''
begin atomic
  select coalesce(array_agg(distinct rp.permission order by rp.permission), '{}')
  from platform.role_permission rp
  where rp.role in (select platform.role_closure(permissions_of.role));
end;
comment on function platform.permissions_of(text) is 'All permissions of a built-in role, sorted.';
grant execute on function platform.permissions_of(text) to freehold_resolver, freehold_user;

create or replace function platform.execute_as(role_name name, statement text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  former text := current_setting('role');
begin
  -- A function is replaced by its owner only, and narrow roles are not inherited by the migrator (their policies would be too).
  perform set_config('role', role_name, true);
  execute statement;
  perform set_config('role', former, true);
end
$$;
comment on function platform.execute_as(name, text) is 'Runs one DDL statement as a narrow role, which then owns what it made.';

-- Default privileges are a role's own: what a narrow role makes must not begin as executable by PUBLIC either.
do $$
declare
  narrow name;
begin
  foreach narrow in array '{freehold_resolver,freehold_recorder,freehold_dispatcher,freehold_janitor}'::name[] loop
    perform platform.execute_as(narrow, 'alter default privileges revoke execute on functions from public');
  end loop;
end
$$;
--! EndIncluded platform/roles.sql
--! Included role/role.sql
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
  select string_agg(distinct p, ', ' order by p)
  into lacking
  from unnest(new.permissions || case when tg_op = 'UPDATE' then old.permissions else '{}' end) p
  where not platform.allows(p);
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
--! EndIncluded role/role.sql
--! Included group_role/group_role.sql
-- Which role a group of the tenant's directory gives.

comment on table app.group_role is 'The role that members of a group of the directory have. Of several, the one with the lowest position counts.';
comment on column app.group_role.group_name is E'@example Engineering\nThe group''s name in the directory, 1 to 200 characters.';
comment on column app.group_role.role is E'@example member\nThe role that it gives.';
comment on column app.group_role.position is E'@example 100\nWhich one counts, when somebody is in several: the lowest. 1 to 1000.';

select platform.declare_entity(
  'app.group_role',
  permissions => '{"read": "admin", "create": "admin", "update": "admin", "delete": "admin"}',
  lifecycle => '{
    "initial": "active",
    "concealed": ["deleted"],
    "transitions": {
      "delete": {"from": ["active"], "to": "deleted", "event": "group_role.deleted",
        "description": "Ends what a group gives: its members have the tenant''s default role, unless another group gives one."}
    }
  }',
  events => '{"descriptions": {
    "group_role.created": "A group of the directory was given a role.",
    "group_role.updated": "Another role, name or position was given to a group of the directory.",
    "group_role.deleted": "A group of the directory gives no role any more."
  }}',
  creatable => '{group_name,role,position}',
  editable => '{group_name,role,position}'
);

create or replace function app.group_role_check()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  select string_agg(p, ', ' order by p)
  into lacking
  from unnest(platform.permissions_of(new.tenant_id, new.role)) p
  where not platform.allows(p);
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot have a group give the role %s', new.role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$$;
comment on function app.group_role_check() is 'Trigger: no one gives more than they hold, by way of a group neither.';
create or replace trigger _200_check
  before insert or update of role on app.group_role
  for each row execute function app.group_role_check();
--! EndIncluded group_role/group_role.sql
--! Included tenant/tenant.sql
-- The tenant itself: an entity like the others, whose only row is its own.

comment on table app.tenant is 'The organization that everything else belongs to.';
comment on column app.tenant.name is E'@example Acme Ltd\nName as people see it.';
comment on column app.tenant.slug is E'@example acme\nShort name in addresses; unique over all tenants.';
comment on column app.tenant.admit_verified_domains is 'Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified.';
comment on column app.tenant.default_role is E'@example member\nThe role of who joins without an invitation or a group that gives one.';
comment on column app.tenant.max_session_hours is E'@example 168\nHow long a session lasts at most: 1 to 2160 hours.';
comment on column app.tenant.max_idle_minutes is E'@example 1440\nHow long a session may go unused: 5 to 129600 minutes.';
comment on column app.tenant.allowed_networks is E'@example ["203.0.113.0/24"]\nWhere members and keys may come from, in CIDR notation; empty for anywhere.';
comment on column app.tenant.login_methods is E'@example ["SSO", "Passkey"]\nHow members may sign in, as the identity provider names it; empty for any way.';
comment on column app.tenant.require_sso is 'Whether members must come by single sign-on.';
comment on column app.tenant.stream_audit_log is 'Whether its events go to the audit log of the identity provider, from now on.';
comment on column app.tenant.closes_at is 'When the grace period ends and the tenant is closed.';

select platform.declare_entity(
  'app.tenant',
  permissions => '{"read": "viewer", "update": "owner", "close": "owner",
    "activate": [], "suspend": [], "reactivate": [], "finish_closing": []}',
  lifecycle => '{
    "initial": "provisioning",
    "transitions": {
      "activate": {"from": ["provisioning"], "to": "active", "event": "tenant.activated"},
      "suspend": {"from": ["active"], "to": "suspended", "event": "tenant.suspended"},
      "reactivate": {"from": ["suspended"], "to": "active", "event": "tenant.reactivated"},
      "close": {"from": ["active", "suspended"], "to": "closing", "event": "tenant.closing",
        "description": "Begins the end of the tenant: everybody is locked out, and after 30 days it is closed."},
      "finish_closing": {"from": ["closing"], "to": "closed", "event": "tenant.closed"}
    }
  }',
  events => '{"changed": [{
    "event": "tenant.security_changed",
    "when": "(new.max_session_hours, new.max_idle_minutes, new.allowed_networks, new.login_methods, new.require_sso, new.admit_verified_domains, new.default_role) is distinct from (old.max_session_hours, old.max_idle_minutes, old.allowed_networks, old.login_methods, old.require_sso, old.admit_verified_domains, old.default_role)",
    "description": "What a tenant demands of those who sign in, or whom it admits, was changed."
  }], "descriptions": {
    "tenant.created": "A tenant was made, and is being set up.",
    "tenant.updated": "A tenant was given another name.",
    "tenant.activated": "A tenant was set up, and is in use.",
    "tenant.suspended": "A tenant was suspended: members and API keys are locked out, and nothing is lost.",
    "tenant.reactivated": "A suspended tenant is in use again.",
    "tenant.closing": "A tenant is about to end: everybody is locked out, and it is closed at closes_at.",
    "tenant.closed": "A tenant ended with its grace period, and what it had is deleted."
  }}',
  editable => '{name,admit_verified_domains,default_role,max_session_hours,max_idle_minutes,allowed_networks,login_methods,require_sso,stream_audit_log}',
  due => '{"finish_closing": {"column": "closes_at", "states": ["closing"]}}',
  across => '{"freehold_resolver": ["select"], "freehold_janitor": ["select"]}'
);

create or replace function app.tenant_set_grace()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.closes_at := statement_timestamp() + interval '30 days';
  return new;
end
$$;
comment on function app.tenant_set_grace() is 'Trigger: a closing tenant has 30 days.';
create or replace trigger _200_set_grace
  before update of status on app.tenant
  for each row
  when (new.status = 'closing' and old.status <> 'closing')
  execute function app.tenant_set_grace();

-- after the record, which verifies the context of the caller: who closes the tenant ends their own
create or replace trigger _950_follow_tenant
  after update of status on app.tenant
  for each row
  when (new.status is distinct from old.status)
  execute function identity.follow_tenant();

create or replace function platform.begin_tenant(name text, slug text, plan text)
returns uuid
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  tenant uuid := uuidv7();
begin
  insert into identity.tenant_slug (slug, tenant_id)
  values (begin_tenant.slug, tenant);
  perform platform.add_principal(tenant, tenant, 'system');
  perform platform.enter_as_system(tenant, 'create the tenant');
  insert into app.tenant (tenant_id, id, name, slug)
  values (tenant, tenant, begin_tenant.name, begin_tenant.slug);
  perform app.start_subscription(plan);
  return tenant;
end
$$;
comment on function platform.begin_tenant(text, text, text) is
  'Creates a tenant with its subscription, which waits for app.activate_tenant; the transaction stays in the tenant as the system. Returns its id. Errors: 23505 for a slug in use, ZF010 for a plan
that there is not.';
grant execute on function platform.begin_tenant(text, text, text) to freehold_worker;

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
  tenant uuid := platform.begin_tenant(name, slug, plan);
  person uuid := identity.ensure_person(issuer, subject, owner_email, owner_name);
begin
  insert into app.membership (tenant_id, person_id, email, name, role)
  values (tenant, person, owner_email, owner_name, 'owner');
  perform app.activate_tenant(tenant);
  return tenant;
end
$$;
comment on function platform.create_tenant(text, text, text, text, text, text, text) is
  'Creates a tenant with its owner and subscription, and activates it; the transaction stays in the tenant as the system. Returns its id.';
grant execute on function platform.create_tenant(text, text, text, text, text, text, text) to freehold_worker;

create or replace function platform.tenant_of_slug(slug text)
returns uuid
language sql
stable
security definer
set search_path = ''
begin atomic
  select s.tenant_id
  from identity.tenant_slug s
  where s.slug = tenant_of_slug.slug;
end;
comment on function platform.tenant_of_slug(text) is 'The tenant that has, or had, a slug; null for none.';
grant execute on function platform.tenant_of_slug(text) to freehold_worker;
--! EndIncluded tenant/tenant.sql
--! Included tenant/security.sql
-- What a tenant demands of those who come to it: how, from where, and for how long.

create or replace function app.tenant_check_security()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  wrong text;
begin
  perform platform.require_tenant(new.tenant_id);
  select m
  into wrong
  from unnest(new.login_methods) m
  where m !~ '^[A-Za-z]{1,50}$'
  limit 1;
  if found then
    raise exception using
      errcode = 'ZF010', message = format('%s is no login method', left(wrong, 50)),
      detail = 'Write them as the identity provider does: SSO, Password, Passkey, MagicAuth, GoogleOAuth, MicrosoftOAuth.';
  end if;
  if new.require_sso and not old.require_sso then
    perform platform.require_feature('sso');
    if not identity.has_connection(new.tenant_id) then
      raise exception using
        errcode = 'ZF010', message = 'nobody could sign in: the organization has no active connection',
        detail = 'Connect single sign-on first, and sign in with it once.';
    end if;
  end if;
  return new;
end
$$;
comment on function app.tenant_check_security() is 'Trigger: login methods are names of some, and single sign-on is demanded where there is one.';
create or replace trigger _210_check_security
  before update of login_methods, require_sso on app.tenant
  for each row
  when ((new.login_methods, new.require_sso) is distinct from (old.login_methods, old.require_sso))
  execute function app.tenant_check_security();

create or replace function identity.has_connection(tenant uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
begin atomic
  select exists (
    select
    from identity.organization o
    join identity.provider_object c
      on c.issuer = o.issuer and c.organization = o.organization and c.kind = 'connection' and not c.ended
    where o.tenant_id = has_connection.tenant
      and c.data ->> 'state' = 'active');
end;
comment on function identity.has_connection(uuid) is 'Whether the organization of a tenant has an active connection for single sign-on.';

-- whoever changes the rules is held to them too, from the next statement on
create or replace trigger _960_follow_tenant
  after update of max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso on app.tenant
  for each row
  when ((new.max_session_hours, new.max_idle_minutes, new.allowed_networks, new.login_methods, new.require_sso)
    is distinct from (old.max_session_hours, old.max_idle_minutes, old.allowed_networks, old.login_methods, old.require_sso))
  execute function identity.follow_tenant();

create or replace function identity.check_policy(tenant app.tenant, kind text, method text, ip inet)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if tenant.status <> 'active' then
    raise exception using errcode = 'ZF011', message = format('the tenant is %s', tenant.status);
  end if;
  -- whose address is not known is in no network
  if tenant.allowed_networks <> '{}' and not coalesce(ip <<= any (tenant.allowed_networks), false) then
    raise exception using
      errcode = 'ZF018', message = 'the tenant is not entered from there', detail = 'Your address is not in its allowed networks.';
  end if;
  if kind = 'api_key' or method = 'Impersonation' then
    return;
  end if;
  if tenant.require_sso and method is distinct from 'SSO' then
    raise exception using
      errcode = 'ZF018', message = 'the tenant is entered by single sign-on',
      detail = case when kind = 'token' then 'An access token does not tell how somebody signed in: use a session or an API key.' else 'Sign in with the connection of your organization.' end;
  end if;
  if tenant.login_methods <> '{}' and not coalesce(method = any (tenant.login_methods), false) then
    raise exception using
      errcode = 'ZF018', message = 'the tenant is not entered that way',
      detail = format('Sign in with one of: %s.', array_to_string(tenant.login_methods, ', '));
  end if;
end
$$;
comment on function identity.check_policy(app.tenant, text, text, inet) is
  'Raises unless a tenant lets somebody in who comes this way: ZF011 when it is not active, ZF018 for its networks, its login methods and its single sign-on. kind is
api_key, session or token; method as the identity provider names it.';
grant execute on function identity.check_policy(app.tenant, text, text, inet) to freehold_resolver;
--! EndIncluded tenant/security.sql
--! Included membership/membership.sql
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
  across => '{"freehold_resolver": ["select"]}'
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
  select string_agg(p, ', ' order by p)
  into lacking
  from (
    select unnest(platform.permissions_of(new.tenant_id, new.role))
    union
    select unnest(platform.permissions_of(old.tenant_id, old.role))
  ) held (p)
  where not platform.allows(p);
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
--! EndIncluded membership/membership.sql
--! Included invitation/invitation.sql
-- Invitations: a seat held for somebody who has not come yet.

comment on table app.invitation is 'An invitation to join the tenant. It holds a seat until it is accepted, revoked or expires.';
comment on column app.invitation.email is E'@format email\n@example grace@example.com\nWhere it was sent.';
comment on column app.invitation.role is E'@example viewer\nThe role that the person will have.';
comment on column app.invitation.expires_at is E'@example 2026-02-07T12:00:00+00:00\nWhen it can no longer be accepted: seven days unless set.';
comment on column app.invitation.invited_by is 'The member who invited.';
comment on column app.invitation.membership_id is 'The membership that came of it.';

select platform.declare_entity(
  'app.invitation',
  permissions => '{"read": "member", "create": "admin", "revoke": "admin", "resend": "admin", "accept": [], "expire": []}',
  lifecycle => '{
    "initial": "pending",
    "transitions": {
      "accept": {"from": ["pending"], "to": "accepted", "event": "invitation.accepted", "handwritten": true},
      "revoke": {"from": ["pending"], "to": "revoked", "event": "invitation.revoked",
        "description": "Takes an invitation back and frees its seat."},
      "expire": {"from": ["pending"], "to": "expired", "event": "invitation.expired"}
    }
  }',
  events => '{"created": "user.invited", "changed": [
    {"event": "invitation.resent", "when": "new.expires_at > old.expires_at", "description": "An invitation was sent again, and can be accepted for longer."}
  ], "descriptions": {
    "invitation.updated": "Never recorded: an invitation is sent again, or ends.",
    "user.invited": "A person was invited to join the tenant, and a seat is held for them.",
    "invitation.accepted": "The person who was invited joined the tenant.",
    "invitation.revoked": "An invitation was taken back, and its seat is free.",
    "invitation.expired": "An invitation was not accepted in time, and its seat is free."
  }}',
  creatable => '{email,role,expires_at}',
  limited_by => '{"entitlement": "seats", "counted": "new.status = ''pending''", "usage": "app.seats_used()"}',
  due => '{"expire": {"column": "expires_at", "states": ["pending"]}}',
  tasks => '{"user.invited": "tell_provider", "invitation.resent": "tell_provider", "invitation.revoked": "tell_provider"}'
);

create or replace function app.invitation_check()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  select coalesce(case when v.actor_type = 'member' then v.actor_id end, new.invited_by)
  into new.invited_by
  from platform.verified_context v;
  if new.expires_at not between now() and now() + interval '30 days' then
    raise exception using
      errcode = 'ZF010',
      message = 'an invitation lasts at most 30 days',
      detail = 'expires_at must lie within the next 30 days.';
  end if;
  select string_agg(p, ', ' order by p)
  into lacking
  from unnest(platform.permissions_of(new.tenant_id, new.role)) p
  where not platform.allows(p);
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot invite a %s', new.role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$$;
comment on function app.invitation_check() is 'Trigger: who invited is the caller, the time is bounded, and no one gives more than they hold.';
create or replace trigger _200_check
  before insert on app.invitation
  for each row execute function app.invitation_check();

create or replace function app.accept_invitation(id uuid, issuer text, subject text, name text)
returns app.membership
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  waiting app.invitation;
  joined app.membership;
begin
  perform platform.require('invitation:accept');
  select i.*
  into waiting
  from app.invitation i
  where i.tenant_id = platform.tenant_id()
    and i.id = accept_invitation.id
  for no key update;
  if not found or (waiting.status = 'pending' and waiting.expires_at <= statement_timestamp()) then
    raise exception using
      errcode = 'ZF004',
      message = 'there is no such invitation to accept',
      detail = format('invitation %s', accept_invitation.id);
  end if;
  if waiting.status <> 'pending' then
    perform platform.raise_illegal_transition('invitation', waiting.id, waiting.status, 'accept');
  end if;
  joined.id := uuidv7();
  -- first, so that its seat is free for the member; the reference is checked at commit, and one event tells of both
  update app.invitation i
  set status = 'accepted',
    membership_id = joined.id
  where i.tenant_id = waiting.tenant_id
    and i.id = waiting.id;
  insert into app.membership (id, person_id, email, name, role)
  values (
    joined.id, identity.ensure_person(accept_invitation.issuer, accept_invitation.subject, waiting.email, accept_invitation.name),
    waiting.email, accept_invitation.name, waiting.role)
  returning * into joined;
  return joined;
end
$$;
comment on function app.accept_invitation(uuid, text, text, text) is
  'Makes the invited person a member, with the login that the identity provider verified. For the system; errors: ZF003, ZF004, ZF005, 23505 when they are a member.';
grant execute on function app.accept_invitation(uuid, text, text, text) to freehold_worker;
--! EndIncluded invitation/invitation.sql
--! Included impersonation/impersonation.sql
-- Support who acts as a member: who they are, and why, for the tenant to see. Events that they cause carry its id.

comment on table app.impersonation is 'Support acted as a member of the tenant. The events of that time have its id as their impersonator.';
comment on column app.impersonation.membership_id is 'The member as whom they acted.';
comment on column app.impersonation.email is E'@format email\n@example support@vendor.example\nWho acted.';
comment on column app.impersonation.reason is E'@example Ticket 4711: the export fails.\nWhy, as they gave it.';

select platform.declare_entity(
  'app.impersonation',
  permissions => '{"read": "admin"}',
  across => '{"freehold_resolver": ["select"]}',
  events => '{"created": "impersonation.began", "descriptions": {
    "impersonation.began": "Support began to act as a member of the tenant, for the reason that it gives.",
    "impersonation.updated": "Never recorded: an impersonation does not change."
  }}'
);

insert into identity.guarded_entity (entity)
values ('tenant'), ('membership'), ('invitation'), ('api_key'), ('group_role'), ('role')
on conflict do nothing;

create or replace function identity.permissions_of_impersonator(permissions text[])
returns text[]
language sql
stable
security definer
set search_path = ''
begin atomic
  select coalesce(array_agg(p order by p), '{}')
  from unnest(permissions) p
  where p like '%:read'
    or split_part(p, ':', 1) not in (select g.entity from identity.guarded_entity g);
end;
comment on function identity.permissions_of_impersonator(text[]) is
  'What is left of a member''s permissions to support who acts as them: not who may come in, nor with what (identity.guarded_entity).';
grant execute on function identity.permissions_of_impersonator(text[]) to freehold_resolver;
--! EndIncluded impersonation/impersonation.sql
--! Included identity/session.sql
-- Signing in with a browser: sessions, from the answer of the identity provider to their end. The secret is the cookie, of which only the SHA-256 comes
-- here; after the first, each function acts for whoever holds it.

select platform.declare_event('user.signed_in', 'membership', 'A member signed in with a browser, or came over from another tenant of theirs.', '{
  "title": "sign_in",
  "description": "One sign-in.",
  "type": "object",
  "properties": {
    "id": {"type": "string", "format": "uuid", "description": "The membership."},
    "session_id": {"type": "string", "format": "uuid", "description": "The session that began."},
    "method": {"type": ["string", "null"], "description": "How the person proved who they are, as the identity provider names it.", "examples": ["SSO"]},
    "ip": {"type": ["string", "null"], "description": "The address that they came from.", "examples": ["203.0.113.7"]},
    "user_agent": {"type": ["string", "null"], "description": "What their browser calls itself."}
  },
  "required": ["id", "session_id", "method", "ip", "user_agent"]
}');

select platform.declare_event('user.signed_out', 'membership', 'A session of a member ended before its time.', '{
  "title": "sign_out",
  "description": "The end of a session.",
  "type": "object",
  "properties": {
    "id": {"type": "string", "format": "uuid", "description": "The membership."},
    "session_id": {"type": "string", "format": "uuid", "description": "The session that ended."},
    "reason": {
      "type": "string",
      "enum": ["signed_out", "revoked", "refused_by_provider"],
      "description": "signed_out in this browser; revoked from another one; refused_by_provider when the identity provider has ended it."
    }
  },
  "required": ["id", "session_id", "reason"]
}');

create or replace function identity.enter_as_member(tenant uuid, person uuid, method text, ip inet)
returns app.membership
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  member app.membership;
begin
  perform platform.enter_as_system(tenant, 'sign-in');
  perform identity.check_policy(t, 'session', method, ip)
  from app.tenant t
  where t.tenant_id = tenant
    and t.id = tenant;
  select m.*
  into member
  from app.membership m
  where m.tenant_id = tenant
    and m.person_id = person
    and m.status = 'active';
  if not found or exists (
    select from identity.blocked_member b where b.tenant_id = tenant and b.membership_id = member.id) then
    raise exception using errcode = 'ZF017', message = 'the person is no active member of the tenant';
  end if;
  perform platform.enter(tenant, member.id, platform.permissions_of(tenant, member.role));
  return member;
end
$$;
comment on function identity.enter_as_member(uuid, uuid, text, inet) is
  'Takes the rest of the transaction into a tenant as a member who signs in. Errors: ZF011 when the tenant is not active, ZF017 when the person is no active member, ZF018 when the
tenant does not let them in this way.';

create or replace function identity.tenant_of(issuer text, organization text)
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  tenant uuid;
begin
  select o.tenant_id
  into tenant
  from identity.organization o
  where o.issuer = tenant_of.issuer
    and o.organization = tenant_of.organization;
  if not found then
    raise exception using errcode = 'ZF017', message = 'the organization is no tenant', detail = format('organization %s', organization);
  end if;
  return tenant;
end
$$;
comment on function identity.tenant_of(text, text) is 'The tenant that an issuer means by an organization. Errors: ZF017.';

create or replace function identity.sign_in(
  issuer text,
  subject text,
  organization text,
  email text,
  name text,
  method text,
  provider_session text,
  token_hash bytea,
  sealed_tokens text,
  tokens_expire_at timestamptz,
  ip inet,
  user_agent text,
  impersonator_email text default null,
  impersonator_reason text default null
)
returns timestamptz
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  tenant uuid := identity.tenant_of(issuer, organization);
  person uuid := identity.ensure_person(issuer, subject, email, name);
  member app.membership := identity.enter_as_member(tenant, person, case when impersonator_email is null then method else 'Impersonation' end, ip);
  acting app.impersonation;
  made identity.session;
begin
  -- the news of its end came before it
  if (identity.known(issuer, 'session', provider_session)).ended then
    raise exception using errcode = 'ZF001', message = 'the identity provider has ended the session';
  end if;
  update identity.person p
  set email = sign_in.email,
    name = sign_in.name
  where p.id = person
    and (p.email, p.name) is distinct from (sign_in.email, sign_in.name);
  if impersonator_email is not null then
    insert into app.impersonation (membership_id, email, reason)
    values (member.id, impersonator_email, left(coalesce(nullif(impersonator_reason, ''), 'no reason was given'), 1000))
    returning * into acting;
    perform platform.enter(tenant, member.id, platform.permissions_of(tenant, member.role), acting.id);
  end if;
  insert into identity.session (
    token_hash, person_id, tenant_id, expires_at, issuer, provider_session, method, ip, user_agent, sealed_tokens, tokens_expire_at, impersonation_id)
  select sign_in.token_hash, person, tenant,
    statement_timestamp() + case when acting.id is null then make_interval(hours => t.max_session_hours) else interval '1 hour' end,
    sign_in.issuer, sign_in.provider_session, sign_in.method, sign_in.ip, left(sign_in.user_agent, 500), sign_in.sealed_tokens,
    sign_in.tokens_expire_at, acting.id
  from app.tenant t
  where t.tenant_id = tenant
    and t.id = tenant
  returning * into made;
  perform platform.record_event('user.signed_in', 'membership', member.id, jsonb_build_object(
    'id', member.id, 'session_id', made.id, 'method', made.method, 'ip', host(made.ip), 'user_agent', made.user_agent));
  return made.expires_at;
end
$$;
comment on function identity.sign_in(text, text, text, text, text, text, text, bytea, text, timestamptz, inet, text, text, text) is
  'Begins a session in the tenant of the organization, for the person whom the identity provider has vouched for: as long as the tenant allows, and an hour for support who acts as
them. Returns its end. Errors: ZF001, ZF011, ZF017, ZF018. Events: impersonation.began, user.signed_in.';

create or replace function identity.refuse_impersonator(own identity.session)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if own.impersonation_id is not null then
    raise exception using
      errcode = 'ZF003', message = 'who acts as somebody else may not do this', detail = 'Switching organizations and ending other sessions is the person''s own.';
  end if;
end
$$;
comment on function identity.refuse_impersonator(identity.session) is 'Raises ZF003 when support acts as the person of a session.';

create or replace function identity.claim_tokens(token_hash bytea, organization text default null)
returns text
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  claimed identity.session;
begin
  update identity.session s
  set refresh_claimed_until = clock_timestamp() + interval '20 seconds'
  where s.token_hash = claim_tokens.token_hash
    and s.revoked_at is null
    and s.expires_at > statement_timestamp()
    and (s.tokens_expire_at <= statement_timestamp() or claim_tokens.organization is not null)
    and (s.refresh_claimed_until is null or s.refresh_claimed_until <= clock_timestamp())
  returning * into claimed;
  -- before the provider is asked, who then knows no other tokens
  if found and claim_tokens.organization is not null then
    perform identity.refuse_impersonator(claimed);
    perform identity.enter_as_member(
      identity.tenant_of(claimed.issuer, claim_tokens.organization), claimed.person_id, claimed.method, claimed.ip);
  end if;
  return claimed.sealed_tokens;
end
$$;
comment on function identity.claim_tokens(bytea, text) is
  'The sealed tokens of a session whose provider is to be asked, for the one request that may do it; null for all others, for 20 seconds. A token for refreshing is
good once: a second request with it would end the session at the provider. With an organization, to go over to it, also before they are due. Errors: ZF003, ZF011, ZF017, ZF018.';

create or replace function identity.keep_tokens(token_hash bytea, former text, sealed_tokens text, tokens_expire_at timestamptz)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  -- who was so slow that another has claimed meanwhile does not overwrite what that one got
  update identity.session s
  set sealed_tokens = keep_tokens.sealed_tokens,
    tokens_expire_at = coalesce(keep_tokens.tokens_expire_at, s.tokens_expire_at),
    refresh_claimed_until = null
  where s.token_hash = keep_tokens.token_hash
    and s.sealed_tokens = keep_tokens.former
    and s.revoked_at is null;
  return found;
end
$$;
comment on function identity.keep_tokens(bytea, text, text, timestamptz) is
  'Puts new tokens in the place of those that were claimed, or, with the same ones and no time, gives them back unused. Returns false when they have been replaced by somebody else, or the session has ended.';

create or replace function identity.switch_tenant(
  token_hash bytea,
  former text,
  organization text,
  new_hash bytea,
  sealed_tokens text,
  tokens_expire_at timestamptz
)
returns timestamptz
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  switched identity.session;
  member app.membership;
begin
  -- another secret, so that what knew the former one stays out of the other tenant
  update identity.session s
  set token_hash = switch_tenant.new_hash,
    tenant_id = identity.tenant_of(s.issuer, switch_tenant.organization),
    sealed_tokens = switch_tenant.sealed_tokens,
    tokens_expire_at = switch_tenant.tokens_expire_at,
    refresh_claimed_until = null
  where s.token_hash = switch_tenant.token_hash
    and s.sealed_tokens = switch_tenant.former
    and s.revoked_at is null
    and s.expires_at > statement_timestamp()
  returning * into switched;
  if not found then
    raise exception using errcode = 'ZF001', message = 'the session is not known, or no longer good';
  end if;
  member := identity.enter_as_member(switched.tenant_id, switched.person_id, switched.method, switched.ip);
  perform platform.record_event('user.signed_in', 'membership', member.id, jsonb_build_object(
    'id', member.id, 'session_id', switched.id, 'method', switched.method, 'ip', host(switched.ip), 'user_agent', switched.user_agent));
  return switched.expires_at;
end
$$;
comment on function identity.switch_tenant(bytea, text, text, bytea, text, timestamptz) is
  'Takes a session into another tenant of its person, under a new secret, with the tokens that the provider gave for that organization. Returns its end.
Errors: ZF001 when it has ended, ZF011, ZF017. Event: user.signed_in, in the tenant that it came to.';

create or replace function identity.end_session(ending identity.session, reason text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  member uuid;
begin
  update identity.session s
  set revoked_at = statement_timestamp(),
    sealed_tokens = null
  where s.id = ending.id
    and s.revoked_at is null;
  if not found then
    return;
  end if;
  perform platform.enter_as_system(ending.tenant_id, 'sign-out');
  select m.id
  into member
  from app.membership m
  where m.tenant_id = ending.tenant_id
    and m.person_id = ending.person_id
    and m.status <> 'removed';
  -- of whom the tenant no longer knows, it is told nothing
  if found then
    perform platform.record_event('user.signed_out', 'membership', member, jsonb_build_object(
      'id', member, 'session_id', ending.id, 'reason', reason));
  end if;
end
$$;
comment on function identity.end_session(identity.session, text) is 'Ends a session and forgets its tokens. Event: user.signed_out.';

create or replace function identity.sign_out(token_hash bytea, reason text default 'signed_out')
returns text
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  ending identity.session;
begin
  select s.*
  into ending
  from identity.session s
  where s.token_hash = sign_out.token_hash
    and s.revoked_at is null
  for update;
  if not found then
    return null;
  end if;
  perform identity.end_session(ending, reason);
  return ending.provider_session;
end
$$;
comment on function identity.sign_out(bytea, text) is
  'Ends the session of a cookie. Returns what the identity provider calls it, to be ended there too; null when there is none, or it has ended. Event: user.signed_out.';

create or replace function identity.revoke_session(token_hash bytea, session uuid)
returns setof text
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  own identity.session;
  ending identity.session;
begin
  select s.*
  into own
  from identity.session s
  where s.token_hash = revoke_session.token_hash
    and s.revoked_at is null
    and s.expires_at > statement_timestamp();
  perform identity.refuse_impersonator(own);
  for ending in
    select s.*
    from identity.session s
    where s.person_id = own.person_id
      and s.revoked_at is null
      and (s.id = revoke_session.session or revoke_session.session is null)
    order by s.id
    for update
  loop
    perform identity.end_session(ending, 'revoked');
    if ending.provider_session is not null then
      return next ending.provider_session;
    end if;
  end loop;
  -- tokens of the issuer are in no table: those from before are refused
  if revoke_session.session is null then
    update identity.login l
    set sessions_valid_after = statement_timestamp()
    where l.person_id = own.person_id;
  end if;
end
$$;
comment on function identity.revoke_session(bytea, uuid) is
  'Ends one session of the person whose cookie it is, or with null all of them and every token from before. Returns what the identity provider calls those that it
has ended. Errors: ZF003. Event: user.signed_out, one for each.';

grant execute on function
  identity.sign_in(text, text, text, text, text, text, text, bytea, text, timestamptz, inet, text, text, text),
  identity.claim_tokens(bytea, text), identity.keep_tokens(bytea, text, text, timestamptz),
  identity.switch_tenant(bytea, text, text, bytea, text, timestamptz),
  identity.sign_out(bytea, text), identity.revoke_session(bytea, uuid)
to freehold_gate;
--! EndIncluded identity/session.sql
--! Included identity/session_view.sql
-- What a browser may know of its session: who, where, and which other ones there are. It looks across the tenants of one person, and so is the resolver's.

create or replace function identity.write_session_view()
returns void
language plpgsql
volatile
set search_path = ''
as $write$
begin
  perform platform.execute_as('freehold_resolver', $sql$
create or replace function identity.describe_session(token_hash bytea)
returns jsonb
language sql
stable
security definer
set search_path = ''
begin atomic
  select jsonb_build_object(
    'id', s.id,
    'person', jsonb_build_object('id', p.id, 'email', p.email, 'name', p.name),
    'tenant', jsonb_build_object('id', t.id, 'name', t.name, 'slug', t.slug),
    'membership', jsonb_build_object('id', m.id, 'role', m.role, 'permissions', to_jsonb(case
      when s.impersonation_id is null then platform.permissions_of(m.tenant_id, m.role)
      else identity.permissions_of_impersonator(platform.permissions_of(m.tenant_id, m.role)) end)),
    'method', s.method,
    'impersonator', (
      select jsonb_build_object('email', i.email, 'reason', i.reason)
      from app.impersonation i
      where i.tenant_id = s.tenant_id and i.id = s.impersonation_id),
    'created_at', s.created_at,
    'expires_at', s.expires_at,
    'organizations', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', o.organization, 'name', ot.name, 'role', om.role, 'current', ot.id = s.tenant_id) order by ot.name, o.organization), '[]')
      from identity.person_principal pp
      join app.membership om on om.tenant_id = pp.tenant_id and om.id = pp.principal_id and om.status = 'active'
      join app.tenant ot on ot.tenant_id = om.tenant_id and ot.id = om.tenant_id and ot.status = 'active'
      join identity.organization o on o.tenant_id = ot.id and o.issuer = s.issuer
      where pp.person_id = s.person_id))
  from identity.session s
  join identity.person p on p.id = s.person_id
  join app.tenant t on t.tenant_id = s.tenant_id and t.id = s.tenant_id
  join app.membership m on m.tenant_id = s.tenant_id and m.person_id = s.person_id and m.status = 'active'
  where s.token_hash = describe_session.token_hash
    and s.revoked_at is null
    and s.expires_at > statement_timestamp()
    and not exists (select from identity.blocked_member b where b.tenant_id = m.tenant_id and b.membership_id = m.id);
end;
$sql$);
  perform platform.execute_as('freehold_resolver', $sql$
create or replace function identity.list_sessions(token_hash bytea)
returns jsonb
language sql
stable
security definer
set search_path = ''
begin atomic
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', s.id,
    'tenant', jsonb_build_object('id', t.id, 'name', t.name),
    'method', s.method,
    'impersonated', s.impersonation_id is not null,
    'ip', host(s.ip),
    'user_agent', s.user_agent,
    'created_at', s.created_at,
    'last_seen_at', s.last_seen_at,
    'expires_at', s.expires_at,
    'current', s.id = own.id) order by s.last_seen_at desc, s.id), '[]')
  from identity.session own
  join identity.session s on s.person_id = own.person_id
  join app.tenant t on t.tenant_id = s.tenant_id and t.id = s.tenant_id
  where own.token_hash = list_sessions.token_hash
    and own.revoked_at is null
    and own.expires_at > statement_timestamp()
    and s.revoked_at is null
    and s.expires_at > statement_timestamp();
end;
$sql$);
  perform platform.execute_as('freehold_resolver',
    'grant execute on function identity.describe_session(bytea), identity.list_sessions(bytea) to freehold_gate');
  perform platform.execute_as('freehold_resolver', $sql$comment on function identity.describe_session(bytea) is
    'Who the cookie is, in which tenant, with which permissions, and the organizations that they can switch to; null when the session has ended.'$sql$);
  perform platform.execute_as('freehold_resolver', $sql$comment on function identity.list_sessions(bytea) is
    'All sessions of the person whose cookie it is, the last used first.'$sql$);
end
$write$;
comment on function identity.write_session_view() is 'Writes what a browser may know of its session as the resolver, which owns it.';

grant select on identity.session, identity.person, identity.person_principal, identity.organization to freehold_resolver;
select identity.write_session_view();
--! EndIncluded identity/session_view.sql
--! Included identity/resolve.sql
-- From a verified credential to a context: the only thing that the gate can do.

create or replace function identity.write_resolve()
returns void
language plpgsql
volatile
set search_path = ''
as $write$
begin
  perform platform.execute_as('freehold_resolver', $sql$
create or replace function identity.resolve(kind text, credential bytea, request jsonb default '{}')
returns table (
  tenant_id uuid,
  claims text,
  signature text,
  actor_type text,
  actor_id uuid,
  permissions text[],
  expires_at timestamptz,
  refresh_due boolean
)
language plpgsql
volatile
security definer
set search_path = ''
as $resolve$
declare
  tenant app.tenant;
  method text;
  begun_at timestamptz;
  seen_at timestamptz;
  acting uuid;
  credential_ends timestamptz;
  tokens_end timestamptz;
begin
  -- Each kind finds its member or key; everything after is common to all.
  case kind
    when 'api_key' then
      select k.tenant_id, k.id, k.expires_at, k.scopes
      into resolve.tenant_id, actor_id, credential_ends, permissions
      from identity.api_key_secret s
      join app.api_key k on k.tenant_id = s.tenant_id and k.id = s.api_key_id
      where s.hash = credential
        and k.status = 'active'
        and (k.expires_at is null or k.expires_at > statement_timestamp())
        and (k.created_by is null or exists (
          select from app.membership m where m.tenant_id = k.tenant_id and m.id = k.created_by and m.status = 'active'))
        -- whose address is not known is in no network
        and (k.allowed_networks = '{}' or nullif(request ->> 'ip', '')::inet <<= any (k.allowed_networks));
      actor_type := 'api_key';
    when 'session' then
      select m.tenant_id, m.id, s.expires_at, s.tokens_expire_at, s.method, s.created_at, s.last_seen_at, s.impersonation_id, platform.permissions_of(m.tenant_id, m.role)
      into resolve.tenant_id, actor_id, credential_ends, tokens_end, method, begun_at, seen_at, acting, permissions
      from identity.session s
      join app.membership m on m.tenant_id = s.tenant_id and m.person_id = s.person_id and m.status = 'active'
      where s.token_hash = credential
        and s.revoked_at is null
        and s.expires_at > statement_timestamp();
      actor_type := 'member';
      -- the provider does not answer: for a while that is no reason to lock everybody out
      if tokens_end < statement_timestamp() - interval '1 hour' then
        raise exception using errcode = 'ZF016', message = 'the identity provider has not confirmed the session for an hour';
      end if;
    when 'token' then
      select m.tenant_id, m.id, to_timestamp((request -> 'token' ->> 'expires_at')::bigint), platform.permissions_of(m.tenant_id, m.role)
      into resolve.tenant_id, actor_id, credential_ends, permissions
      from identity.organization o
      join identity.login l on l.issuer = o.issuer and l.subject = request -> 'token' ->> 'subject'
      join app.membership m on m.tenant_id = o.tenant_id and m.person_id = l.person_id and m.status = 'active'
      where o.issuer = request -> 'token' ->> 'issuer'
        and o.organization = request -> 'token' ->> 'organization'
        and (l.sessions_valid_after is null or to_timestamp((request -> 'token' ->> 'issued_at')::bigint) >= l.sessions_valid_after);
      actor_type := 'member';
    else
      raise exception using
        errcode = 'ZF010',
        message = format('there is no credential kind %s', kind),
        detail = 'Known kinds: api_key, session, token.';
  end case;
  -- the last owner of a tenant is not suspended, and locked out all the same
  if actor_id is null or exists (
    select from identity.blocked_member b where b.tenant_id = resolve.tenant_id and b.membership_id = actor_id) then
    raise exception using errcode = 'ZF001', message = 'the credential is not known, or no longer good';
  end if;

  select t.*
  into tenant
  from app.tenant t
  where t.tenant_id = resolve.tenant_id
    and t.id = resolve.tenant_id;
  perform identity.check_policy(tenant, kind, case when acting is null then method else 'Impersonation' end, nullif(request ->> 'ip', '')::inet);
  if kind = 'session' then
    -- of the tenant as it is now, not as it was at the sign-in
    credential_ends := least(credential_ends, begun_at + make_interval(hours => tenant.max_session_hours));
    if credential_ends <= statement_timestamp() or seen_at + make_interval(mins => tenant.max_idle_minutes) <= statement_timestamp() then
      raise exception using errcode = 'ZF001', message = 'the session has ended by the policy of the tenant';
    end if;
    if acting is not null then
      permissions := identity.permissions_of_impersonator(permissions);
    end if;
  end if;

  if kind = 'session' then
    update identity.session s
    set last_seen_at = statement_timestamp()
    where s.token_hash = credential
      and s.last_seen_at < statement_timestamp() - interval '1 minute';
  end if;
  if kind = 'api_key' then
    update identity.api_key_secret s
    set last_used_at = statement_timestamp()
    where s.hash = credential
      and (s.last_used_at is null or s.last_used_at < statement_timestamp() - interval '1 minute');
  end if;

  refresh_due := coalesce(tokens_end <= statement_timestamp(), false);
  expires_at := least(statement_timestamp() + interval '60 seconds', credential_ends, case when not refresh_due then tokens_end end);
  select s.claims, s.signature
  into resolve.claims, resolve.signature
  from platform.sign_context(
    resolve.tenant_id, resolve.actor_id, resolve.expires_at, acting, resolve.permissions) s;
  return next;
end
$resolve$;
$sql$);
  perform platform.execute_as('freehold_resolver',
    'grant execute on function identity.resolve(text, bytea, jsonb) to freehold_gate');
  perform platform.execute_as('freehold_resolver', $sql$comment on function identity.resolve(text, bytea, jsonb) is
    'Turns the SHA-256 of a session cookie (kind session) or API key (kind api_key), or a token that the server has verified (kind token; request.token holds
issuer, subject, organization, issued_at and expires_at in seconds since 1970), into a signed context of at most 60 seconds. request.ip is the caller''s address.
refresh_due: the tokens of the session''s provider have expired, and it should be asked (identity.claim_tokens); the context holds nevertheless.
Errors: ZF001 for a credential that is not good, ZF011 for a tenant that is not active, ZF018 for one that does not let them in this way, ZF016 when the provider has not answered for an hour.'$sql$);
end
$write$;
comment on function identity.write_resolve() is 'Writes identity.resolve as the resolver, which owns it.';

grant select on identity.session, identity.api_key_secret, identity.organization, identity.login, identity.blocked_member to freehold_resolver;
-- for last_used_at and last_seen_at
grant update on identity.api_key_secret, identity.session to freehold_resolver;
select identity.write_resolve();
--! EndIncluded identity/resolve.sql
--! Included report/report.sql
-- Reports: exports that the worker makes, kept for a week.

comment on table app.report is 'An export of the tenant''s data as newline-delimited JSON or CSV, made by the worker.';
comment on column app.report.kind is E'@example invoices\nevents, audit (events with the names of who did it), invoices, members or usage.';
comment on column app.report.format is E'@example csv\nndjson, one JSON object a line; or csv, with a header.';
comment on column app.report.since is 'Only what happened from then on; all when null.';
comment on column app.report.row_count is 'Rows in the export.';
comment on column app.report.byte_count is 'Size of the export.';
comment on column app.report.error is 'Why it failed.';
comment on column app.report.expires_at is 'Until when it can be downloaded.';

comment on table app.report_chunk is E'@behavior -*\nContent of a report, 1,000 rows a chunk; read through app.report_content.';
select platform.declare_record('app.report_chunk', permissions => '{}', hidden => '{content,report_id,position}');
select platform.declare_entity(
  'app.report',
  permissions => '{"read": "admin", "create": "admin", "start": [], "finish": [], "fail": [], "expire": []}',
  lifecycle => '{
    "initial": "requested",
    "transitions": {
      "start": {"from": ["requested", "running"], "to": "running", "event": "report.started", "handwritten": true},
      "finish": {"from": ["running"], "to": "exported", "event": "report.exported", "handwritten": true},
      "fail": {"from": ["requested", "running"], "to": "failed", "event": "report.failed", "handwritten": true},
      "expire": {"from": ["exported"], "to": "expired", "event": "report.expired", "handwritten": true}
    }
  }',
  events => '{"created": "report.requested", "descriptions": {
    "report.requested": "A report was asked for, and waits for the worker.",
    "report.started": "The worker began to make a report.",
    "report.exported": "A report is ready, and can be downloaded until expires_at.",
    "report.failed": "A report could not be made; error says why.",
    "report.expired": "The content of a report was deleted; it can no longer be downloaded."
  }}',
  creatable => '{kind,since,format}',
  due => '{"expire": {"column": "expires_at", "states": ["exported"]}}',
  tasks => '{"report.requested": "export_report"}'
);

create or replace function app.report_check_feature()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform platform.require_feature('reports');
  return new;
end
$$;
comment on function app.report_check_feature() is 'Trigger: reports are a feature of the plan.';
create or replace trigger _200_check_feature
  before insert on app.report
  for each row execute function app.report_check_feature();

-- each copies what it exports
create or replace trigger _800_check_count
  after insert on app.report
  for each row execute function platform.check_count('10', '{requested,running}');
--! EndIncluded report/report.sql
--! Included report/produce.sql
-- How a report comes to be: started, filled chunk by chunk, finished. The worker calls these as the system, in the tenant.

create or replace function app.lock_report(id uuid, verb text, states text[])
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  locked app.report;
begin
  perform platform.require('report:' || verb);
  select r.*
  into locked
  from app.report r
  where r.tenant_id = platform.tenant_id()
    and r.id = lock_report.id
  for no key update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such report', detail = format('report %s', id);
  end if;
  if locked.status <> all (states) then
    perform platform.raise_illegal_transition('report', locked.id, locked.status, verb);
  end if;
  return locked;
end
$$;
comment on function app.lock_report(uuid, text, text[]) is 'The report, locked, after its permission and state were checked.';

create or replace function app.start_report(id uuid)
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  started app.report := app.lock_report(id, 'start', '{requested,running,exported,failed,expired}');
begin
  -- the task may come twice: what was made is not begun again
  if started.status not in ('requested', 'running') then
    return null;
  end if;
  -- a report left running by a worker that died begins anew
  delete from app.report_chunk c
  where c.tenant_id = started.tenant_id
    and c.report_id = started.id;
  update app.report r
  set status = 'running'
  where r.tenant_id = started.tenant_id
    and r.id = started.id
  returning * into started;
  return started;
end
$$;
comment on function app.start_report(uuid) is E'@behavior -mutationField\nTakes a report up; null when it is no longer wanted. For the system.';
grant execute on function app.start_report(uuid) to freehold_user;

create or replace function app.report_rows(report app.report)
returns setof text
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require('report:start');
  case report.kind
    when 'events' then
      -- how many transactions the whole cluster makes is no tenant's business
      return query select (to_jsonb(e) - 'xid')::text from app.event e
        where e.tenant_id = platform.tenant_id() and (report.since is null or e.id >= platform.uuidv7_floor(report.since))
        order by e.id;
    when 'audit' then
      return query select a::text from app.audit_rows(report.since) a;
    when 'invoices' then
      return query select (to_jsonb(i) || jsonb_build_object('lines', (
          select jsonb_agg(to_jsonb(l) order by l.id) from app.invoice_line l where l.tenant_id = i.tenant_id and l.invoice_id = i.id)))::text
        from app.invoice i
        where i.tenant_id = platform.tenant_id() and (report.since is null or i.created_at >= report.since)
        order by i.id;
    when 'members' then
      return query select to_jsonb(m)::text from app.membership m
        where m.tenant_id = platform.tenant_id() and (report.since is null or m.created_at >= report.since)
        order by m.id;
    else
      return query select to_jsonb(u)::text from app.feature_usage_by_day u
        where report.since is null or u.day >= (report.since at time zone 'UTC')::date
        order by u.day, u.feature;
  end case;
end
$$;
comment on function app.report_rows(app.report) is 'The rows of a report, one JSON object each.';

create or replace function app.finish_report(id uuid)
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  running app.report := app.lock_report(finish_report.id, 'finish', '{running}');
begin
  with lines as materialized (
    select l.line, l.n
    from app.report_lines(running) with ordinality l (line, n)
  ),
  stored as (
    insert into app.report_chunk (report_id, position, content)
    select running.id, (n - 1) / 1000, string_agg(line || E'\n', '' order by n)
    from lines
    group by (n - 1) / 1000
    returning octet_length(content) as bytes
  )
  update app.report
  set status = 'exported',
    expires_at = statement_timestamp() + interval '7 days',
    -- the header is no row
    row_count = greatest(0, (select count(*) from lines) - case running.format when 'csv' then 1 else 0 end),
    byte_count = (select coalesce(sum(bytes), 0) from stored)
  where tenant_id = running.tenant_id
    and id = running.id
  returning * into running;
  return running;
end
$$;
comment on function app.finish_report(uuid) is
  E'@behavior -mutationField\nFills a running report from one snapshot, 1,000 rows a chunk, and makes it downloadable for 7 days. For the system. Event: report.exported.';
grant execute on function app.finish_report(uuid) to freehold_user;

create or replace function app.fail_report(id uuid, error text)
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  failed app.report := app.lock_report(id, 'fail', '{requested,running}');
begin
  update app.report r
  set status = 'failed',
    error = left(fail_report.error, 1000)
  where r.tenant_id = failed.tenant_id
    and r.id = failed.id
  returning * into failed;
  return failed;
end
$$;
comment on function app.fail_report(uuid, text) is E'@behavior -mutationField\nGives a report up, with the reason. For the system. Event: report.failed.';
grant execute on function app.fail_report(uuid, text) to freehold_user;

create or replace function app.expire_report(id uuid)
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  expired app.report := app.lock_report(id, 'expire', '{exported}');
begin
  delete from app.report_chunk c
  where c.tenant_id = expired.tenant_id
    and c.report_id = expired.id;
  update app.report r
  set status = 'expired'
  where r.tenant_id = expired.tenant_id
    and r.id = expired.id
  returning * into expired;
  return expired;
end
$$;
comment on function app.expire_report(uuid) is E'@behavior -mutationField\nForgets the content of a report. For the system. Event: report.expired.';
grant execute on function app.expire_report(uuid) to freehold_user;

select platform.declare_event('report.downloaded', 'report', 'Somebody began to download a report.', '{
  "title": "report_download",
  "description": "The report that was downloaded, in short.",
  "type": "object",
  "properties": {
    "id": {"type": "string", "format": "uuid", "description": "Identifier of the report."},
    "kind": {"type": "string", "description": "events, invoices, members or usage.", "examples": ["invoices"]},
    "row_count": {"type": "integer", "description": "Rows in the export."},
    "byte_count": {"type": "integer", "description": "Size of the export."}
  },
  "required": ["id", "kind", "row_count", "byte_count"]
}');

create or replace function app.report_content(id uuid, after_position integer default -1)
returns table ("position" integer, content text, format text)
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  wanted app.report;
begin
  perform platform.require('report:read');
  select r.*
  into wanted
  from app.report r
  where r.tenant_id = platform.tenant_id()
    and r.id = report_content.id
    and r.status = 'exported';
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such report to download', detail = format('report %s', id);
  end if;
  if after_position = -1 then
    perform platform.record_event('report.downloaded', 'report', wanted.id, jsonb_build_object(
      'id', wanted.id, 'kind', wanted.kind, 'row_count', wanted.row_count, 'byte_count', wanted.byte_count));
  end if;
  return query
    select c.position, c.content, wanted.format
    from app.report_chunk c
    where c.tenant_id = platform.tenant_id()
      and c.report_id = report_content.id
      and c.position > after_position
    order by c.position
    limit 10;
end
$$;
comment on function app.report_content(uuid, integer) is
  E'@behavior -mutationField\nThe next ten chunks of an exported report, for the download. Permission: report:read. Event, at the first: report.downloaded.';
grant execute on function app.report_content(uuid, integer) to freehold_user;
--! EndIncluded report/produce.sql
--! Included report/audit.sql
-- The audit trail in rows that people read: who did what, when, to what; and rows as CSV.

create or replace function app.audit_rows(since timestamptz)
returns setof jsonb
language sql
stable
security definer
set search_path = ''
begin atomic
  select jsonb_build_object(
    'occurred_at', e.occurred_at, 'type', e.type, 'entity', e.entity, 'entity_id', e.entity_id, 'entity_version', e.entity_version,
    'actor_type', e.actor_type, 'actor_id', e.actor_id, 'actor_name', coalesce(m.name, k.name), 'actor_email', m.email,
    'impersonator_email', i.email, 'impersonator_reason', i.reason, 'request_id', e.request_id, 'id', e.id, 'data', e.data, 'previous', e.previous)
  from app.event e
  left join app.membership m on m.tenant_id = e.tenant_id and m.id = e.actor_id
  left join app.api_key k on k.tenant_id = e.tenant_id and k.id = e.actor_id
  left join app.impersonation i on i.tenant_id = e.tenant_id and i.id = e.impersonator_id
  where e.tenant_id = platform.tenant_id()
    and exists (select from platform.verified_context)
    and (since is null or e.id >= platform.uuidv7_floor(since))
  order by e.id;
end;
comment on function app.audit_rows(timestamptz) is E'@behavior -*\nThe events of the tenant with the names of who did it, and of support who acted as them. Inside the tenant.';

create or replace function platform.csv_value(value jsonb)
returns text
language sql
stable
set search_path = ''
begin atomic
  with plain as (
    select case jsonb_typeof(value)
      when 'null' then ''
      -- a spreadsheet takes what begins so for a formula (OWASP, CSV injection)
      when 'string' then regexp_replace(value #>> '{}', '^([=+@\t\r-])', '''\1')
      else value::text
    end as text
  )
  -- RFC 4180, section 2
  select case when p.text ~ '[",\r\n]' then '"' || replace(p.text, '"', '""') || '"' else p.text end
  from plain p;
end;
comment on function platform.csv_value(jsonb) is 'A value as a field of CSV (RFC 4180); a text that a spreadsheet would run is given a quote.';

create or replace function app.report_lines(report app.report)
returns setof text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  line text;
  keys text[];
begin
  if report.format = 'ndjson' then
    return query select r from app.report_rows(report) r;
    return;
  end if;
  for line in select r from app.report_rows(report) r loop
    if keys is null then
      keys := case report.kind
        when 'audit' then '{occurred_at,type,entity,entity_id,entity_version,actor_type,actor_id,actor_name,actor_email,impersonator_email,impersonator_reason,request_id,id,data,previous}'
        else array(select k from jsonb_object_keys(line::jsonb) k order by k)
      end;
      return next array_to_string(keys, ',');
    end if;
    return next (
      select string_agg(platform.csv_value(coalesce(line::jsonb -> k, 'null')), ',' order by n)
      from unnest(keys) with ordinality u (k, n));
  end loop;
end
$$;
comment on function app.report_lines(app.report) is E'@behavior -*\nThe lines of a report in its format: JSON objects, or CSV with a header.';
--! EndIncluded report/audit.sql
--! Included audit/stream.sql
-- The audit log at the identity provider: a reading of the change feed, for tenants that want it there.

grant select on identity.organization, identity.audit_position to freehold_janitor;

select platform.execute_as('freehold_janitor', $sql$
create or replace function platform.audit_streams(issuer text)
returns table (tenant_id uuid, organization text, after uuid)
language sql
stable
security definer
set search_path = ''
begin atomic
  select t.id, min(o.organization), min(p.after::text)::uuid
  from app.tenant t
  join identity.organization o on o.tenant_id = t.id and o.issuer = audit_streams.issuer
  left join identity.audit_position p on p.tenant_id = t.id
  where t.stream_audit_log
    and t.status = 'active'
  group by t.id
  order by t.id;
end;
comment on function platform.audit_streams(text) is
  'Tenants whose events go to the audit log of the identity provider, under which organization, and after which event; null is from now on.';
grant execute on function platform.audit_streams(text) to freehold_worker;
$sql$);

create or replace function identity.move_audit_position(after uuid)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform platform.require('event:read');
  insert into identity.audit_position as p (tenant_id, after)
  values (platform.tenant_id(), move_audit_position.after)
  on conflict (tenant_id) do update
    set (after, sent_at) = (excluded.after, statement_timestamp());
end
$$;
comment on function identity.move_audit_position(uuid) is 'The audit log of the identity provider has every event up to this one. Inside the tenant, as the system.';
grant execute on function identity.move_audit_position(uuid) to freehold_worker;
--! EndIncluded audit/stream.sql
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
  delete from identity.organization o where o.tenant_id = tenant;
  delete from identity.audit_position p where p.tenant_id = tenant;
  delete from identity.provided_member m where m.tenant_id = tenant;
  delete from identity.provided_invitation i where i.tenant_id = tenant;
  delete from identity.group_member g where g.tenant_id = tenant;
  delete from identity.admitted_member a where a.tenant_id = tenant;
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
