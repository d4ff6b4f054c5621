--! Previous: sha1:f883129712b25743c15e523156979fc83d8dbf0b
--! Hash: sha1:195e778a078e89c7aac9ce9261b059984a60da4e
--! Message: identity hardened

-- What a review of identity found: see CHANGELOG.md.

alter table identity.session add column proven_for uuid;
comment on column identity.session.proven_for is 'The tenant whose sign-in it was: how somebody proved who they are counts there alone.';
update identity.session set proven_for = tenant_id where method is not null;

alter table identity.audit_position alter column after drop not null;
comment on column identity.audit_position.after is 'Null: from the beginning.';

drop function platform.sign_context(uuid, uuid, timestamptz, uuid, text[]);
drop function identity.claim_tokens(bytea, text);
drop function identity.switch_tenant(bytea, text, text, bytea, text, timestamptz);

--! Included platform/context.sql
-- The context: who is calling, minted by this database and verified by it.
--
-- freehold.tenant_id   the tenant, on its own so that policies inline to an index condition
-- freehold.claims      principal | expiry | impersonator | permissions, a 1 for each that is held and a 0 for each that is not,
--                      in the order of platform.permission.number
-- freehold.signature   hex HMAC-SHA256 (RFC 2104) of the principal's version (8 bytes) and the claims, with the principal's key
--
-- The claims travel through the server, which cannot make or change them: only the owner reads
-- identity.principal. The tenant is bound because the key is found by tenant and principal together; the actor is the principal.
--
-- Each statement pays for the check, mostly for setting up its expressions: as few calls as possible, and short texts. With
-- permissions by name and the version written out it took 18.5 µs, now 11.5.

create or replace function platform.tenant_id()
returns uuid
language sql
stable
parallel safe
return nullif(current_setting('freehold.tenant_id', true), '')::uuid;
comment on function platform.tenant_id() is
  'The tenant of the context, unverified. STABLE and without SET, so that it inlines and the planner sees the value;
never IMMUTABLE, or a cached plan serves the former tenant.';

create or replace function platform.claim(field integer)
returns text
language sql
stable
parallel safe
return nullif(split_part(current_setting('freehold.claims', true), '|', field), '');
comment on function platform.claim(integer) is 'One field of the claims, unverified; null when absent.';

create or replace function platform.allows(permission text, number integer)
returns boolean
language sql
stable
parallel safe
-- the name is for those who read a policy; the number decides
return coalesce(substr(split_part(current_setting('freehold.claims', true), '|', 4), number, 1) = '1', false);
comment on function platform.allows(text, integer) is
  'Whether the claims hold the permission of this number in platform.permission. For policies and functions that declarations write: it
inlines. Says nothing of the claims'' truth: a policy or platform.require() verifies them.';

create or replace function platform.allows(permission text)
returns boolean
language sql
stable
security definer
set search_path = ''
begin atomic
  select exists (
    select from platform.permission p
    where p.key = permission
      and platform.allows(p.key, p.number));
end;
comment on function platform.allows(text) is
  'Whether the claims hold the permission; false for one that does not exist. Says nothing of the claims'' truth: platform.require() verifies them.';

-- lint: allow view-without-invoker: the keys are the owner's alone; the view shows only whom they have signed for
create or replace view platform.verified_context
  (tenant_id, actor_type, actor_id, impersonator_id)
  with (security_barrier = true)
as
select p.tenant_id, p.kind, case when p.kind <> 'system' then p.id end, platform.claim(3)::uuid
from identity.principal p
where p.tenant_id = platform.tenant_id()
  and p.id = platform.claim(1)::uuid
  -- the clock, for statements inside a statement; and no older snapshot, in which what was revoked meanwhile still holds
  and to_timestamp(platform.claim(2)::double precision) > clock_timestamp()
  and current_setting('transaction_isolation') = 'read committed'
  and current_setting('freehold.signature', true) = encode(
    sha256(p.outer_pad || sha256(p.inner_block || convert_to(current_setting('freehold.claims', true), 'UTF8'))), 'hex');
comment on view platform.verified_context is
  'One row when this database signed the claims for this tenant, they have not expired, and nothing about the principal changed since; else none.
