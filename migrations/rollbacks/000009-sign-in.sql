--! Undoes: sha1:7300b8a91e3933f6b313f494834ff3e472812e7f
--! Loses: app.api_key.created_by, the rows of app.group_role, the rows of app.group_role_status, app.tenant.admit_verified_domains, app.tenant.default_role, the rows of identity.admitted_member, the rows of identity.barred_person, the rows of identity.blocked_member, the rows of identity.event_cursor, the rows of identity.group_member, the rows of identity.inbox, the rows of identity.provided_invitation, the rows of identity.provided_member, the rows of identity.provider_address, the rows of identity.provider_event, the rows of identity.provider_object, identity.session.issuer, identity.session.provider_session, identity.session.method, identity.session.ip, identity.session.user_agent, identity.session.last_seen_at, identity.session.sealed_tokens, identity.session.tokens_expire_at, identity.session.refresh_claimed_until

-- Undoes "sign in".
set local check_function_bodies = off;
delete from catalog.event_type where (type) in (('user.signed_in'), ('user.signed_out'), ('group_role.created'), ('group_role.deleted'), ('group_role.updated'));
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.closed';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.closing';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.created';
update catalog.event_type set description = 'A tenant was given another name.', schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.updated';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.activated';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.suspended';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.reactivated';
update catalog.event_type set schema = '{"type": "object", "title": "api_key", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "prefix", "scopes", "status", "expires_at", "version", "created_at", "updated_at", "allowed_networks"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Nightly import"], "description": "What it is for, 1 to 200 characters."}, "prefix": {"type": "string", "examples": ["fh_live_a1b2c3"], "description": "The beginning of the key, to tell keys apart."}, "scopes": {"type": "array", "items": {"type": "string"}, "examples": [["project:read"]], "description": "Permissions of the key, such as project:read."}, "status": {"enum": ["active", "expired", "revoked"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "When it ends by itself; null for never."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where it may be used from, in CIDR notation; empty for anywhere."}}, "description": "A key that opens the API with its own permissions.", "additionalProperties": true}' where type = 'api_key.created';
update catalog.event_type set schema = '{"type": "object", "title": "api_key", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "prefix", "scopes", "status", "expires_at", "version", "created_at", "updated_at", "allowed_networks"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Nightly import"], "description": "What it is for, 1 to 200 characters."}, "prefix": {"type": "string", "examples": ["fh_live_a1b2c3"], "description": "The beginning of the key, to tell keys apart."}, "scopes": {"type": "array", "items": {"type": "string"}, "examples": [["project:read"]], "description": "Permissions of the key, such as project:read."}, "status": {"enum": ["active", "expired", "revoked"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "When it ends by itself; null for never."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where it may be used from, in CIDR notation; empty for anywhere."}}, "description": "A key that opens the API with its own permissions.", "additionalProperties": true}' where type = 'api_key.expired';
update catalog.event_type set schema = '{"type": "object", "title": "api_key", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "prefix", "scopes", "status", "expires_at", "version", "created_at", "updated_at", "allowed_networks"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Nightly import"], "description": "What it is for, 1 to 200 characters."}, "prefix": {"type": "string", "examples": ["fh_live_a1b2c3"], "description": "The beginning of the key, to tell keys apart."}, "scopes": {"type": "array", "items": {"type": "string"}, "examples": [["project:read"]], "description": "Permissions of the key, such as project:read."}, "status": {"enum": ["active", "expired", "revoked"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "When it ends by itself; null for never."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where it may be used from, in CIDR notation; empty for anywhere."}}, "description": "A key that opens the API with its own permissions.", "additionalProperties": true}' where type = 'api_key.revoked';
update catalog.event_type set schema = '{"type": "object", "title": "api_key", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "prefix", "scopes", "status", "expires_at", "version", "created_at", "updated_at", "allowed_networks"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Nightly import"], "description": "What it is for, 1 to 200 characters."}, "prefix": {"type": "string", "examples": ["fh_live_a1b2c3"], "description": "The beginning of the key, to tell keys apart."}, "scopes": {"type": "array", "items": {"type": "string"}, "examples": [["project:read"]], "description": "Permissions of the key, such as project:read."}, "status": {"enum": ["active", "expired", "revoked"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "When it ends by itself; null for never."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where it may be used from, in CIDR notation; empty for anywhere."}}, "description": "A key that opens the API with its own permissions.", "additionalProperties": true}' where type = 'api_key.updated';
delete from platform.entity where (name) in (('group_role_status'), ('group_role'));
update platform.entity set declaration = '{"due": {"finish_closing": {"column": "closes_at", "states": ["closing"]}}, "tasks": {}, "across": {"freehold_janitor": ["select"], "freehold_resolver": ["select"]}, "events": {"changed": [], "created": "tenant.created", "updated": "tenant.updated", "descriptions": {"tenant.closed": "A tenant ended with its grace period, and what it had is deleted.", "tenant.closing": "A tenant is about to end: everybody is locked out, and it is closed at closes_at.", "tenant.created": "A tenant was made, and is being set up.", "tenant.updated": "A tenant was given another name.", "tenant.activated": "A tenant was set up, and is in use.", "tenant.suspended": "A tenant was suspended: members and API keys are locked out, and nothing is lost.", "tenant.reactivated": "A suspended tenant is in use again."}}, "hidden": [], "lifecycle": {"initial": "provisioning", "transitions": {"close": {"to": "closing", "from": ["active", "suspended"], "event": "tenant.closing", "description": "Begins the end of the tenant: everybody is locked out, and after 30 days it is closed."}, "suspend": {"to": "suspended", "from": ["active"], "event": "tenant.suspended"}, "activate": {"to": "active", "from": ["provisioning"], "event": "tenant.activated"}, "reactivate": {"to": "active", "from": ["suspended"], "event": "tenant.reactivated"}, "finish_closing": {"to": "closed", "from": ["closing"], "event": "tenant.closed"}}}, "permissions": {"read": "viewer", "close": "owner", "update": "owner", "suspend": [], "activate": [], "reactivate": [], "finish_closing": []}}', grants = 'freehold_janitor SELECT
freehold_resolver SELECT
freehold_user SELECT (closes_at)
freehold_user SELECT (created_at)
freehold_user SELECT (id)
freehold_user SELECT (name)
freehold_user SELECT (slug)
freehold_user SELECT (status)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)
freehold_user SELECT (version)
freehold_user UPDATE (name)
freehold_user UPDATE (version)' where name = 'tenant';
update platform.entity set grants = 'freehold_janitor SELECT
freehold_resolver SELECT
freehold_user SELECT (allowed_networks)
freehold_user SELECT (created_at)
freehold_user SELECT (expires_at)
freehold_user SELECT (id)
freehold_user SELECT (name)
freehold_user SELECT (prefix)
freehold_user SELECT (scopes)
freehold_user SELECT (status)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)
freehold_user SELECT (version)
freehold_user UPDATE (allowed_networks)
freehold_user UPDATE (name)
freehold_user UPDATE (version)' where name = 'api_key';
delete from platform.error where (sqlstate) in (('ZF017'));
update platform.error set message = 'Who issued the token cannot be asked for its keys.' where sqlstate = 'ZF016';
delete from platform.permission where (key) in (('group_role:read'), ('group_role:create'), ('group_role:delete'), ('group_role:update'));
delete from platform.role_permission where (role, permission) in (('admin', 'group_role:read'), ('admin', 'group_role:create'), ('admin', 'group_role:delete'), ('admin', 'group_role:update'));
delete from platform.transition where (entity, name, from_state) in (('group_role', 'delete', 'active'));
revoke select (tenant_id, id, name, prefix, scopes, status, expires_at, version, created_at, updated_at, allowed_networks, created_by) on app.api_key from freehold_user;
revoke select (tenant_id, id, name, slug, status, closes_at, version, created_at, updated_at, admit_verified_domains, default_role) on app.tenant from freehold_user;
revoke select on identity.person from freehold_resolver;
revoke select on identity.person_principal from freehold_resolver;
revoke select, update on identity.session from freehold_resolver;
revoke update (name, version, admit_verified_domains, default_role) on app.tenant from freehold_user;
drop trigger _100_follow_session on identity.session;
drop trigger _210_check_block on app.membership;
drop trigger _940_end_access on app.membership;
drop index app.api_key_created_by;
drop index identity.session_ended;
drop index identity.session_provider;
alter table app.api_key drop constraint api_key_tenant_id_created_by_fkey;
alter table app.api_key drop column created_by;
alter table app.tenant drop constraint tenant_default_role_fkey;
alter table app.tenant drop constraint tenant_default_role_check;
alter table app.tenant drop column default_role;
drop table identity.barred_person;
drop table identity.provided_member;
alter table identity.session drop constraint session_method_check;
alter table identity.session drop constraint session_provider_session_check;
alter table identity.session drop constraint session_user_agent_check;
alter table identity.session drop column provider_session;
alter table identity.session drop column tokens_expire_at;
alter table identity.session drop column refresh_claimed_until;
comment on column app.tenant.admit_verified_domains is null;
comment on column identity.session.issuer is null;
comment on column identity.session.last_seen_at is null;
comment on column identity.session.method is null;
comment on column identity.session.sealed_tokens is null;
create or replace function app.create_api_key(name text, scopes text[], expires_at timestamptz default null, allowed_networks cidr[] default '{}')
returns app.created_api_key
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  made app.created_api_key;
  key app.api_key;
  unknown text;
  random text := encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
