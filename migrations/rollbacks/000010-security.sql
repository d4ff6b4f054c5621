--! Undoes: sha1:bd39fdde25ecaac4f3efde589cb736a6f897581f
--! Loses: the rows of app.impersonation, app.tenant.max_session_hours, app.tenant.max_idle_minutes, app.tenant.allowed_networks, app.tenant.login_methods, app.tenant.require_sso, the rows of identity.guarded_entity, identity.session.impersonation_id

-- Undoes "security".
set local check_function_bodies = off;
delete from catalog.event_type where (type) in (('impersonation.updated'), ('impersonation.began'), ('tenant.security_changed'));
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.closed';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.closing';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.created';
update catalog.event_type set description = 'The name or the rules of a tenant were changed.', schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.updated';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.activated';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.suspended';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.reactivated';
delete from platform.entity where (name) in (('impersonation'));
update platform.entity set declaration = '{"due": {"finish_closing": {"column": "closes_at", "states": ["closing"]}}, "tasks": {}, "across": {"freehold_janitor": ["select"], "freehold_resolver": ["select"]}, "events": {"changed": [], "created": "tenant.created", "updated": "tenant.updated", "descriptions": {"tenant.closed": "A tenant ended with its grace period, and what it had is deleted.", "tenant.closing": "A tenant is about to end: everybody is locked out, and it is closed at closes_at.", "tenant.created": "A tenant was made, and is being set up.", "tenant.updated": "The name or the rules of a tenant were changed.", "tenant.activated": "A tenant was set up, and is in use.", "tenant.suspended": "A tenant was suspended: members and API keys are locked out, and nothing is lost.", "tenant.reactivated": "A suspended tenant is in use again."}}, "hidden": [], "lifecycle": {"initial": "provisioning", "transitions": {"close": {"to": "closing", "from": ["active", "suspended"], "event": "tenant.closing", "description": "Begins the end of the tenant: everybody is locked out, and after 30 days it is closed."}, "suspend": {"to": "suspended", "from": ["active"], "event": "tenant.suspended"}, "activate": {"to": "active", "from": ["provisioning"], "event": "tenant.activated"}, "reactivate": {"to": "active", "from": ["suspended"], "event": "tenant.reactivated"}, "finish_closing": {"to": "closed", "from": ["closing"], "event": "tenant.closed"}}}, "permissions": {"read": "viewer", "close": "owner", "update": "owner", "suspend": [], "activate": [], "reactivate": [], "finish_closing": []}}', grants = 'freehold_janitor SELECT
freehold_resolver SELECT
freehold_user SELECT (admit_verified_domains)
freehold_user SELECT (closes_at)
freehold_user SELECT (created_at)
freehold_user SELECT (default_role)
freehold_user SELECT (id)
freehold_user SELECT (name)
freehold_user SELECT (slug)
freehold_user SELECT (status)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)
freehold_user SELECT (version)
freehold_user UPDATE (admit_verified_domains)
freehold_user UPDATE (default_role)
freehold_user UPDATE (name)
freehold_user UPDATE (version)' where name = 'tenant';
delete from platform.error where (sqlstate) in (('ZF018'));
delete from platform.permission where (key) in (('impersonation:read'));
delete from platform.role_permission where (role, permission) in (('admin', 'impersonation:read'));
revoke select (tenant_id, id, name, slug, status, closes_at, version, created_at, updated_at, admit_verified_domains, default_role, max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso) on app.tenant from freehold_user;
revoke update (name, version, admit_verified_domains, default_role, max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso) on app.tenant from freehold_user;
drop trigger _210_check_security on app.tenant;
drop trigger _960_follow_tenant on app.tenant;
alter table app.tenant alter column login_methods set statistics default;
alter table app.tenant drop constraint tenant_allowed_networks_check;
alter table app.tenant drop constraint tenant_login_methods_check;
alter table app.tenant drop constraint tenant_max_idle_minutes_check;
alter table app.tenant drop constraint tenant_max_session_hours_check;
alter table app.tenant drop column max_session_hours;
alter table app.tenant drop column max_idle_minutes;
alter table app.tenant drop column allowed_networks;
alter table app.tenant drop column login_methods;
alter table app.tenant drop column require_sso;
comment on column identity.session.impersonation_id is null;
drop routine app.tenant_check_security();
set local role freehold_recorder;
CREATE OR REPLACE FUNCTION generated.tenant_record_insert()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- The caller is verified here too, for a statement can change the settings after the policy has looked at them.
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous,
    actor_type, actor_id, impersonator_id, request_id, traceparent)
  select
    new.tenant_id, 'tenant.created', 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'admit_verified_domains', new.admit_verified_domains, 'default_role', new.default_role), null,
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
    new.tenant_id, 'tenant.created', 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'admit_verified_domains', new.admit_verified_domains, 'default_role', new.default_role), null, 'operator');
  return null;
