--! Previous: sha1:b356e2343ee8c94bc0df6ff6aac34beea843468e
--! Hash: sha1:e9eb33b49eb504e8798bf3396866a2add01927c6
--! Message: identity

-- Access tokens of any issuer: which tenant an organization is, and from when on a person's tokens count.

alter table identity.login add column sessions_valid_after timestamptz;
comment on column identity.login.sessions_valid_after is 'Tokens from before are refused: the person was signed out everywhere.';

create table identity.organization (
  issuer text not null check (length(issuer) between 1 and 500),
  organization text not null check (length(organization) between 1 and 200),
  tenant_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (issuer, organization)
);
create index organization_tenant on identity.organization (tenant_id);
comment on table identity.organization is 'Which tenant an issuer of tokens means by an organization. Global because the tenant is not known before.';

alter table identity.api_key_secret add column last_used_at timestamptz;
comment on column identity.api_key_secret.last_used_at is 'When it last opened something, to the minute; null for never.';
alter table app.api_key add column allowed_networks cidr[] not null default '{}' check (cardinality(allowed_networks) <= 50 and array_position(allowed_networks, null) is null);
drop function app.create_api_key(text, text[], timestamptz);

--! Included platform/errors.sql
-- The one list of errors. Classes that begin with I to Z are left to applications by the SQL standard,
-- and PostgreSQL uses none that begin with Z: ours are ZFnnn and can collide with neither.

insert into platform.error (sqlstate, code, http_status, message, remedy)
values
  ('ZF001', 'unauthenticated', 401, 'No valid credential came with the request.', 'Send an API key or a session.'),
  ('ZF002', 'context_expired', 401, 'The credential was revoked, changed or has expired.', 'Authenticate again.'),
  ('ZF003', 'permission_denied', 403, 'You may not do this.', 'Ask an owner for the permission that the detail names.'),
  ('ZF004', 'not_found', 404, 'There is no such resource.', 'Check the id; it may belong to another tenant or be deleted.'),
  ('ZF005', 'illegal_transition', 409, 'The resource is not in a state that allows this.', 'Use one of the transitions that the detail lists.'),
  ('ZF006', 'stale_version', 409, 'The resource was changed by somebody else.', 'Read it again and repeat with its current version.'),
  ('ZF007', 'plan_limit_reached', 403, 'The limit of the plan is reached.', 'Upgrade the subscription, or free what the detail names.'),
  ('ZF008', 'immutable', 409, 'This can no longer be changed.', 'Create a new one, or correct it as the detail says.'),
  ('ZF009', 'last_owner', 409, 'A tenant keeps at least one active owner.', 'Make somebody else an owner first.'),
  ('ZF010', 'invalid_argument', 422, 'An argument is not acceptable.', 'Correct the argument that the detail names.'),
  ('ZF011', 'tenant_not_active', 403, 'The tenant is not active.', 'Contact support to reactivate it.'),
  ('ZF012', 'append_only', 409, 'Events are never changed or deleted.', 'Record a new event.'),
  ('ZF013', 'invalid_declaration', 500, 'A declaration is not acceptable.', 'Correct the declaration as the detail says.'),
  ('ZF014', 'feature_not_in_plan', 403, 'The plan does not include this feature.', 'Upgrade to a plan that includes it.'),
  ('ZF015', 'wrong_plan_direction', 409, 'The plan is not in that direction.', 'Use the verb that the detail names.'),
  ('ZF016', 'identity_unavailable', 503, 'Who issued the token cannot be asked for its keys.', 'Repeat the request later.'),
  ('22000', 'invalid_input', 400, 'A value is not acceptable.', 'Correct the value.'),
  ('22001', 'value_too_long', 400, 'A value is too long.', 'Shorten it.'),
  ('22003', 'value_out_of_range', 400, 'A number is out of range.', 'Send a number within the range of its type.'),
  ('22007', 'invalid_input', 400, 'A date or time is not well formed.', 'Send ISO 8601.'),
  ('22008', 'value_out_of_range', 400, 'A date or time is out of range.', 'Send a date that exists.'),
  ('22021', 'invalid_input', 400, 'A text holds a character that cannot be stored.', 'Remove the NUL character.'),
  ('22023', 'invalid_input', 400, 'A value is not acceptable.', 'Correct the value.'),
  ('22P02', 'invalid_input', 400, 'A value is not well formed.', 'Send the type that the documentation names.'),
  ('22P05', 'invalid_input', 400, 'A text holds a character that cannot be stored.', 'Remove that character.'),
  ('23502', 'value_required', 422, 'A required value is missing.', 'Send the value.'),
  ('23503', 'reference_not_found', 422, 'A referenced resource does not exist.', 'Check the ids; they must be of your own tenant.'),
  ('23505', 'already_exists', 409, 'A resource with these values exists.', 'Use the existing one, or other values.'),
  ('23514', 'invalid_value', 422, 'A value breaks a rule of the resource.', 'Correct the value.'),
  ('23P01', 'already_exists', 409, 'A resource that excludes this one exists.', 'Use the existing one, or other values.'),
  ('40001', 'conflict_retry', 409, 'A concurrent change got in the way.', 'Repeat the request.'),
  ('40P01', 'conflict_retry', 409, 'A concurrent change got in the way.', 'Repeat the request.'),
  ('42501', 'permission_denied', 403, 'You may not do this.', 'Ask an owner for the permission.'),
  ('53300', 'overloaded', 503, 'The service is busy.', 'Repeat the request later.'),
  ('54000', 'too_large', 413, 'The request is too large.', 'Split the request.'),
  ('55P03', 'conflict_retry', 409, 'Somebody else holds the resource.', 'Repeat the request.'),
  ('57014', 'timeout', 504, 'The request took too long and was cancelled.', 'Ask for less at once.'),
  ('57P01', 'unavailable', 503, 'The database is restarting.', 'Repeat the request later.')
