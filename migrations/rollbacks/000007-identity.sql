--! Undoes: sha1:e9eb33b49eb504e8798bf3396866a2add01927c6
--! Loses: app.api_key.allowed_networks, identity.api_key_secret.last_used_at, identity.login.sessions_valid_after, the rows of identity.organization

-- Undoes "identity".
set local check_function_bodies = off;
update catalog.event_type set schema = '{"type": "object", "title": "api_key", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "prefix", "scopes", "status", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Nightly import"], "description": "What it is for, 1 to 200 characters."}, "prefix": {"type": "string", "examples": ["fh_live_a1b2c3"], "description": "The beginning of the key, to tell keys apart."}, "scopes": {"type": "array", "items": {"type": "string"}, "examples": [["project:read"]], "description": "Permissions of the key, such as project:read."}, "status": {"enum": ["active", "expired", "revoked"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "When it ends by itself; null for never."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "A key that opens the API with its own permissions.", "additionalProperties": true}' where type = 'api_key.created';
update catalog.event_type set schema = '{"type": "object", "title": "api_key", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "prefix", "scopes", "status", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Nightly import"], "description": "What it is for, 1 to 200 characters."}, "prefix": {"type": "string", "examples": ["fh_live_a1b2c3"], "description": "The beginning of the key, to tell keys apart."}, "scopes": {"type": "array", "items": {"type": "string"}, "examples": [["project:read"]], "description": "Permissions of the key, such as project:read."}, "status": {"enum": ["active", "expired", "revoked"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "When it ends by itself; null for never."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "A key that opens the API with its own permissions.", "additionalProperties": true}' where type = 'api_key.expired';
update catalog.event_type set schema = '{"type": "object", "title": "api_key", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "prefix", "scopes", "status", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Nightly import"], "description": "What it is for, 1 to 200 characters."}, "prefix": {"type": "string", "examples": ["fh_live_a1b2c3"], "description": "The beginning of the key, to tell keys apart."}, "scopes": {"type": "array", "items": {"type": "string"}, "examples": [["project:read"]], "description": "Permissions of the key, such as project:read."}, "status": {"enum": ["active", "expired", "revoked"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "When it ends by itself; null for never."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "A key that opens the API with its own permissions.", "additionalProperties": true}' where type = 'api_key.revoked';
update catalog.event_type set description = 'An API key was given another name.', schema = '{"type": "object", "title": "api_key", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "prefix", "scopes", "status", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Nightly import"], "description": "What it is for, 1 to 200 characters."}, "prefix": {"type": "string", "examples": ["fh_live_a1b2c3"], "description": "The beginning of the key, to tell keys apart."}, "scopes": {"type": "array", "items": {"type": "string"}, "examples": [["project:read"]], "description": "Permissions of the key, such as project:read."}, "status": {"enum": ["active", "expired", "revoked"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "When it ends by itself; null for never."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "A key that opens the API with its own permissions.", "additionalProperties": true}' where type = 'api_key.updated';
update platform.entity set declaration = '{"due": {"expire": {"column": "expires_at", "states": ["active"]}}, "tasks": {}, "across": {"freehold_janitor": ["select"], "freehold_resolver": ["select"]}, "events": {"changed": [], "created": "api_key.created", "updated": "api_key.updated", "descriptions": {"api_key.created": "An API key was made. Its secret is in no event.", "api_key.expired": "The time of an API key is over, and it opens nothing any more.", "api_key.revoked": "An API key was revoked, and opens nothing from its next use on.", "api_key.updated": "An API key was given another name."}}, "hidden": [], "lifecycle": {"initial": "active", "transitions": {"expire": {"to": "expired", "from": ["active"], "event": "api_key.expired"}, "revoke": {"to": "revoked", "from": ["active"], "event": "api_key.revoked", "description": "Ends a key from its next use on."}}}, "permissions": {"read": "admin", "create": "admin", "expire": [], "revoke": "admin", "update": "admin"}}', grants = 'freehold_janitor SELECT
freehold_resolver SELECT
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
freehold_user UPDATE (name)
freehold_user UPDATE (version)' where name = 'api_key';
delete from platform.error where (sqlstate) in (('ZF016'));
revoke select (tenant_id, id, name, prefix, scopes, status, expires_at, version, created_at, updated_at, allowed_networks) on app.api_key from freehold_user;
revoke select on identity.login from freehold_resolver;
revoke select, update on identity.api_key_secret from freehold_resolver;
revoke update (name, version, allowed_networks) on app.api_key from freehold_user;
drop trigger _100_follow_login on identity.login;
drop trigger _950_follow_principal on app.api_key;
alter table app.api_key drop constraint api_key_allowed_networks_check;
alter table app.api_key drop column allowed_networks;
alter table identity.login drop column sessions_valid_after;
drop table identity.organization;
comment on column identity.api_key_secret.last_used_at is null;
drop routine app.api_key_last_used_at(key app.api_key);
drop routine app.create_api_key(name text, scopes text[], expires_at timestamp with time zone, allowed_networks cidr[]);
drop routine app.rotate_api_key(id uuid, grace_hours integer, expires_at timestamp with time zone);
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
    new.tenant_id, 'api_key.created', 'api_key', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'prefix', new.prefix, 'scopes', new.scopes, 'status', new.status, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null,
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
    new.tenant_id, 'api_key.created', 'api_key', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'prefix', new.prefix, 'scopes', new.scopes, 'status', new.status, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null, 'operator');
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
      when old.status = 'active' and new.status = 'revoked' then 'api_key.revoked' else 'api_key.updated' end, 'api_key', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'prefix', new.prefix, 'scopes', new.scopes, 'status', new.status, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.prefix is distinct from old.prefix then jsonb_build_object('prefix', old.prefix) else '{}' end
      || case when new.scopes is distinct from old.scopes then jsonb_build_object('scopes', old.scopes) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.expires_at is distinct from old.expires_at then jsonb_build_object('expires_at', old.expires_at) else '{}' end,
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
      when old.status = 'active' and new.status = 'revoked' then 'api_key.revoked' else 'api_key.updated' end, 'api_key', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'prefix', new.prefix, 'scopes', new.scopes, 'status', new.status, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.prefix is distinct from old.prefix then jsonb_build_object('prefix', old.prefix) else '{}' end
      || case when new.scopes is distinct from old.scopes then jsonb_build_object('scopes', old.scopes) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.expires_at is distinct from old.expires_at then jsonb_build_object('expires_at', old.expires_at) else '{}' end, 'operator');
  return null;