end
$function$;
set local role none;
set local role freehold_recorder;
CREATE OR REPLACE FUNCTION generated.tenant_record_update()
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
      when old.status = 'active' and new.status = 'closing' then 'tenant.closing'
      when old.status = 'active' and new.status = 'suspended' then 'tenant.suspended'
      when old.status = 'closing' and new.status = 'closed' then 'tenant.closed'
      when old.status = 'provisioning' and new.status = 'active' then 'tenant.activated'
      when old.status = 'suspended' and new.status = 'active' then 'tenant.reactivated'
      when old.status = 'suspended' and new.status = 'closing' then 'tenant.closing' else 'tenant.updated' end, 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'admit_verified_domains', new.admit_verified_domains, 'default_role', new.default_role), '{}'::jsonb
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.slug is distinct from old.slug then jsonb_build_object('slug', old.slug) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.closes_at is distinct from old.closes_at then jsonb_build_object('closes_at', old.closes_at) else '{}' end
      || case when new.admit_verified_domains is distinct from old.admit_verified_domains then jsonb_build_object('admit_verified_domains', old.admit_verified_domains) else '{}' end
      || case when new.default_role is distinct from old.default_role then jsonb_build_object('default_role', old.default_role) else '{}' end,
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
      when old.status = 'active' and new.status = 'closing' then 'tenant.closing'
      when old.status = 'active' and new.status = 'suspended' then 'tenant.suspended'
      when old.status = 'closing' and new.status = 'closed' then 'tenant.closed'
      when old.status = 'provisioning' and new.status = 'active' then 'tenant.activated'
      when old.status = 'suspended' and new.status = 'active' then 'tenant.reactivated'
      when old.status = 'suspended' and new.status = 'closing' then 'tenant.closing' else 'tenant.updated' end, 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'admit_verified_domains', new.admit_verified_domains, 'default_role', new.default_role), '{}'::jsonb
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.slug is distinct from old.slug then jsonb_build_object('slug', old.slug) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.closes_at is distinct from old.closes_at then jsonb_build_object('closes_at', old.closes_at) else '{}' end
      || case when new.admit_verified_domains is distinct from old.admit_verified_domains then jsonb_build_object('admit_verified_domains', old.admit_verified_domains) else '{}' end
      || case when new.default_role is distinct from old.default_role then jsonb_build_object('default_role', old.default_role) else '{}' end, 'operator');
  return null;
end
$function$;
set local role none;
drop routine identity.check_policy(tenant app.tenant, kind text, method text, ip inet);
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
    perform identity.enter_as_member(identity.tenant_of(claimed.issuer, claim_tokens.organization), claimed.person_id);
  end if;
  return claimed.sealed_tokens;
end
$$;
set local role freehold_resolver;
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
    'membership', jsonb_build_object('id', m.id, 'role', m.role, 'permissions', to_jsonb(platform.permissions_of(m.role))),
    'method', s.method,
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
set local role none;
drop routine identity.enter_as_member(tenant uuid, person uuid, method text, ip inet);
drop routine identity.has_connection(tenant uuid);
set local role freehold_resolver;
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
set local role none;
drop routine identity.permissions_of_impersonator(permissions text[]);
drop routine identity.refuse_impersonator(own identity.session);
set local role freehold_resolver;
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
  tenant_status text;
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
      select m.tenant_id, m.id, s.expires_at, s.tokens_expire_at, platform.permissions_of(m.role)
      into resolve.tenant_id, actor_id, credential_ends, tokens_end, permissions
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
      select m.tenant_id, m.id, to_timestamp((request -> 'token' ->> 'expires_at')::bigint), platform.permissions_of(m.role)
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

  select t.status
  into tenant_status
  from app.tenant t
  where t.tenant_id = resolve.tenant_id
    and t.id = resolve.tenant_id;
  if tenant_status <> 'active' then
    raise exception using errcode = 'ZF011', message = format('the tenant is %s', tenant_status);
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
    resolve.tenant_id, resolve.actor_id, resolve.expires_at, null, resolve.permissions) s;
  return next;
end
$resolve$;
set local role none;
create or replace function identity.revoke_session(token_hash bytea, session uuid)
returns setof text
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  person uuid;
  ending identity.session;
begin
  select s.person_id
  into person
  from identity.session s
  where s.token_hash = revoke_session.token_hash
    and s.revoked_at is null
    and s.expires_at > statement_timestamp();
  for ending in
    select s.*
    from identity.session s
    where s.person_id = person
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
    where l.person_id = person;
  end if;
end
$$;
drop routine identity.sign_in(issuer text, subject text, organization text, email text, name text, method text, provider_session text, token_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone, ip inet, user_agent text, impersonator_email text, impersonator_reason text);
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
  member := identity.enter_as_member(switched.tenant_id, switched.person_id);
  perform platform.record_event('user.signed_in', 'membership', member.id, jsonb_build_object(
    'id', member.id, 'session_id', switched.id, 'method', switched.method, 'ip', host(switched.ip), 'user_agent', switched.user_agent));
  return switched.expires_at;