on conflict (sqlstate) do update
  set (code, http_status, message, remedy) = (excluded.code, excluded.http_status, excluded.message, excluded.remedy);

create or replace function platform.error_vocabulary()
returns setof platform.error
language sql
stable
security definer
set search_path = ''
rows 50
begin atomic
  select e.*
  from platform.error e
  order by e.sqlstate;
end;
comment on function platform.error_vocabulary() is 'The error vocabulary, for the processes that translate errors.';
grant execute on function platform.error_vocabulary() to freehold_app, freehold_gate, freehold_worker;
--! EndIncluded platform/errors.sql
--! Included platform/event_schemas.sql
-- The JSON Schema of what events carry, from the columns of a table and their comments.

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
  when type in ('text[]'::regtype, 'cidr[]'::regtype) then '{"type": "array", "items": {"type": "string"}}'
  when type = 'integer[]'::regtype then '{"type": "array", "items": {"type": "integer"}}'
  when type = 'jsonb'::regtype then '{}'
  else '{"type": "string"}'
end::jsonb;
comment on function platform.json_type(regtype) is 'How a column type appears in JSON, as JSON Schema.';

create or replace function platform.shown_columns(relation regclass, hidden text[])
returns table (name name, type regtype, required boolean, description text, states text[])
language plpgsql
stable
set search_path = ''
as $$
declare
  shown record;
begin
  for shown in
    select a.attname, a.atttypid::regtype as type, a.attnotnull,
      col_description(a.attrelid, a.attnum) as description,
      (select c.confrelid::regclass::text
       from pg_catalog.pg_constraint c
       where c.conrelid = a.attrelid and c.contype = 'f' and c.conkey = array[a.attnum]
         and exists (select from platform.entity e where e.kind = 'states' and e.relation = c.confrelid::regclass::text)
       limit 1) as state_table
    from pg_catalog.pg_attribute a
    where a.attrelid = relation
      and a.attnum > 0
      and not a.attisdropped
      and a.attname <> 'tenant_id'
      and a.attname <> all (hidden)
    order by a.attnum
  loop
    name := shown.attname;
    type := shown.type;
    required := shown.attnotnull;
    -- lines that begin with @ are smart tags, for GraphQL
    description := nullif(regexp_replace(coalesce(shown.description, ''), '(^|\n)@[^\n]*', '', 'g'), '');
    states := null;
    if shown.state_table is not null then
      execute format('select array_agg(value order by value) from %s', shown.state_table) into states;
    end if;
    return next;
  end loop;