end
$function$;
set local role none;
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
stable
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
        and (k.expires_at is null or k.expires_at > statement_timestamp());
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
    else
      raise exception using
        errcode = 'ZF010',
        message = format('there is no credential kind %s', kind),
        detail = 'Known kinds: api_key, session.';
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

  expires_at := least(statement_timestamp() + interval '60 seconds', credential_ends);
  select s.claims, s.signature
  into resolve.claims, resolve.signature
  from platform.sign_context(
    resolve.tenant_id, resolve.actor_id, resolve.expires_at, null, resolve.permissions) s;
  return next;
end
$resolve$;
set local role none;
create or replace function identity.revoke_sessions(person uuid)
returns integer
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  revoked integer;
begin
  update identity.session s
  set revoked_at = statement_timestamp()
  where s.person_id = person
    and s.revoked_at is null;
  get diagnostics revoked = row_count;
  return revoked;
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
  expires_at timestamptz
)
language plpgsql
stable
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
        and (k.expires_at is null or k.expires_at > statement_timestamp());
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
    else
      raise exception using
        errcode = 'ZF010',
        message = format('there is no credential kind %s', kind),
        detail = 'Known kinds: api_key, session.';
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
    'Turns the SHA-256 of a session cookie (kind session) or API key (kind api_key) into a signed context of at most 60 seconds.
Errors: ZF001 for a credential that is not good, ZF011 for a tenant that is not active.'$sql$);
end
$write$;
create or replace function platform.json_type(type regtype)
returns jsonb
language sql
immutable
set search_path = ''
return case
  when type = 'uuid'::regtype then '{"type": "string", "format": "uuid"}'
  when type = 'timestamptz'::regtype then '{"type": "string", "format": "date-time"}'
  when type = 'date'::regtype then '{"type": "string", "format": "date"}'
  when type = 'boolean'::regtype then '{"type": "boolean"}'
  when type in ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype) then '{"type": "integer"}'
  when type = 'text[]'::regtype then '{"type": "array", "items": {"type": "string"}}'
  when type = 'integer[]'::regtype then '{"type": "array", "items": {"type": "integer"}}'
  when type = 'jsonb'::regtype then '{}'
  else '{"type": "string"}'
end::jsonb;
drop routine platform.link_organization(issuer text, organization text);
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
comment on function identity.follow_session() is 'Trigger: a revoked session ends the contexts of its person in every tenant; their other sessions resolve again.';
set local role freehold_resolver;
comment on function identity.resolve(kind text, credential bytea, request jsonb) is 'Turns the SHA-256 of a session cookie (kind session) or API key (kind api_key) into a signed context of at most 60 seconds.
Errors: ZF001 for a credential that is not good, ZF011 for a tenant that is not active.';
set local role none;
comment on function identity.revoke_sessions(person uuid) is 'Ends every session of a person, and by its trigger every context made from one. Returns how many.';
CREATE TRIGGER _950_follow_principal AFTER UPDATE OF scopes, status ON app.api_key FOR EACH ROW WHEN (((new.scopes <> old.scopes) OR (new.status <> old.status))) EXECUTE FUNCTION identity.follow_principal('api_key');
grant select (tenant_id, id, name, prefix, scopes, status, expires_at, version, created_at, updated_at) on app.api_key to freehold_user;
grant select on identity.api_key_secret to freehold_resolver;
grant update (name, version) on app.api_key to freehold_user;
create or replace function app.create_api_key(name text, scopes text[], expires_at timestamptz default null)
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
  insert into app.api_key (name, prefix, scopes, expires_at)
  values (create_api_key.name, left(made.secret, 14), create_api_key.scopes, create_api_key.expires_at)
  returning * into key;
  insert into identity.api_key_secret (hash, tenant_id, api_key_id)
  values (sha256(convert_to(made.secret, 'UTF8')), key.tenant_id, key.id);
  made.id := key.id;
  return made;
end
$$;
alter function app.create_api_key(name text, scopes text[], expires_at timestamp with time zone) owner to freehold_owner;
grant execute on function app.create_api_key(name text, scopes text[], expires_at timestamp with time zone) to freehold_user;
comment on function app.create_api_key(name text, scopes text[], expires_at timestamp with time zone) is 'Makes an API key with some of your own permissions. The secret is in this answer and nowhere else. Event: api_key.created.';
alter table identity.api_key_secret drop column last_used_at;