begin
  perform platform.require('api_key:create');
  select string_agg(coalesce(s, 'null'), ', ' order by s)
  into unknown
  from unnest(create_api_key.scopes) s
  where s is null
    or not platform.allows(s);
  if unknown is not null or create_api_key.scopes is null then
    raise exception using
      errcode = 'ZF003',
      message = 'a key cannot hold what you do not hold yourself',
      detail = format('Not yours to give: %s.', coalesce(unknown, 'null'));
  end if;
  -- beyond year 9999 a time has no form in JSON
  if create_api_key.expires_at not between statement_timestamp() and '9999-12-31 00:00:00+00' then
    raise exception using
      errcode = 'ZF010',
      message = 'expires_at must lie in the future, before the year 9999 ends',
      detail = 'Leave it out for a key that does not expire.';
  end if;
  made.secret := platform.key_prefix() || left(random, 48);
  -- six more digits that follow from the others, for scanners of leaked secrets
  made.secret := made.secret || left(encode(sha256(convert_to(made.secret, 'UTF8')), 'hex'), 6);
  insert into app.api_key (name, prefix, scopes, expires_at, allowed_networks)
  values (create_api_key.name, left(made.secret, 14), create_api_key.scopes, create_api_key.expires_at, coalesce(create_api_key.allowed_networks, '{}'))
  returning * into key;
  insert into identity.api_key_secret (hash, tenant_id, api_key_id)
  values (sha256(convert_to(made.secret, 'UTF8')), key.tenant_id, key.id);
  made.id := key.id;
  return made;