end
$$;
comment on function platform.shown_columns(regclass, text[]) is
  'The columns of a table that may leave it, in order: what events, schemas and grants have in common.';

create or replace function platform.column_tag(relation regclass, named name, tag text)
returns text
language sql
stable
set search_path = ''
return (
  select trim(substring(col_description(a.attrelid, a.attnum) from format('(?:^|\n)@%s +([^\n]+)', tag)))
  from pg_catalog.pg_attribute a
  where a.attrelid = relation and a.attname = named);
comment on function platform.column_tag(regclass, name, text) is
  'What a column''s comment says in a line "@tag ...": @format email, @example ada@example.com.';

create or replace function platform.property_of(relation regclass, named name, type regtype, required boolean, description text, states text[])
returns jsonb
language sql
stable
set search_path = ''
begin atomic
  with told as (
    select
      case when states is null then platform.json_type(type) else jsonb_build_object('type', 'string', 'enum', to_jsonb(states)) end as schema,
      platform.column_tag(relation, named, 'format') as format,
      platform.column_tag(relation, named, 'example') as example
  )
  select t.schema
    || case when required or not t.schema ? 'type' then '{}' else jsonb_build_object('type', jsonb_build_array(t.schema -> 'type', 'null')) end
    || case when required or not t.schema ? 'enum' then '{}' else jsonb_build_object('enum', (t.schema -> 'enum') || 'null') end
    || jsonb_strip_nulls(jsonb_build_object('format', coalesce(t.format, t.schema ->> 'format'), 'description', trim(E'\n ' from description)))
    || case
      when t.example is null then '{}'
      when t.schema ->> 'type' = 'string' then jsonb_build_object('examples', jsonb_build_array(t.example))
      else jsonb_build_object('examples', jsonb_build_array(t.example::jsonb))
    end
  from told t;
end;
comment on function platform.property_of(regclass, name, regtype, boolean, text, text[]) is
  'JSON Schema of one column, as platform.shown_columns tells it. Its comment is the description; lines "@format" and "@example" say what the type does not.';

create or replace function platform.schema_of(relation regclass, hidden text[])
returns jsonb
language sql
stable
set search_path = ''
begin atomic
  select jsonb_build_object(
      '$schema', 'https://json-schema.org/draft/2020-12/schema',
      -- what generators of code name the type by
      'title', (select t.relname from pg_catalog.pg_class t where t.oid = relation),
      'type', 'object',
      'properties', jsonb_object_agg(c.name, platform.property_of(relation, c.name, c.type, c.required, c.description, c.states)),
      'required', jsonb_agg(c.name),
      'additionalProperties', true)
    || jsonb_strip_nulls(jsonb_build_object('description',
      nullif(trim(E'\n ' from regexp_replace(obj_description(relation, 'pg_class'), '(^|\n)@[^\n]*', '', 'g')), '')))
  from platform.shown_columns(relation, hidden) c;
end;
comment on function platform.schema_of(regclass, text[]) is 'JSON Schema (2020-12) of an entity as its events show it. "required" has the columns in their order.';
--! EndIncluded platform/event_schemas.sql
--! Included identity/principal.sql
-- Principals follow members and keys. Raising a version here is what ends a context everywhere, on its next statement.

create or replace function identity.follow_principal()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    perform platform.add_principal(new.tenant_id, new.id, tg_argv[0]);
    return null;
  end if;
  update identity.principal p
  set version = p.version + 1
  where p.tenant_id = new.tenant_id
    and p.id = new.id;
  return null;
end
$$;
comment on function identity.follow_principal() is
  'Trigger: a member or key is a principal; what changes its state, role or scopes ends the contexts minted before.';

create or replace function identity.follow_tenant()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update identity.principal p
  set version = p.version + 1
  where p.tenant_id = new.tenant_id
    and p.kind <> 'system';
  return null;
end
$$;
comment on function identity.follow_tenant() is 'Trigger: a tenant that changes its state ends the contexts of all its members and keys.';

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
  -- tokens of an issuer are in no table: those from before are refused
  update identity.login l
  set sessions_valid_after = statement_timestamp()
  where l.person_id = person;
  return revoked;