end
$$;
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
  tenant_status text;
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
      select m.tenant_id, m.id, s.expires_at, s.tokens_expire_at, platform.permissions_of(m.role)
      into resolve.tenant_id, actor_id, credential_ends, tokens_end, permissions
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
      select m.tenant_id, m.id, to_timestamp((request -> 'token' ->> 'expires_at')::bigint), platform.permissions_of(m.role)
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

  select t.status
  into tenant_status
  from app.tenant t
  where t.tenant_id = resolve.tenant_id
    and t.id = resolve.tenant_id;
  if tenant_status <> 'active' then
    raise exception using errcode = 'ZF011', message = format('the tenant is %s', tenant_status);
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
    resolve.tenant_id, resolve.actor_id, resolve.expires_at, null, resolve.permissions) s;
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
Errors: ZF001 for a credential that is not good, ZF011 for a tenant that is not active, ZF016 when the provider has not answered for an hour.'$sql$);
end
$write$;
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
    'membership', jsonb_build_object('id', m.id, 'role', m.role, 'permissions', to_jsonb(platform.permissions_of(m.role))),
    'method', s.method,
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
comment on function identity.claim_tokens(token_hash bytea, organization text) is 'The sealed tokens of a session whose provider is to be asked, for the one request that may do it; null for all others, for 20 seconds. A token for refreshing is
good once: a second request with it would end the session at the provider. With an organization, to go over to it, also before they are due. Errors: ZF011, ZF017.';
set local role freehold_resolver;
comment on function identity.resolve(kind text, credential bytea, request jsonb) is 'Turns the SHA-256 of a session cookie (kind session) or API key (kind api_key), or a token that the server has verified (kind token; request.token holds
issuer, subject, organization, issued_at and expires_at in seconds since 1970), into a signed context of at most 60 seconds. request.ip is the caller''s address.
refresh_due: the tokens of the session''s provider have expired, and it should be asked (identity.claim_tokens); the context holds nevertheless.
Errors: ZF001 for a credential that is not good, ZF011 for a tenant that is not active, ZF016 when the provider has not answered for an hour.';
set local role none;
comment on function identity.revoke_session(token_hash bytea, session uuid) is 'Ends one session of the person whose cookie it is, or with null all of them and every token from before. Returns what the identity provider calls those that it
has ended. Event: user.signed_out, one for each.';
grant select (tenant_id, id, name, slug, status, closes_at, version, created_at, updated_at, admit_verified_domains, default_role) on app.tenant to freehold_user;
grant update (name, version, admit_verified_domains, default_role) on app.tenant to freehold_user;
create or replace function identity.enter_as_member(tenant uuid, person uuid)
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
  if (select t.status from app.tenant t where t.tenant_id = tenant and t.id = tenant) <> 'active' then
    raise exception using errcode = 'ZF011', message = 'the tenant is not active';
  end if;
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
  perform platform.enter(tenant, member.id, platform.permissions_of(member.role));
  return member;
end
$$;
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
  user_agent text
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
  member app.membership := identity.enter_as_member(tenant, person);
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
  insert into identity.session (
    token_hash, person_id, tenant_id, expires_at, issuer, provider_session, method, ip, user_agent, sealed_tokens, tokens_expire_at)
  values (
    sign_in.token_hash, person, tenant, statement_timestamp() + interval '7 days', sign_in.issuer, sign_in.provider_session, sign_in.method,
    sign_in.ip, left(sign_in.user_agent, 500), sign_in.sealed_tokens, sign_in.tokens_expire_at)
  returning * into made;
  perform platform.record_event('user.signed_in', 'membership', member.id, jsonb_build_object(
    'id', member.id, 'session_id', made.id, 'method', made.method, 'ip', host(made.ip), 'user_agent', made.user_agent));
  return made.expires_at;
end
$$;
alter function identity.enter_as_member(tenant uuid, person uuid) owner to freehold_owner;
alter function identity.sign_in(issuer text, subject text, organization text, email text, name text, method text, provider_session text, token_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone, ip inet, user_agent text) owner to freehold_owner;
grant execute on function identity.sign_in(issuer text, subject text, organization text, email text, name text, method text, provider_session text, token_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone, ip inet, user_agent text) to freehold_gate;
comment on function identity.enter_as_member(tenant uuid, person uuid) is 'Takes the rest of the transaction into a tenant as a member. Errors: ZF011 when the tenant is not active, ZF017 when the person is no active member.';
comment on function identity.sign_in(issuer text, subject text, organization text, email text, name text, method text, provider_session text, token_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone, ip inet, user_agent text) is 'Begins a session of seven days in the tenant of the organization, for the person whom the identity provider has vouched for. Returns its end.
Errors: ZF011, ZF017. Event: user.signed_in.';
drop table app.impersonation;
drop table identity.guarded_entity;
alter table identity.session drop column impersonation_id;
drop routine generated.impersonation_begin();
drop routine generated.impersonation_follow();
drop routine generated.impersonation_record_insert();
drop routine generated.impersonation_record_update();