end
$$;
drop routine app.delete_group_role(id uuid, expected_version integer);
drop routine app.membership_check_block();
drop routine app.membership_end_access();
set local role freehold_recorder;
CREATE OR REPLACE FUNCTION generated.api_key_record_insert()
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
    new.tenant_id, 'api_key.created', 'api_key', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'prefix', new.prefix, 'scopes', new.scopes, 'status', new.status, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'allowed_networks', new.allowed_networks), null,
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
    new.tenant_id, 'api_key.created', 'api_key', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'prefix', new.prefix, 'scopes', new.scopes, 'status', new.status, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'allowed_networks', new.allowed_networks), null, 'operator');
  return null;
end
$function$;
set local role none;
set local role freehold_recorder;
CREATE OR REPLACE FUNCTION generated.api_key_record_update()
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
      when old.status = 'active' and new.status = 'expired' then 'api_key.expired'
      when old.status = 'active' and new.status = 'revoked' then 'api_key.revoked' else 'api_key.updated' end, 'api_key', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'prefix', new.prefix, 'scopes', new.scopes, 'status', new.status, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'allowed_networks', new.allowed_networks), '{}'::jsonb
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.prefix is distinct from old.prefix then jsonb_build_object('prefix', old.prefix) else '{}' end
      || case when new.scopes is distinct from old.scopes then jsonb_build_object('scopes', old.scopes) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.expires_at is distinct from old.expires_at then jsonb_build_object('expires_at', old.expires_at) else '{}' end
      || case when new.allowed_networks is distinct from old.allowed_networks then jsonb_build_object('allowed_networks', old.allowed_networks) else '{}' end,
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
      when old.status = 'active' and new.status = 'expired' then 'api_key.expired'
      when old.status = 'active' and new.status = 'revoked' then 'api_key.revoked' else 'api_key.updated' end, 'api_key', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'prefix', new.prefix, 'scopes', new.scopes, 'status', new.status, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'allowed_networks', new.allowed_networks), '{}'::jsonb
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.prefix is distinct from old.prefix then jsonb_build_object('prefix', old.prefix) else '{}' end
      || case when new.scopes is distinct from old.scopes then jsonb_build_object('scopes', old.scopes) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.expires_at is distinct from old.expires_at then jsonb_build_object('expires_at', old.expires_at) else '{}' end
      || case when new.allowed_networks is distinct from old.allowed_networks then jsonb_build_object('allowed_networks', old.allowed_networks) else '{}' end, 'operator');
  return null;