end
$$;
comment on function identity.revoke_sessions(uuid) is 'Ends every session of a person, every token issued before, and by their triggers every context made from either. Returns how many sessions.';

create or replace function identity.follow_session()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update identity.principal p
  set version = p.version + 1
  where (p.tenant_id, p.id) in (
    select m.tenant_id, m.principal_id
    from identity.person_principal m
    where m.person_id = new.person_id);
  return null;
end
$$;
comment on function identity.follow_session() is 'Trigger: a revoked session, or a login whose tokens were ended, ends the contexts of its person in every tenant; other sessions resolve again.';

create or replace trigger _100_follow_session
  after update of revoked_at on identity.session
  for each row
  when (new.revoked_at is not null and old.revoked_at is null)
  execute function identity.follow_session();

create or replace trigger _100_follow_login
  after update of sessions_valid_after on identity.login
  for each row
  when (new.sessions_valid_after is distinct from old.sessions_valid_after)
  execute function identity.follow_session();
--! EndIncluded identity/principal.sql
--! Included identity/organization.sql
-- Which tenant an issuer means by an organization.

create or replace function platform.link_organization(issuer text, organization text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform platform.require(null);
  insert into identity.organization as o (issuer, organization, tenant_id)
  select link_organization.issuer, link_organization.organization, v.tenant_id
  from platform.verified_context v
  where v.actor_type = 'system'
  on conflict on constraint organization_pkey do update
    set tenant_id = excluded.tenant_id
    where o.tenant_id = excluded.tenant_id;
  if not found then
    raise exception using
      errcode = '23505',
      message = 'the organization belongs to another tenant',
      detail = format('organization %s of %s', link_organization.organization, link_organization.issuer);
  end if;
end
$$;
comment on function platform.link_organization(text, text) is
  'Tokens of this issuer that name this organization are of the tenant that the transaction has entered as the system. Errors: 23505 when they are of another.';
grant execute on function platform.link_organization(text, text) to freehold_worker;
--! EndIncluded identity/organization.sql
--! Included api_key/api_key.sql
-- API keys: shown once, kept as a hash outside the tenant's reach.

comment on table app.api_key is 'A key that opens the API with its own permissions.';
comment on column app.api_key.name is E'@example Nightly import\nWhat it is for, 1 to 200 characters.';
comment on column app.api_key.prefix is E'@example fh_live_a1b2c3\nThe beginning of the key, to tell keys apart.';
comment on column app.api_key.scopes is E'@example ["project:read"]\nPermissions of the key, such as project:read.';
comment on column app.api_key.allowed_networks is E'@example ["203.0.113.0/24"]\nWhere it may be used from, in CIDR notation; empty for anywhere.';
comment on column app.api_key.expires_at is 'When it ends by itself; null for never.';

select platform.declare_entity(
  'app.api_key',
  permissions => '{"read": "admin", "create": "admin", "update": "admin", "revoke": "admin", "expire": []}',
  lifecycle => '{
    "initial": "active",
    "transitions": {
      "revoke": {"from": ["active"], "to": "revoked", "event": "api_key.revoked",
        "description": "Ends a key from its next use on."},
      "expire": {"from": ["active"], "to": "expired", "event": "api_key.expired"}
    }
  }',
  events => '{"descriptions": {
    "api_key.created": "An API key was made. Its secret is in no event.",
    "api_key.updated": "An API key was given another name, other networks, or, when it was rotated, an end.",
    "api_key.revoked": "An API key was revoked, and opens nothing from its next use on.",
    "api_key.expired": "The time of an API key is over, and it opens nothing any more."
  }}',
  creatable => '{}',
  editable => '{name, allowed_networks}',
  due => '{"expire": {"column": "expires_at", "states": ["active"]}}',
  across => '{"freehold_resolver": ["select"]}'
);

create or replace trigger _700_follow_principal
  after insert on app.api_key
  for each row execute function identity.follow_principal('api_key');
-- after the record, which verifies the context of the caller: a key may revoke itself
create or replace trigger _950_follow_principal
  after update of scopes, status, allowed_networks on app.api_key
  for each row
  when (new.scopes <> old.scopes or new.status <> old.status or new.allowed_networks <> old.allowed_networks)
  execute function identity.follow_principal('api_key');