Policies ask for it once a statement, as an InitPlan. It is a view with its owner''s rights and not a definer function because the
planner inlines it: 11.5 µs a statement, where the same check as a PL/pgSQL function took ten times that.';
grant select on platform.verified_context to freehold_user, freehold_resolver, freehold_recorder, freehold_dispatcher, freehold_janitor, freehold_worker;

create or replace function platform.context_valid()
returns boolean
language sql
stable
parallel safe
set search_path = ''
begin atomic
  select exists (select from platform.verified_context);
end;
comment on function platform.context_valid() is 'Whether there is a verified context.';

create or replace function platform.require(permission text)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if not platform.context_valid() then
    if coalesce(current_setting('freehold.claims', true), '') = '' then
      raise exception using errcode = 'ZF001', message = 'no context: who is calling is not known';
    end if;
    if current_setting('transaction_isolation') <> 'read committed' then
      raise exception using
        errcode = 'ZF010',
        message = format('nothing can be done in a transaction that is %s', current_setting('transaction_isolation')),
        detail = 'Its snapshot would not show what was revoked or counted meanwhile: use read committed.';
    end if;
    raise exception using errcode = 'ZF002', message = 'the context is not valid, or no longer';
  end if;
  if permission is not null and not platform.allows(permission) then
    raise exception using
      errcode = 'ZF003',
      message = format('permission %s is required', permission),
      detail = format('Your role or key does not hold %s.', permission);
  end if;
end
$$;
comment on function platform.require(text) is
  'Raises ZF001 without a context, ZF010 in another isolation than read committed, ZF002 with one that does not hold, ZF003 without the
permission. With null it only verifies.';

create or replace function platform.require_tenant(tenant uuid)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if not exists (select from platform.verified_context v where v.tenant_id = require_tenant.tenant) then
    perform platform.require(null);
    raise exception using errcode = 'ZF002', message = 'the context is not of the tenant of this row';
  end if;
end
$$;
comment on function platform.require_tenant(uuid) is
  'Raises ZF001 or ZF002 unless the verified context is of this tenant. For triggers that read the claims or count rows: between the policy
and the trigger, the statement could have changed the settings.';

create or replace function platform.sign_context(
  tenant uuid,
  principal uuid,
  expires_at timestamptz,
  impersonator uuid,
  permissions text[],
  version bigint default null,
  out claims text,
  out signature text
)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  signer identity.principal;
begin
  select p.*
  into strict signer
  from identity.principal p
  where p.tenant_id = sign_context.tenant
    and p.id = sign_context.principal;
  -- what is signed was read before: it must not be vouched for as of now
  if signer.version <> sign_context.version then
    raise exception using errcode = 'ZF002', message = 'the principal has changed meanwhile';
  end if;
  claims := concat_ws('|',
    signer.id, floor(extract(epoch from expires_at))::bigint, coalesce(impersonator::text, ''),
    (select string_agg(case when p.key = any (permissions) then '1' else '0' end, '' order by n)
     from generate_series(1, (select max(p.number) from platform.permission p)) n
     left join platform.permission p on p.number = n));
  signature := encode(
    sha256(signer.outer_pad || sha256(signer.inner_block || convert_to(claims, 'UTF8'))), 'hex');
end
$$;
comment on function platform.sign_context(uuid, uuid, timestamptz, uuid, text[], bigint) is
  'Mints the claims and their signature. Executable by the resolver and by the system entry alone. version: that of the principal when its permissions were read; errors: ZF002
when it is another by now.';
grant execute on function platform.sign_context(uuid, uuid, timestamptz, uuid, text[], bigint) to freehold_resolver;

create or replace function platform.principal_version(tenant uuid, principal uuid)
returns bigint
language sql
stable
security definer
set search_path = ''
begin atomic
  select p.version
  from identity.principal p
  where p.tenant_id = principal_version.tenant
    and p.id = principal_version.principal;
end;
comment on function platform.principal_version(uuid, uuid) is 'The version of a principal, in the snapshot of the statement that asks.';
grant execute on function platform.principal_version(uuid, uuid) to freehold_resolver;