end
$function$;
set local role none;
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
    new.tenant_id, 'tenant.created', 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null,
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
    new.tenant_id, 'tenant.created', 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null, 'operator');
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
      when old.status = 'suspended' and new.status = 'closing' then 'tenant.closing' else 'tenant.updated' end, 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.slug is distinct from old.slug then jsonb_build_object('slug', old.slug) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.closes_at is distinct from old.closes_at then jsonb_build_object('closes_at', old.closes_at) else '{}' end,
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
      when old.status = 'suspended' and new.status = 'closing' then 'tenant.closing' else 'tenant.updated' end, 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.slug is distinct from old.slug then jsonb_build_object('slug', old.slug) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.closes_at is distinct from old.closes_at then jsonb_build_object('closes_at', old.closes_at) else '{}' end, 'operator');
  return null;
end
$function$;
set local role none;
drop routine identity.admit(issuer text, organization text, subject text, tenant uuid, email text, name text);
drop routine identity.apply(entry identity.inbox, kind text, ends boolean);
drop routine identity.apply_event(id text);
drop routine identity.block(member app.membership, reason text);
drop routine identity.claim_tokens(token_hash bytea, organization text);
drop routine identity.concerned(object identity.provider_object);
drop routine identity.describe_session(token_hash bytea);
drop routine identity.end_session(ending identity.session, reason text);
drop routine identity.end_sessions(tenant uuid, person uuid);
create or replace function identity.ensure_person(issuer text, subject text, email text, name text)
returns uuid
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  found_person uuid;
begin
  select l.person_id
  into found_person
  from identity.login l
  where l.issuer = ensure_person.issuer
    and l.subject = ensure_person.subject;
  if not found then
    insert into identity.person (email, name)
    values (ensure_person.email, ensure_person.name)
    returning id into found_person;
    insert into identity.login (issuer, subject, person_id)
    values (ensure_person.issuer, ensure_person.subject, found_person);
  end if;
  return found_person;