create or replace trigger _800_check_count
  after insert on app.api_key
  for each row execute function platform.check_count('200', '{active}');

do $$
begin
  if to_regtype('app.created_api_key') is null then
    create type app.created_api_key as (id uuid, secret text);
  end if;
end
$$;
comment on type app.created_api_key is 'The id of a new API key, and its secret, which is shown this once.';

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
comment on function app.create_api_key(text, text[], timestamptz, cidr[]) is
  'Makes an API key with some of your own permissions, good from anywhere or from those networks alone. The secret is in this answer and nowhere else.
Event: api_key.created.';
grant execute on function app.create_api_key(text, text[], timestamptz, cidr[]) to freehold_user;

create or replace function app.rotate_api_key(id uuid, grace_hours integer default 24, expires_at timestamptz default null)
returns app.created_api_key
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  former app.api_key;
  made app.created_api_key;
begin
  perform platform.require('api_key:create');
  if coalesce(grace_hours not between 0 and 168, true) then
    raise exception using
      errcode = 'ZF010', message = 'graceHours is 0 to 168', detail = 'For that long both keys are good: long enough to bring the new one to where it is used.';
  end if;
  select *
  into former
  from app.api_key
  where tenant_id = platform.tenant_id()
    and id = rotate_api_key.id
  for no key update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such api_key', detail = format('api_key %s', rotate_api_key.id);
  end if;
  if former.status <> 'active' or former.expires_at <= statement_timestamp() then
    raise exception using
      errcode = 'ZF005', message = 'only an active key is rotated', detail = format('It is %s. Create a new one.', former.status);
  end if;
  made := app.create_api_key(former.name, former.scopes, coalesce(rotate_api_key.expires_at, former.expires_at), former.allowed_networks);
  if grace_hours = 0 then
    perform app.revoke_api_key(former.id);
  else
    update app.api_key
    set expires_at = statement_timestamp() + make_interval(hours => grace_hours)
    where tenant_id = former.tenant_id
      and id = former.id
      and (expires_at is null or expires_at > statement_timestamp() + make_interval(hours => grace_hours));
  end if;
  return made;
end
$$;
comment on function app.rotate_api_key(uuid, integer, timestamptz) is
  'Makes a key like this one, with a new secret, which is in this answer and nowhere else. The former is good for graceHours more (0 to 168, default 24), or no more at once. The new one
ends at expiresAt, or else when the former would have. Events: api_key.created, api_key.updated or api_key.revoked. Errors: ZF003 when the key holds what you do not, ZF004, ZF005, ZF010.';
grant execute on function app.rotate_api_key(uuid, integer, timestamptz) to freehold_user;

create or replace function app.api_key_last_used_at(key app.api_key)
returns timestamptz
language sql
stable
security definer
set search_path = ''
begin atomic
  select s.last_used_at
  from identity.api_key_secret s
  join platform.verified_context v on v.tenant_id = s.tenant_id
  where s.api_key_id = key.id
    and platform.allows('api_key:read');
end;
comment on function app.api_key_last_used_at(app.api_key) is 'When it last opened the API, to the minute; null for never.';
grant execute on function app.api_key_last_used_at(app.api_key) to freehold_user;

create or replace function platform.key_prefix()
returns text
language sql
stable
set search_path = ''
return 'fh_' || coalesce(nullif(current_setting('freehold.key_mode', true), ''), 'test') || '_';
comment on function platform.key_prefix() is
  'fh_live_ where the database is told so (alter database ... set freehold.key_mode = ''live''), fh_test_ elsewhere.';
grant execute on function platform.key_prefix() to freehold_user;
--! EndIncluded api_key/api_key.sql
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
comment on function identity.write_resolve() is 'Writes identity.resolve as the resolver, which owns it.';

grant select on identity.session, identity.api_key_secret, identity.organization, identity.login to freehold_resolver;
-- for last_used_at
grant update on identity.api_key_secret to freehold_resolver;
select identity.write_resolve();
--! EndIncluded identity/resolve.sql
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