create or replace function platform.add_principal(tenant uuid, id uuid, kind text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  key bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
  inner_pad bytea := decode(repeat('36', 64), 'hex');
  outer_pad bytea := decode(repeat('5c', 64), 'hex');
begin
  for i in 0..31 loop
    inner_pad := set_byte(inner_pad, i, get_byte(key, i) # 54);  -- 0x36
    outer_pad := set_byte(outer_pad, i, get_byte(key, i) # 92);  -- 0x5c
  end loop;
  insert into identity.principal (tenant_id, id, kind, inner_pad, outer_pad)
  values (tenant, add_principal.id, add_principal.kind, inner_pad, outer_pad);
end
$$;
comment on function platform.add_principal(uuid, uuid, text) is 'Makes a principal with a random key of 32 bytes, padded as RFC 2104 says.';

create or replace function platform.enter(tenant uuid, principal uuid, permissions text[], impersonator uuid default null)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  minted record;
begin
  minted := platform.sign_context(tenant, principal, statement_timestamp() + interval '60 seconds', impersonator, permissions);
  perform set_config('freehold.tenant_id', tenant::text, true),
    set_config('freehold.claims', minted.claims, true),
    set_config('freehold.signature', minted.signature, true);
end
$$;
comment on function platform.enter(uuid, uuid, text[], uuid) is
  'Takes the rest of the transaction into a tenant as one of its principals, for 60 seconds. For functions that have made sure of who it is; nobody else may call it.';

create or replace function platform.enter_as_system(tenant uuid, reason text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  if not exists (
    select from identity.principal p
    where p.tenant_id = enter_as_system.tenant
      and p.id = enter_as_system.tenant
      and p.kind = 'system'
  ) then
    raise exception using errcode = 'ZF004', message = 'there is no such tenant', detail = format('tenant %s', tenant);
  end if;
  insert into platform.system_entry (tenant_id, login, reason)
  values (tenant, session_user, reason);
  perform platform.enter(tenant, tenant, array(select p.key from platform.permission p order by p.key));
end
$$;
comment on function platform.enter_as_system(uuid, text) is
  'Takes the rest of the transaction into a tenant as the system, for 60 seconds, and records why. For the worker;
the caller then runs "set local role freehold_user".';
grant execute on function platform.enter_as_system(uuid, text) to freehold_worker;

grant execute on function
  platform.tenant_id(), platform.claim(integer), platform.allows(text, integer), platform.allows(text), platform.context_valid(),
  platform.require(text), platform.require_tenant(uuid)
to freehold_user, freehold_resolver, freehold_recorder, freehold_dispatcher, freehold_janitor, freehold_worker;
--! EndIncluded platform/context.sql
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
  select string_agg(p, ', ' order by p)
  into lacking
  from unnest(platform.permissions_of(new.tenant_id, new.default_role)) p
  where not platform.allows(p);
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
        "description": "Ends what a group gives: its members have the role from before, unless another group gives one."}
    }
  }',
  events => '{"descriptions": {
    "group_role.created": "A group of the directory was given a role.",
    "group_role.updated": "Another role, name or position was given to a group of the directory.",
    "group_role.deleted": "A group of the directory gives no role any more."
  }}',
  tasks => '{"group_role.created": "follow_groups", "group_role.updated": "follow_groups", "group_role.deleted": "follow_groups"}',
  creatable => '{group_name,role,position}',
  editable => '{group_name,role,position}'
);

create or replace function app.group_role_check()
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
    on conflict do nothing;
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
-- the roles of the tenant are compared whole, whatever of them the caller may read
security definer
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
--! Included identity/member_state.sql
-- What a member should be, by all that the identity provider has told.

create or replace function identity.group_role_of(issuer text, organization text, subject text, tenant uuid)
returns text
language sql
stable
security definer
set search_path = ''
begin atomic
  select r.role
  from identity.directory_users_of(issuer, organization, subject) d
  join identity.provider_object gu
    on gu.issuer = d.issuer and gu.subject = d.id and gu.kind = 'directory_group_user' and (gu.data ->> 'present')::boolean
  join identity.provider_object g
    on g.issuer = d.issuer and g.kind = 'directory_group' and g.id = gu.data ->> 'directory_group_id' and not g.ended
  join app.group_role r on r.tenant_id = tenant and r.group_name = g.data ->> 'name' and r.status = 'active'
  where identity.is_active_directory_user(d)
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
      and a.verified
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