end
$$;
drop routine identity.enter_as_member(tenant uuid, person uuid);
drop routine identity.follow_object(object identity.provider_object);
drop routine identity.follow_role(issuer text, organization text, member app.membership, subject text);
drop routine identity.former_member(tenant uuid, person uuid, OUT role text, OUT invited boolean);
drop routine identity.group_role_of(issuer text, organization text, subject text, tenant uuid);
drop routine identity.is_admitted(issuer text, organization text, subject text, tenant uuid);
drop routine identity.keep_tokens(token_hash bytea, former text, sealed_tokens text, tokens_expire_at timestamp with time zone);
drop routine identity.knows_member(issuer text, organization text, subject text);
drop routine identity.list_sessions(token_hash bytea);
drop routine identity.move_poll_position(issuer text, after text);
drop routine identity.observe(issuer text, kind text, id text, data jsonb, updated_at timestamp with time zone, told_by text, ended boolean);
drop routine identity.poll_position(issuer text);
drop routine identity.provider_events();
drop routine identity.receive_event(issuer text, event jsonb, source text);
drop routine identity.receive_object(issuer text, kind text, id text, object jsonb);
drop routine identity.reconcile_member(issuer text, organization text, subject text);
drop routine identity.reconcile_person(issuer text, subject text);
drop routine identity.retry_events(most integer);
drop routine identity.revoke_session(token_hash bytea, session uuid);
drop routine identity.settle_invitation(issuer text, member app.membership, subject text);
drop routine identity.sign_in(issuer text, subject text, organization text, email text, name text, method text, provider_session text, token_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone, ip inet, user_agent text);
drop routine identity.sign_out(token_hash bytea, reason text);
drop routine identity.subjects_of(issuer text, directory_user text);
drop routine identity.switch_tenant(token_hash bytea, former text, organization text, new_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone);
drop routine identity.take_over(issuer text, kind text, told jsonb, at timestamp with time zone, told_by text, ended boolean);
drop routine identity.tenant_of(issuer text, organization text);
drop routine identity.unblock(member app.membership);
drop routine identity.waiting_invitation(issuer text, subject text);
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
  expires_at timestamptz
)
language plpgsql
volatile
security definer
set search_path = ''
as $resolve$
declare
  tenant_status text;
  credential_ends timestamptz;
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
        -- whose address is not known is in no network
        and (k.allowed_networks = '{}' or nullif(request ->> 'ip', '')::inet <<= any (k.allowed_networks));
      actor_type := 'api_key';
    when 'session' then
      select m.tenant_id, m.id, s.expires_at, platform.permissions_of(m.role)
      into resolve.tenant_id, actor_id, credential_ends, permissions
      from identity.session s
      join app.membership m on m.tenant_id = s.tenant_id and m.person_id = s.person_id and m.status = 'active'
      where s.token_hash = credential
        and s.revoked_at is null
        and s.expires_at > statement_timestamp();
      actor_type := 'member';
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
  if actor_id is null then
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

  if kind = 'api_key' then
    update identity.api_key_secret s
    set last_used_at = statement_timestamp()
    where s.hash = credential
      and (s.last_used_at is null or s.last_used_at < statement_timestamp() - interval '1 minute');
  end if;

  expires_at := least(statement_timestamp() + interval '60 seconds', credential_ends);
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
Errors: ZF001 for a credential that is not good, ZF011 for a tenant that is not active.'$sql$);
end
$write$;
drop routine identity.write_session_view();
drop routine platform.enter(tenant uuid, principal uuid, permissions text[], impersonator uuid);
create or replace function platform.enter_as_system(tenant uuid, reason text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  minted record;
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
  minted := platform.sign_context(
    tenant, tenant, statement_timestamp() + interval '60 seconds', null,
    array(select p.key from platform.permission p order by p.key));
  perform set_config('freehold.tenant_id', tenant::text, true),
    set_config('freehold.claims', minted.claims, true),
    set_config('freehold.signature', minted.signature, true);
end
$$;
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
comment on function identity.follow_session() is 'Trigger: a revoked session, or a login whose tokens were ended, ends the contexts of its person in every tenant; other sessions resolve again.';
set local role freehold_resolver;
comment on function identity.resolve(kind text, credential bytea, request jsonb) is 'Turns the SHA-256 of a session cookie (kind session) or API key (kind api_key), or a token that the server has verified (kind token; request.token holds
issuer, subject, organization, issued_at and expires_at in seconds since 1970), into a signed context of at most 60 seconds. request.ip is the caller''s address.
Errors: ZF001 for a credential that is not good, ZF011 for a tenant that is not active.';
set local role none;
revoke usage on schema identity from freehold_worker;
CREATE TRIGGER _100_follow_session AFTER UPDATE OF revoked_at ON identity.session FOR EACH ROW WHEN (((new.revoked_at IS NOT NULL) AND (old.revoked_at IS NULL))) EXECUTE FUNCTION identity.follow_session();
grant select (tenant_id, id, name, prefix, scopes, status, expires_at, version, created_at, updated_at, allowed_networks) on app.api_key to freehold_user;
grant select (tenant_id, id, name, slug, status, closes_at, version, created_at, updated_at) on app.tenant to freehold_user;
grant select on identity.session to freehold_resolver;
grant update (name, version) on app.tenant to freehold_user;
drop table app.group_role;
drop table app.group_role_status;
alter table app.tenant drop column admit_verified_domains;
drop table identity.admitted_member;
drop table identity.blocked_member;
drop table identity.event_cursor;
drop table identity.group_member;
drop table identity.inbox;
drop table identity.provided_invitation;
drop table identity.provider_event;
alter table identity.session drop column issuer;
alter table identity.session drop column method;
alter table identity.session drop column ip;
alter table identity.session drop column user_agent;
alter table identity.session drop column last_seen_at;
alter table identity.session drop column sealed_tokens;
drop routine app.group_role_check();
drop routine generated.group_role_begin();
drop routine generated.group_role_follow();
drop routine generated.group_role_record_insert();
drop routine generated.group_role_record_update();
drop routine identity.desired_state(issuer text, organization text, subject text);
drop routine identity.directory_users_of(issuer text, organization text, subject text);
drop routine identity.is_active_directory_user(directory_user identity.provider_object);
drop routine identity.known(issuer text, kind text, id text);
drop table identity.provider_address;
drop table identity.provider_object;
drop function identity.resolve(text,bytea,jsonb) cascade;
set local role freehold_resolver;
create or replace function identity.resolve(kind text, credential bytea, request jsonb default '{}')
returns table (
  tenant_id uuid,
  claims text,
  signature text,
  actor_type text,
  actor_id uuid,
  permissions text[],
  expires_at timestamptz
)
language plpgsql
volatile
security definer
set search_path = ''
as $resolve$
declare
  tenant_status text;
  credential_ends timestamptz;
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
        -- whose address is not known is in no network
        and (k.allowed_networks = '{}' or nullif(request ->> 'ip', '')::inet <<= any (k.allowed_networks));
      actor_type := 'api_key';
    when 'session' then
      select m.tenant_id, m.id, s.expires_at, platform.permissions_of(m.role)
      into resolve.tenant_id, actor_id, credential_ends, permissions
      from identity.session s
      join app.membership m on m.tenant_id = s.tenant_id and m.person_id = s.person_id and m.status = 'active'
      where s.token_hash = credential
        and s.revoked_at is null
        and s.expires_at > statement_timestamp();
      actor_type := 'member';
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
  if actor_id is null then
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

  if kind = 'api_key' then
    update identity.api_key_secret s
    set last_used_at = statement_timestamp()
    where s.hash = credential
      and (s.last_used_at is null or s.last_used_at < statement_timestamp() - interval '1 minute');
  end if;

  expires_at := least(statement_timestamp() + interval '60 seconds', credential_ends);
  select s.claims, s.signature
  into resolve.claims, resolve.signature
  from platform.sign_context(
    resolve.tenant_id, resolve.actor_id, resolve.expires_at, null, resolve.permissions) s;
  return next;
end
$resolve$;
set local role none;
set local role freehold_resolver;
alter function identity.resolve(kind text, credential bytea, request jsonb) owner to freehold_resolver;
set local role none;
set local role freehold_resolver;
grant execute on function identity.resolve(kind text, credential bytea, request jsonb) to freehold_gate;
set local role none;
set local role freehold_resolver;
comment on function identity.resolve(kind text, credential bytea, request jsonb) is 'Turns the SHA-256 of a session cookie (kind session) or API key (kind api_key), or a token that the server has verified (kind token; request.token holds
issuer, subject, organization, issued_at and expires_at in seconds since 1970), into a signed context of at most 60 seconds. request.ip is the caller''s address.
Errors: ZF001 for a credential that is not good, ZF011 for a tenant that is not active.';
set local role none;