create or replace function identity.former_member(tenant uuid, person uuid, out role text, out invited boolean)
language sql
stable
security definer
set search_path = ''
begin atomic
  select coalesce(g.former_role, m.role),
    not exists (select from identity.admitted_member a where a.tenant_id = m.tenant_id and a.membership_id = m.id)
  from app.membership m
  left join identity.group_member g on g.tenant_id = m.tenant_id and g.membership_id = m.id
  where m.tenant_id = former_member.tenant
    and m.person_id = former_member.person
    and m.status = 'removed'
  order by m.updated_at desc, m.id desc
  limit 1;
end;
comment on function identity.former_member(uuid, uuid) is
  'The role that somebody had whose membership has ended, and whether they had been invited; null for who never was a member. Inside the tenant.';
--! EndIncluded identity/member_state.sql
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
comment on function identity.reconcile_member(text, text, text) is
  'Makes a member what the identity provider says: joined, suspended, reactivated or removed, with their name, address and the role of their groups. Returns what has to be
known first, as kind/id. Errors: ZF007 when the tenant has no seat.';
--! EndIncluded identity/reconcile.sql
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
    token_hash, person_id, tenant_id, expires_at, issuer, provider_session, method, ip, user_agent, sealed_tokens, tokens_expire_at, impersonation_id,
    proven_for)
  select sign_in.token_hash, person, tenant,
    statement_timestamp() + case when acting.id is null then make_interval(hours => t.max_session_hours) else interval '1 hour' end,
    sign_in.issuer, sign_in.provider_session, sign_in.method, sign_in.ip, left(sign_in.user_agent, 500), sign_in.sealed_tokens,
    sign_in.tokens_expire_at, acting.id, tenant
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

create or replace function identity.require_lasting(own identity.session)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform platform.enter_as_system(own.tenant_id, 'switch');
  if not exists (
    select
    from app.tenant t
    where t.tenant_id = own.tenant_id
      and t.id = own.tenant_id
      and own.created_at + make_interval(hours => t.max_session_hours) > statement_timestamp()
      and own.last_seen_at + make_interval(mins => t.max_idle_minutes) > statement_timestamp()
  ) then
    raise exception using errcode = 'ZF001', message = 'the session has ended by the policy of its tenant';
  end if;
end
$$;
comment on function identity.require_lasting(identity.session) is 'Raises ZF001 for a session that its tenant lets last no longer: going over to another would renew it.';

create or replace function identity.claim_tokens(token_hash bytea, organization text default null, ip inet default null)
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
    perform identity.require_lasting(claimed);
    perform identity.enter_as_member(
      identity.tenant_of(claimed.issuer, claim_tokens.organization), claimed.person_id,
      -- another tenant's sign-in proves nothing here
      case when claimed.proven_for = identity.tenant_of(claimed.issuer, claim_tokens.organization) then claimed.method end, claim_tokens.ip);
  end if;
  return claimed.sealed_tokens;
end
$$;
comment on function identity.claim_tokens(bytea, text, inet) is
  'The sealed tokens of a session whose provider is to be asked, for the one request that may do it; null for all others, for 20 seconds. A token for refreshing is
good once: a second request with it would end the session at the provider. With an organization, to go over to it, also before they are due. Errors: ZF001, ZF003, ZF011, ZF017, ZF018.';

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
  tokens_expire_at timestamptz,
  ip inet
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
    ip = switch_tenant.ip,
    last_seen_at = statement_timestamp(),
    refresh_claimed_until = null
  where s.token_hash = switch_tenant.token_hash
    and s.sealed_tokens = switch_tenant.former
    and s.revoked_at is null
    and s.expires_at > statement_timestamp()
  returning * into switched;
  if not found then
    raise exception using errcode = 'ZF001', message = 'the session is not known, or no longer good';
  end if;
  member := identity.enter_as_member(
    switched.tenant_id, switched.person_id, case when switched.proven_for = switched.tenant_id then switched.method end, switched.ip);
  perform platform.record_event('user.signed_in', 'membership', member.id, jsonb_build_object(
    'id', member.id, 'session_id', switched.id, 'method', switched.method, 'ip', host(switched.ip), 'user_agent', switched.user_agent));
  return switched.expires_at;
end
$$;
comment on function identity.switch_tenant(bytea, text, text, bytea, text, timestamptz, inet) is
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
  identity.claim_tokens(bytea, text, inet), identity.keep_tokens(bytea, text, text, timestamptz),
  identity.switch_tenant(bytea, text, text, bytea, text, timestamptz, inet),
  identity.sign_out(bytea, text), identity.revoke_session(bytea, uuid)
to freehold_gate;
--! EndIncluded identity/session.sql
--! Included identity/inbox.sql
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
--! EndIncluded identity/inbox.sql
--! Included identity/tell_provider.sql
-- What the worker needs to know to tell the identity provider of what happened here (task tell_provider). Inside the tenant, as the system.

create or replace function identity.invitation_to_tell(issuer text, invitation uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require('invitation:accept');
  return (
    select jsonb_build_object(
      'organization', o.organization,
      'email', i.email,
      'status', i.status,
      'days', greatest(1, ceil(extract(epoch from i.expires_at - statement_timestamp()) / 86400)),
      'inviter', (
        select l.subject
        from app.membership m
        join identity.login l on l.person_id = m.person_id and l.issuer = invitation_to_tell.issuer
        where m.tenant_id = i.tenant_id and m.id = i.invited_by
        order by l.subject
        limit 1),
      'sent', (
        select pi.id from identity.provided_invitation pi
        where pi.issuer = invitation_to_tell.issuer and pi.tenant_id = i.tenant_id and pi.invitation_id = i.id
        order by pi.id
        limit 1))
    from app.invitation i
    join identity.organization o on o.tenant_id = i.tenant_id and o.issuer = invitation_to_tell.issuer
    where i.tenant_id = platform.tenant_id()
      and i.id = invitation_to_tell.invitation
    order by o.organization
    limit 1);
end
$$;
comment on function identity.invitation_to_tell(text, uuid) is
  'An invitation as the identity provider needs it: organization, email, status, days, inviter, and sent, what it calls it already. Null when the tenant has no organization there.';

create or replace function identity.note_invitation(issuer text, id text, invitation uuid)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform platform.require('invitation:accept');
  insert into identity.provided_invitation (issuer, id, tenant_id, invitation_id)
  values (note_invitation.issuer, note_invitation.id, platform.tenant_id(), note_invitation.invitation)
  on conflict do nothing;
end
$$;
comment on function identity.note_invitation(text, text, uuid) is 'The identity provider has sent this invitation, and calls it so.';

create or replace function identity.memberships_to_tell(issuer text, membership uuid)
returns setof text
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require('membership:update');
  return query
    select p.id
    from identity.provided_member p
    left join identity.provider_object o on o.issuer = p.issuer and o.kind = 'organization_membership' and o.id = p.id
    where p.issuer = memberships_to_tell.issuer
      and p.tenant_id = platform.tenant_id()
      and p.membership_id = memberships_to_tell.membership
      and not coalesce(o.ended, false)
    order by p.id;
end
$$;
comment on function identity.memberships_to_tell(text, uuid) is 'What the identity provider calls the membership of a member, and has not ended.';

create or replace function identity.status_to_tell(membership uuid)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require('membership:update');
  return (
    select m.status
    from app.membership m
    where m.tenant_id = platform.tenant_id()
      and m.id = status_to_tell.membership);
end
$$;
comment on function identity.status_to_tell(uuid) is 'What a member is now: active, suspended or removed.';

grant execute on function
  identity.invitation_to_tell(text, uuid), identity.note_invitation(text, text, uuid), identity.memberships_to_tell(text, uuid),
  identity.status_to_tell(uuid)
to freehold_worker;
--! EndIncluded identity/tell_provider.sql
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
comment on function identity.forget_ended(integer) is
  'Deletes sessions that ended a month ago and events of the identity provider that were applied three months ago, at most that many of each. Returns how many; 0 when all is done.';
grant execute on function identity.forget_ended(integer) to freehold_worker;
--! EndIncluded identity/forget.sql
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
  seen_version bigint;
  proven_for uuid;
  credential_ends timestamptz;
  tokens_end timestamptz;
begin
  -- Each kind finds its member or key; everything after is common to all.
  case kind
    when 'api_key' then
      select k.tenant_id, k.id, k.expires_at, k.scopes, platform.principal_version(k.tenant_id, k.id)
      into resolve.tenant_id, actor_id, credential_ends, permissions, seen_version
      from identity.api_key_secret s
      join app.api_key k on k.tenant_id = s.tenant_id and k.id = s.api_key_id
      where s.hash = credential
        and k.status = 'active'
        and (k.expires_at is null or k.expires_at > statement_timestamp())
        and (k.created_by is null or exists (
          select from app.membership m where m.tenant_id = k.tenant_id and m.id = k.created_by and m.status = 'active'))
        and not exists (select from identity.blocked_member b where b.tenant_id = k.tenant_id and b.membership_id = k.created_by)
        -- whose address is not known is in no network
        and (k.allowed_networks = '{}' or nullif(request ->> 'ip', '')::inet <<= any (k.allowed_networks));
      actor_type := 'api_key';
    when 'session' then
      select m.tenant_id, m.id, s.expires_at, s.tokens_expire_at, s.method, s.created_at, s.last_seen_at, s.impersonation_id,
        s.proven_for, platform.permissions_of(m.tenant_id, m.role), platform.principal_version(m.tenant_id, m.id)
      into resolve.tenant_id, actor_id, credential_ends, tokens_end, method, begun_at, seen_at, acting, proven_for, permissions, seen_version
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
      select m.tenant_id, m.id, to_timestamp((request -> 'token' ->> 'expires_at')::bigint), platform.permissions_of(m.tenant_id, m.role), platform.principal_version(m.tenant_id, m.id)
      into resolve.tenant_id, actor_id, credential_ends, permissions, seen_version
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
  perform identity.check_policy(tenant, kind, case when acting is not null then 'Impersonation' when proven_for = resolve.tenant_id then method end, nullif(request ->> 'ip', '')::inet);
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
      and s.revoked_at is null
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
    resolve.tenant_id, resolve.actor_id, resolve.expires_at, acting, resolve.permissions, seen_version) s;
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
Errors: ZF001 for a credential that is not good, ZF002 for one that changed in that moment (ask again), ZF011 for a tenant that is not active, ZF018 for one that does not let them in this way, ZF016 when the provider has not answered for an hour.'$sql$);
end
$write$;
comment on function identity.write_resolve() is 'Writes identity.resolve as the resolver, which owns it.';

grant select on identity.session, identity.api_key_secret, identity.organization, identity.login, identity.blocked_member to freehold_resolver;
-- for last_used_at and last_seen_at
grant update on identity.api_key_secret, identity.session to freehold_resolver;
select identity.write_resolve();
--! EndIncluded identity/resolve.sql
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
  join identity.audit_position p on p.tenant_id = t.id
  where t.stream_audit_log
    and t.status = 'active'
  group by t.id
  order by t.id;
end;
comment on function platform.audit_streams(text) is
  'Tenants whose events go to the audit log of the identity provider, under which organization, and after which event; null is from the beginning.';
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

create or replace function app.tenant_place_audit_stream()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_tenant(new.tenant_id);
  delete from identity.audit_position p
  where p.tenant_id = new.tenant_id;
  if new.stream_audit_log then
    insert into identity.audit_position (tenant_id, after)
    values (new.tenant_id, app.change_feed_end());
  end if;
  return null;
end
$$;
comment on function app.tenant_place_audit_stream() is 'Trigger: the audit log goes on from the change that asks for it, and is no more owed what happened while nobody did.';
create or replace trigger _920_place_audit_stream
  after update of stream_audit_log on app.tenant
  for each row
  when (new.stream_audit_log <> old.stream_audit_log)
  execute function app.tenant_place_audit_stream();
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
  delete from identity.provider_address a
  using identity.provider_object d, identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and d.organization = o.organization and d.kind = 'directory_user'
    and a.issuer = d.issuer and a.kind = d.kind and a.id = d.id;
  delete from identity.provider_object d
  using identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and (d.organization = o.organization or (d.kind = 'organization' and d.id = o.organization));
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
