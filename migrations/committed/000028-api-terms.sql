--! Previous: sha1:1428825a136ee03c844f7dd212b0484a66b894ea
--! Hash: sha1:e36ce15c5af75ab8ea0f31ffd711813c46be460b
--! Message: api terms

-- What the REST API keeps: answers under their idempotency keys, and on what terms a tenant calls it.

create table platform.idempotency_key (
  tenant_id uuid not null,
  key text not null check (length(key) between 1 and 255),
  route text not null,
  actor_id uuid,
  fingerprint text not null,
  answer text,
  version integer,
  resource_key text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, key, route)
);
create index idempotency_key_old on platform.idempotency_key (created_at);
comment on table platform.idempotency_key is 'What requests came to, by the key that their sender gave them: kept for 24 hours.';

-- Without a log: what is forgotten in a crash is how often somebody asked in the last minute.
create unlogged table platform.rate_limit (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);
create index rate_limit_expire on platform.rate_limit (expire);
comment on table platform.rate_limit is 'Requests in the current window by tenant and key, for servers that count together (RATE_LIMIT_STORE=postgres).';

alter table app.tenant add column allowed_origins text[] not null default '{}';

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
  ('ZF016', 'identity_unavailable', 503, 'The identity provider does not answer.', 'Repeat the request later.'),
  ('ZF017', 'not_a_member', 403, 'You are not an active member of this tenant.', 'Ask an owner for an invitation, or sign in to another organization.'),
  ('ZF018', 'refused_by_policy', 403, 'The security policy of the tenant does not allow this.', 'Come as it asks, or have an owner change what it asks.'),
  ('ZF019', 'request_in_progress', 409, 'A request with this idempotency key is under way.', 'Ask again in a moment: its answer is kept.'),
  ('ZF020', 'idempotency_key_reused', 422, 'This idempotency key was used for another request.', 'Give each request a key of its own, and repeat it as it was.'),
  ('ZF021', 'answered_before', 409, 'This request was answered before.', 'Its answer is kept for 24 hours.'),
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
--! Included platform/describe_api.sql
-- The contract as the gateway and the OpenAPI document read it: everything from the catalog, so that what is described is what is there.

create or replace function platform.api_versions()
returns table (schema name, version date, deprecated_on date, sunset_on date, description text)
language sql
stable
set search_path = ''
begin atomic
  select n.nspname,
    substring(d.told from '(?:^|\n)@version +(\S+)')::date,
    substring(d.told from '(?:^|\n)@deprecated +(\S+)')::date,
    substring(d.told from '(?:^|\n)@sunset +(\S+)')::date,
    nullif(btrim(regexp_replace(d.told, '(^|\n)@[^\n]*', '', 'g'), E'\n '), '')
  from pg_catalog.pg_namespace n
  cross join lateral (select coalesce(obj_description(n.oid, 'pg_namespace'), '') as told) d
  where n.nspname ~ '^api_v1(_\d{8})?$'
  order by 2 desc;
end;
comment on function platform.api_versions() is
  'The versions of the contract, newest first. Schema api_v1 is the newest; an older one has only what differed then, and is otherwise as the next newer.
Its comment says "@version 2026-06-01", and when it ends "@deprecated" and "@sunset".';

create or replace function platform.described_type(type oid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  kind pg_catalog.pg_type;
  relation pg_catalog.pg_class;
  attributes jsonb;
  resource text;
  paged text;
begin
  select t.* into strict kind from pg_catalog.pg_type t where t.oid = described_type.type;
  select c.* into relation from pg_catalog.pg_class c where c.oid = kind.typrelid;
  if relation.relkind = 'v' then
    return jsonb_build_object('resource', relation.relname);
  elsif relation.relkind is null then
    return jsonb_build_object('value', platform.value_schema(kind.oid::regtype));
  end if;
  select jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, null), 'schema',
      platform.value_schema(a.atttypid::regtype)
        || case when col_description(a.attrelid, a.attnum) ~ '(^|\n)@required' then '{}'
          else jsonb_build_object('type', jsonb_build_array(platform.value_schema(a.atttypid::regtype) -> 'type', 'null')) end
        || jsonb_strip_nulls(jsonb_build_object('description',
          nullif(btrim(regexp_replace(coalesce(col_description(a.attrelid, a.attnum), ''), '(^|\n)@[^\n]*', '', 'g'), E'\n '), ''))))
      order by a.attnum) filter (where a.attname not in ('id', 'resource', 'data', 'has_more', 'next')),
    max(r.relname) filter (where a.attname = 'resource'),
    max(e.typrelid::regclass::text) filter (where a.attname = 'data')
  into attributes, resource, paged
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_type t on t.oid = a.atttypid
  left join pg_catalog.pg_class r on r.oid = t.typrelid
  left join pg_catalog.pg_type e on e.oid = t.typelem
  where a.attrelid = kind.typrelid and a.attnum > 0 and not a.attisdropped;
  return jsonb_strip_nulls(jsonb_build_object(
    'resource', resource,
    'page', split_part(paged, '.', 2),
    'name', relation.relname,
    'description', obj_description(kind.oid, 'pg_type'),
    'also', attributes));
end
$$;
comment on function platform.described_type(oid) is
  'What a function of the contract returns: {"resource": "projects"}, or a page of one ("page"), with what stands beside it ("also"); or {"value": schema}.';

create or replace function platform.described_functions(schema name)
returns jsonb
language sql
stable
set search_path = ''
begin atomic
  select coalesce(jsonb_agg(jsonb_build_object(
      'name', p.proname,
      'schema', described_functions.schema,
      'method', route.m[1],
      'path', route.m[2],
      'reads', p.provolatile <> 'v',
      'deprecated', obj_description(p.oid, 'pg_proc') ~ '(^|\n)@deprecated',
      'description', nullif(btrim(regexp_replace(obj_description(p.oid, 'pg_proc'), '(^|\n)@[^\n]*', '', 'g'), E'\n '), ''),
      'returns', platform.described_type(p.prorettype),
      'arguments', (
        select coalesce(jsonb_agg(jsonb_build_object(
            'name', a.name, 'type', format_type(a.type, null),
            'required', n <= p.pronargs - p.pronargdefaults,
            'schema', platform.value_schema(a.type::regtype),
            'description', substring(obj_description(p.oid, 'pg_proc') from format('(?:^|\n)@argument +%s +([^\n]+)', a.name))
          ) order by n), '[]')
        from unnest(p.proargnames[1:p.pronargs], p.proargtypes::oid[]) with ordinality a (name, type, n))
      ) order by route.m[2], route.m[1]), '[]')
  from pg_catalog.pg_proc p
  cross join lateral regexp_match(obj_description(p.oid, 'pg_proc'), '(?:^|\n)@route +(GET|POST|PUT|PATCH|DELETE) +/?(\S+)') route (m)
  where p.pronamespace = (select n.oid from pg_catalog.pg_namespace n where n.nspname = described_functions.schema)
    and has_function_privilege('freehold_user', p.oid, 'execute');
end;
comment on function platform.described_functions(name) is 'The functions of a schema of the contract that say a route.';

create or replace function platform.described_resources(schema name)
returns jsonb
language sql
stable
set search_path = ''
begin atomic
  select coalesce(jsonb_agg(jsonb_build_object(
      'name', v.relname,
      'schema', described_resources.schema,
      'title', platform.contract_title(v.oid::regclass::text),
      'description', nullif(btrim(regexp_replace(coalesce(obj_description(v.oid, 'pg_class'), ''), '(^|\n)@[^\n]*', '', 'g'), E'\n '), ''),
      'entity', e.name,
      'permissions', coalesce(e.declaration -> 'permissions', '{}'),
      'if_match', coalesce(e.declaration #>> '{resource,if_match}' = 'required', false),
      'key', case
        when substring(obj_description(v.oid, 'pg_class') from '(?:^|\n)@primaryKey +(\S+)') is not null
          then to_jsonb(string_to_array(substring(obj_description(v.oid, 'pg_class') from '(?:^|\n)@primaryKey +(\S+)'), ','))
        else '["id"]' end,
      'columns', columns.list,
      'references', (
        select coalesce(jsonb_agg(jsonb_build_object('name', r.name, 'column', r.column_name, 'resource', target.name, 'reverse', r.reverse_name)
          order by r.name), '[]')
        from platform.contract_references(v.oid::regclass) r
        join platform.entity t on t.relation = r.target::text
        cross join lateral (select split_part(platform.contract_view(t.name), '.', 2) as name) target
        where target.name is not null),
      'constraints', (
        select coalesce(jsonb_object_agg(c.conname, (
          select jsonb_agg(b.attname order by k.n)
          from unnest(c.conkey) with ordinality k (number, n)
          join pg_catalog.pg_attribute b on b.attrelid = c.conrelid and b.attnum = k.number
          where b.attname <> 'tenant_id')), '{}')
        from pg_catalog.pg_constraint c
        where c.conrelid = e.relation::regclass
          and c.contype in ('c', 'f', 'u'))
      ) order by v.relname), '[]')
  from pg_catalog.pg_class v
  left join platform.entity e on platform.contract_view(e.name) = 'api_v1.' || quote_ident(v.relname)
  cross join lateral (
    select jsonb_agg(jsonb_build_object(
      'name', c.name, 'type', c.type::text, 'required', coalesce(c.required, false), 'default', coalesce(c.has_default, false),
      'filter', coalesce(c.filterable, false), 'sort', coalesce(c.sortable, false),
      'create', c.creatable, 'edit', c.editable, 'schema', platform.contract_property(v.oid::regclass, c)) order by c.number) as list
    from platform.contract_columns(v.oid::regclass) c
  ) columns
  where v.relnamespace = (select n.oid from pg_catalog.pg_namespace n where n.nspname = described_resources.schema)
    and v.relkind = 'v'
    and has_any_column_privilege('freehold_user', v.oid, 'select');
end;
comment on function platform.described_resources(name) is 'The views of a schema of the contract, with all that follows from the tables behind them.';

create or replace function platform.describe_api()
returns jsonb
language sql
stable
security definer
set search_path = ''
begin atomic
  select jsonb_build_object(
    'versions', (
      select jsonb_agg(jsonb_build_object(
        'version', v.version, 'schema', v.schema, 'deprecated_on', v.deprecated_on, 'sunset_on', v.sunset_on, 'description', v.description,
        'resources', platform.described_resources(v.schema), 'functions', platform.described_functions(v.schema)) order by v.version desc)
      from platform.api_versions() v),
    'event_types', (
      select jsonb_agg(jsonb_build_object('type', t.type, 'entity', t.entity, 'description', t.description, 'schema', t.schema) order by t.type)
      from catalog.event_type t));
end;
comment on function platform.describe_api() is
  'The whole contract, for the gateway at start and for the OpenAPI document: its versions, newest first, and the types of events.';
grant execute on function platform.describe_api() to freehold_app;
--! EndIncluded platform/describe_api.sql
--! Included platform/declare.sql
-- The one idea: declare an entity once, and the rest follows. Every function here may run again after a change.

create or replace function platform.declare_states(relation text, states jsonb)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  entity text := regexp_replace(split_part(relation, '.', 2), '_status$', '');
begin
  execute format('create table if not exists %s (value text primary key, description text not null)', relation);
  execute format('insert into %s (value, description)
    select key, value from jsonb_each_text($1)
    on conflict (value) do update set description = excluded.description
    where %s.description is distinct from excluded.description', relation, relation::regclass) using states;
  begin
    execute format('delete from %s where value <> all (array(select jsonb_object_keys($1)))', relation) using states;
  exception when foreign_key_violation then
    raise exception using
      errcode = 'ZF013',
      message = format('a state that %s no longer has is in use', relation),
      detail = 'Take its rows to another state first, in the same migration.';
  end;
  execute format('comment on table %s is %L', relation, format(E'@enum\n@reference\nStates of a %s.', replace(entity, '_', ' ')));
  execute format('grant select on %s to freehold_user, freehold_worker', relation);
  insert into platform.entity (name, relation, kind, declaration)
  values (split_part(relation, '.', 2), relation, 'states', states)
  on conflict (name) do update
    set declaration = excluded.declaration;
end
$$;
comment on function platform.declare_states(text, jsonb) is
  'Makes the state table of an entity: {"active": "In use."}. A table, not a PostgreSQL enum: enum_eq is not leakproof,
so under row-level security an index on it is not used (100 to 200 times slower).';

create or replace function platform.grant_columns(relation regclass, privilege text, columns name[])
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  if columns <> '{}' then
    execute format('grant %s (%s) on %s to freehold_user', privilege,
      (select string_agg(quote_ident(c), ', ') from unnest(columns) c), relation);
  end if;
end
$$;
comment on function platform.grant_columns(regclass, text, name[]) is 'Grants a privilege on the listed columns to the request role.';

create or replace function platform.describe_columns(relation regclass)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  told record;
begin
  for told in
    select a.attname, d.description
    from (values
      ('id', 'Identifier.'),
      ('status', 'State in its lifecycle.'),
      ('version', 'Counts its changes, from 1: the version to expect when changing it.'),
      ('created_at', 'When it was created.'),
      ('updated_at', 'When it was last changed.')
    ) d (name, description)
    join pg_catalog.pg_attribute a on a.attrelid = relation and a.attname = d.name
    where col_description(a.attrelid, a.attnum) is null
  loop
    execute format('comment on column %s.%I is %L', relation, told.attname, told.description);
  end loop;
end
$$;
comment on function platform.describe_columns(regclass) is 'Comments the columns that most tables have, where they have no comment of their own.';

create or replace function platform.write_permissions(entity text, permissions jsonb, sentence text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  verb record;
begin
  delete from platform.role_permission rp
  using platform.permission p
  where rp.permission = p.key
    and p.entity = write_permissions.entity;
  delete from platform.permission p
  where p.entity = write_permissions.entity
    and not permissions ? split_part(p.key, ':', 2);
  for verb in select key as name, value as roles from jsonb_each(permissions) loop
    -- not "on conflict": it would spend a number each time, and claims are as long as the numbers are high
    insert into platform.permission (key, entity, description)
    select entity || ':' || verb.name, entity, format(sentence, replace(verb.name, '_', ' '), replace(entity, '_', ' '))
    where not exists (select from platform.permission p where p.key = write_permissions.entity || ':' || verb.name);
    insert into platform.role_permission (role, permission)
    select r, entity || ':' || verb.name
    from jsonb_array_elements_text(case jsonb_typeof(verb.roles) when 'array' then verb.roles else jsonb_build_array(verb.roles) end) r;
  end loop;
end
$$;
comment on function platform.write_permissions(text, jsonb, text) is
  'Writes who may do what: {"read": "viewer", "pay": ["billing"], "expire": []}. An empty list leaves a verb to the system.';

create or replace function platform.declare_record(
  relation regclass,
  permissions jsonb default '{}',
  hidden text[] default '{}',
  across jsonb default '{}',
  retained boolean default false,
  resource jsonb default null
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  entity_name text := (select c.relname from pg_catalog.pg_class c where c.oid = relation);
begin
  insert into platform.entity (name, relation, kind, declaration)
  values (entity_name, relation::text, 'record', jsonb_strip_nulls(jsonb_build_object(
    'permissions', permissions, 'hidden', hidden, 'across', across, 'retained', retained, 'resource', resource)))
  on conflict (name) do update
    set declaration = excluded.declaration;
  perform platform.describe_columns(relation);
  perform platform.write_permissions(entity_name, permissions, 'May %s %s rows.');
  update platform.entity e set policies = platform.write_policies(entity_name) where e.name = entity_name;
  perform platform.hide_statistics(relation);
  execute format('revoke all on %s from public, freehold_user', relation);
  perform platform.grant_columns(relation, 'select',
    array(select 'tenant_id'::name union all select c.name from platform.shown_columns(relation, hidden) c));
  update platform.entity e set grants = platform.grants_of(e.relation::regclass) where e.name = entity_name;
  -- it fires when tenant_id is named in the SET list, so it costs other updates nothing
  execute format('create or replace trigger _100_keep_tenant before update of tenant_id on %s for each row execute function platform.keep_tenant()',
    relation);
  perform platform.write_contract(entity_name);
end
$$;
comment on function platform.declare_record(regclass, jsonb, text[], jsonb, boolean, jsonb) is
  'Declares a tenant table that the platform or an entity''s functions write and the tenant only reads: no lifecycle, no events of its own.
across:   narrow roles and their commands over all tenants.
retained: requests see as far back as the plan''s retention_days.
resource: {} or {"name": ...} to show it in the public contract, as platform.declare_entity has it; not shown when null.';

create or replace function platform.declare_entity(
  relation regclass,
  permissions jsonb,
  lifecycle jsonb default null,
  events jsonb default '{}',
  hidden text[] default '{}',
  creatable text[] default null,
  editable text[] default null,
  limited_by jsonb default null,
  due jsonb default '{}',
  tasks jsonb default '{}',
  across jsonb default '{}',
  channel text default null,
  resource jsonb default '{}'
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  entity_name text := (select c.relname from pg_catalog.pg_class c where c.oid = relation);
  writable name[];
  shown name[] := array(select c.name from platform.shown_columns(relation, hidden) c);
begin
  perform platform.check_declaration(relation, permissions, lifecycle, hidden, creatable, editable, due, events, limited_by, tasks);
  perform platform.drop_transitions(entity_name, lifecycle);
  perform platform.describe_columns(relation);
  writable := array(
    select a.attname
    from pg_catalog.pg_attribute a
    where a.attrelid = relation
      and a.attname = any (shown)
      and a.attgenerated = ''
      and a.attname <> all ('{id,status,version,created_at,updated_at}'));
  events := jsonb_build_object('created', entity_name || '.created', 'updated', entity_name || '.updated', 'changed', '[]'::jsonb) || events;
  -- the janitor finds what is due in all tenants
  across := across || jsonb_build_object('freehold_janitor', jsonb_build_array('select'));

  insert into platform.entity (name, relation, kind, declaration)
  values (entity_name, relation::text, 'entity', jsonb_strip_nulls(jsonb_build_object(
    'permissions', permissions, 'lifecycle', lifecycle, 'events', events, 'hidden', hidden, 'limit', limited_by,
    'due', due, 'tasks', tasks, 'across', across, 'channel', channel, 'concealed', lifecycle -> 'concealed', 'resource', resource)))
  on conflict (name) do update
    set declaration = excluded.declaration;

  delete from platform.transition t where t.entity = entity_name;
  insert into platform.transition (entity, name, from_state, to_state, event)
  select entity_name, t.key, f, t.value ->> 'to', coalesce(t.value ->> 'event', entity_name || '.' || (t.value ->> 'to'))
  from jsonb_each(lifecycle -> 'transitions') t,
    jsonb_array_elements_text(t.value -> 'from') f;

  perform platform.write_permissions(entity_name, permissions, 'May %s one %s.');
  perform platform.write_event_types(entity_name);
  update platform.entity e set policies = platform.write_policies(entity_name) where e.name = entity_name;
  perform platform.hide_statistics(relation);
  perform platform.write_guard(entity_name);
  perform platform.write_transitions(entity_name);
  perform platform.write_record(entity_name);
  perform platform.write_limit(entity_name);
  perform platform.write_due(entity_name);

  execute format('revoke all on %s from public, freehold_user', relation);
  -- revoking the table privilege takes the column privileges with it
  perform platform.grant_columns(relation, 'select', 'tenant_id'::name || shown);
  if permissions ? 'create' then
    perform platform.grant_columns(relation, 'insert', coalesce(creatable::name[], writable));
  end if;
  if permissions ? 'update' then
    perform platform.grant_columns(relation, 'update', coalesce(editable::name[], writable) || 'version'::name);
  end if;
  update platform.entity e set grants = platform.grants_of(e.relation::regclass) where e.name = entity_name;
  perform platform.write_contract(entity_name);
end
$$;
comment on function platform.declare_entity(regclass, jsonb, jsonb, jsonb, text[], text[], text[], jsonb, jsonb, jsonb, jsonb, text, jsonb) is
  'Declares an entity of the domain. See docs/extending.md.
permissions: {"read": "viewer", "create": "member", "archive": ["admin"]}, a role or roles for each command and verb; [] is the system alone.
lifecycle:   {"initial": "active", "concealed": ["deleted"], "transitions": {"archive": {"from": ["active"], "to": "archived", "event": "project.archived"}}}.
events:      {"created": ..., "updated": ..., "changed": [{"event": ..., "when": "new.role <> old.role"}]}, where names differ from entity.created and entity.updated;
             "descriptions": {"project.archived": "A project was put away."}, what receivers read of each.
hidden:      columns that never leave the table. creatable, editable: columns a request may set; all, when null.
limited_by:  {"entitlement": "projects", "counted": "new.status <> ''deleted''", "usage": "(select count(*) ...)"}.
due:         {"expire": {"column": "expires_at", "states": ["pending"]}}, what the worker does when the time has come.
tasks:       {"report.requested": "export_report"}, internal subscribers of its events and of those that platform.declare_event gave it before.
across:      {"freehold_resolver": ["select"]}, narrow roles and their commands over all tenants.
channel:     SQL over new that gives the channel of its events besides entity:id, such as ''project:'' || new.project_id; webhook endpoints filter by it.
resource:    how the public contract shows it: {"name": "members"}, where it is not the plural of the entity; {"if_match": "required"}, for changes that must say
             which version they are of; {"omit": ["xid"]}, for columns that it does without; {"handwritten": true}, for a view that the entity''s folder writes. Null keeps it out of the contract.
Errors: ZF013 with what to correct.';
--! EndIncluded platform/declare.sql
--! Included plan/plans.sql
-- What is sold. Change it here: the entitlements hold from the next statement on.

comment on table catalog.plan is E'@reference\nA plan that a tenant can subscribe to.';
comment on constraint plan_rank_key on catalog.plan is '@behavior -single';
comment on column catalog.plan.rank is 'Plans of higher rank are upgrades.';
comment on column catalog.plan.monthly_price is 'Price of a month in minor units of the currency.';
comment on table catalog.plan_entitlement is E'@reference\nWhat a plan allows: a number, 1 for a feature that is included, null for no limit.';
comment on column catalog.plan_entitlement.value is 'The limit; null for none.';
grant select on catalog.plan, catalog.plan_entitlement to freehold_user;

insert into catalog.plan (key, name, description, rank, currency, monthly_price, trial_days)
values
  ('free', 'Free', 'To try it out.', 0, 'EUR', 0, 0),
  ('team', 'Team', 'For one team.', 10, 'EUR', 4900, 14),
  ('business', 'Business', 'For several teams, with reports and single sign-on.', 20, 'EUR', 19900, 14),
  ('enterprise', 'Enterprise', 'Without limits.', 30, 'EUR', 99900, 30)
on conflict (key) do update
  set (name, description, rank, currency, monthly_price, trial_days)
    = (excluded.name, excluded.description, excluded.rank, excluded.currency, excluded.monthly_price, excluded.trial_days);

insert into catalog.plan_entitlement (plan, key, value)
values
  ('free', 'seats', 3), ('free', 'projects', 3), ('free', 'retention_days', 30), ('free', 'reports', 0), ('free', 'sso', 0),
  ('team', 'seats', 10), ('team', 'projects', 25), ('team', 'retention_days', 90), ('team', 'reports', 1), ('team', 'sso', 0),
  ('business', 'seats', 100), ('business', 'projects', 500), ('business', 'retention_days', 365), ('business', 'reports', 1), ('business', 'sso', 1),
  ('enterprise', 'seats', null), ('enterprise', 'projects', null), ('enterprise', 'retention_days', 2555), ('enterprise', 'reports', 1), ('enterprise', 'sso', 1),
  -- requests in a minute: of the tenant, and of each of its keys
  ('free', 'api_requests', 300), ('free', 'api_key_requests', 120), ('team', 'api_requests', 1200), ('team', 'api_key_requests', 600),
  ('business', 'api_requests', 6000), ('business', 'api_key_requests', 3000), ('enterprise', 'api_requests', null), ('enterprise', 'api_key_requests', null)
on conflict (plan, key) do update
  set value = excluded.value;
--! EndIncluded plan/plans.sql
--! Included api/idempotency.sql
-- Idempotency keys: a request that is sent again is done once. The key and what the request did are one transaction, so that there is never the one
-- without the other, whatever crashes.

create or replace function platform.claim_idempotency_key(key text, route text, fingerprint text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  tenant uuid := platform.tenant_id();
  kept platform.idempotency_key;
begin
  perform platform.require(null);
  -- Until its transaction ends; whoever comes meanwhile is told so and does not wait.
  if not pg_try_advisory_xact_lock(hashtextextended(concat_ws(E'\n', tenant, claim_idempotency_key.route, claim_idempotency_key.key), 0)) then
    raise exception using
      errcode = 'ZF019', message = 'a request with this idempotency key is under way', detail = 'Its answer is kept: ask for it again in a moment.';
  end if;
  select k.*
  into kept
  from platform.idempotency_key k
  where k.tenant_id = tenant
    and k.key = claim_idempotency_key.key
    and k.route = claim_idempotency_key.route
    and k.created_at > statement_timestamp() - interval '24 hours';
  if not found then
    return;
  end if;
  -- a key is its sender's: what was answered to one who may see more is not shown to another
  if kept.fingerprint <> claim_idempotency_key.fingerprint
    or kept.actor_id is distinct from (select v.actor_id from platform.verified_context v)
  then
    raise exception using
      errcode = 'ZF020', message = 'this idempotency key was used for another request', detail = 'Give each request a key of its own, and repeat it as it was.';
  end if;
  raise exception using errcode = 'ZF021', message = 'this request was answered before';
end
$$;
comment on function platform.claim_idempotency_key(text, text, text) is
  'Takes a key for the transaction that it is called in, before that does anything. fingerprint: of the request, which must be the same each time.
Errors: ZF019 while another transaction has it, ZF020 when it was used for another request or by another caller, ZF021 when it was answered: platform.kept_answer has that.';
grant execute on function platform.claim_idempotency_key(text, text, text) to freehold_user;

create or replace function platform.keep_answer(key text, route text, fingerprint text, answer text, version integer, resource_key text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  insert into platform.idempotency_key as k (tenant_id, key, route, actor_id, fingerprint, answer, version, resource_key)
  select v.tenant_id, keep_answer.key, keep_answer.route, v.actor_id, keep_answer.fingerprint, keep_answer.answer, keep_answer.version, keep_answer.resource_key
  from platform.verified_context v
  on conflict on constraint idempotency_key_pkey do update
    set (actor_id, fingerprint, answer, version, resource_key, created_at)
      = (excluded.actor_id, excluded.fingerprint, excluded.answer, excluded.version, excluded.resource_key, excluded.created_at);
  if not found then
    perform platform.require(null);
  end if;
end
$$;
comment on function platform.keep_answer(text, text, text, text, integer, text) is
  'Keeps what a request came to, under the key that it has claimed, for 24 hours.';
grant execute on function platform.keep_answer(text, text, text, text, integer, text) to freehold_user;

create or replace function platform.kept_answer(key text, route text, fingerprint text)
returns table (answer text, version integer, resource_key text)
language sql
stable
security definer
set search_path = ''
rows 1
begin atomic
  select k.answer, k.version, k.resource_key
  from platform.idempotency_key k
  join platform.verified_context v on v.tenant_id = k.tenant_id and v.actor_id is not distinct from k.actor_id
  where k.key = kept_answer.key
    and k.route = kept_answer.route
    and k.fingerprint = kept_answer.fingerprint;
end;
comment on function platform.kept_answer(text, text, text) is 'What an earlier request with this key came to, for who sent it.';
grant execute on function platform.kept_answer(text, text, text) to freehold_user;

create or replace function platform.forget_idempotency_keys(most integer default 10000)
returns integer
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  forgotten integer;
begin
  delete from platform.idempotency_key k
  where k.ctid = any (array(
    select old.ctid
    from platform.idempotency_key old
    where old.created_at < statement_timestamp() - interval '24 hours'
    order by old.created_at
    limit most));
  get diagnostics forgotten = row_count;
  return forgotten;
end
$$;
comment on function platform.forget_idempotency_keys(integer) is 'Deletes keys whose 24 hours are over; how many. For the worker, until it is 0.';
grant execute on function platform.forget_idempotency_keys(integer) to freehold_worker;
--! EndIncluded api/idempotency.sql
--! Included api/terms.sql
-- On what terms a tenant uses the API: how many requests its plan allows, and which web pages may call it.

create or replace function platform.api_terms()
returns table (requests bigint, key_requests bigint, allowed_origins text[])
language plpgsql
stable
security definer
set search_path = ''
rows 1
as $$
begin
  perform platform.require(null);
  return query
    select app.entitlement('api_requests'), app.entitlement('api_key_requests'), t.allowed_origins
    from app.tenant t
    where t.tenant_id = platform.tenant_id();
end
$$;
comment on function platform.api_terms() is
  'Requests in a minute that the tenant has, and that each of its keys has, null for no limit; and the origins whose pages may read its answers.';
grant execute on function platform.api_terms() to freehold_user;

grant select, insert, update, delete on platform.rate_limit to freehold_gate;

create or replace function platform.are_origins(origins text[])
returns boolean
language sql
immutable
parallel safe
set search_path = ''
-- scheme, host and port, as a browser writes them (RFC 6454, section 6.2)
return (
  select coalesce(bool_and(o is not null and o ~ '^https?://([a-z0-9-]+\.)*[a-z0-9-]+(:[0-9]{1,5})?$'), true)
  from unnest(origins) o);
grant execute on function platform.are_origins(text[]) to freehold_user, freehold_janitor;
comment on function platform.are_origins(text[]) is 'Whether each is the origin of a web page: https://app.example.com.';
--! EndIncluded api/terms.sql

alter table app.tenant
  add constraint tenant_allowed_origins_check check (cardinality(allowed_origins) <= 50 and platform.are_origins(allowed_origins)) not valid;
alter table app.tenant validate constraint tenant_allowed_origins_check;

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
comment on column app.tenant.allowed_origins is E'@example ["https://app.example.com"]\nOrigins whose web pages may call the REST API with its credentials; empty for none.';
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
    "when": "(new.max_session_hours, new.max_idle_minutes, new.allowed_networks, new.allowed_origins, new.login_methods, new.require_sso, new.admit_verified_domains, new.default_role) is distinct from (old.max_session_hours, old.max_idle_minutes, old.allowed_networks, old.allowed_origins, old.login_methods, old.require_sso, old.admit_verified_domains, old.default_role)",
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
  editable => '{name,admit_verified_domains,default_role,max_session_hours,max_idle_minutes,allowed_networks,allowed_origins,login_methods,require_sso,stream_audit_log}',
  due => '{"finish_closing": {"column": "closes_at", "states": ["closing"]}}',
  across => '{"freehold_resolver": ["select"], "freehold_janitor": ["select"]}',
  -- two owners who change what it demands of those who sign in must not undo each other's work unseen
  resource => '{"if_match": "required"}'
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
  delete from platform.idempotency_key k where k.tenant_id = tenant;
  delete from platform.tenant_plan p where p.tenant_id = tenant;
  delete from identity.api_key_secret s where s.tenant_id = tenant;
  delete from identity.session s where s.tenant_id = tenant;
  delete from identity.provider_address a
  using identity.provider_object d, identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and d.organization = o.organization and d.kind = 'directory_user'
    and a.issuer = d.issuer and a.kind = d.kind and a.id = d.id;
  delete from identity.provider_object gu
  using identity.provider_object d, identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and d.organization = o.organization and d.kind = 'directory'
    and gu.issuer = d.issuer and gu.directory = d.id and gu.kind = 'directory_group_user';
  delete from identity.provider_object d
  using identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and (d.organization = o.organization or (d.kind = 'organization' and d.id = o.organization));
  delete from identity.organization o where o.tenant_id = tenant;
  delete from identity.audit_position p where p.tenant_id = tenant;
  delete from identity.provided_member m where m.tenant_id = tenant;
  delete from identity.provided_invitation i where i.tenant_id = tenant;
  delete from identity.group_member g where g.tenant_id = tenant;
  delete from identity.admitted_member a where a.tenant_id = tenant;
  delete from identity.invited_member m where m.tenant_id = tenant;
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
--! Included event/event.sql
-- The event: what it shows, who writes it, and that nobody changes it.

comment on table app.event is 'What happened in the tenant: one row for each change, with who did it. Append-only.';
comment on column app.event.type is 'Kind of event, such as project.archived.';
-- for those who may read events in SQL; the API does not tell how many transactions the whole cluster makes
comment on column app.event.xid is E'@behavior -*\nOrders the change feed: the transaction that wrote the event, or the last that had ended then, whichever is higher.';
comment on column app.event.entity is 'Name of the entity that changed.';
comment on column app.event.entity_id is 'The resource that changed.';
comment on column app.event.entity_version is 'Version of the resource after the change: the order of events of one resource.';
comment on column app.event.channel is 'What it belongs to besides its own resource, such as subscription:<id>; webhook endpoints can filter by it.';
comment on column app.event.data is 'The resource after the change.';
comment on column app.event.previous is 'Former values of what changed; null when it was created.';
comment on column app.event.actor_type is 'member, api_key, system (a job) or operator (a person in psql).';
comment on column app.event.actor_id is 'The membership or API key that did it.';
comment on column app.event.impersonator_id is 'The support person who acted as the member, if one did.';
comment on column app.event.request_id is 'The request that caused it, as the response''s x-request-id tells.';
comment on column app.event.occurred_at is 'When it happened.';
comment on column app.event.traceparent is 'W3C trace context of the request.';

create or replace trigger _100_refuse_change
  before update or delete on app.event
  for each row execute function platform.refuse_change();
create or replace trigger _110_refuse_truncate
  before truncate on app.event
  for each statement execute function platform.refuse_change();

select platform.declare_record(
  'app.event',
  permissions => '{"read": ["admin"]}',
  across => '{"freehold_recorder": ["insert", "select"], "freehold_dispatcher": ["select"]}',
  retained => true,
  resource => '{"omit": ["xid"]}'
);
--! EndIncluded event/event.sql
--! Included invoice/invoice.sql
-- Invoices: numbered without gaps, equal to their lines, and fixed once finalized.

comment on table app.invoice is 'What the tenant is asked to pay. Fixed from the moment it is open.';
comment on column app.invoice.number is 'INV-000001 and on, without gaps in a tenant; given when the invoice is finalized.';
comment on column app.invoice.subscription_id is 'The subscription that it is for.';
comment on column app.invoice.currency is E'@example EUR\nCurrency of all its amounts, as ISO 4217 has it.';
comment on column app.invoice.total is E'@example 4900\nSum of the lines, in minor units of the currency.';
comment on column app.invoice.period_start is 'Start of the time that it is for.';
comment on column app.invoice.period_end is E'@example 2026-02-28T12:00:00+00:00\nEnd of the time that it is for.';
comment on column app.invoice.issued_at is 'When it was finalized.';
comment on column app.invoice.due_at is 'When it should be paid: 14 days after it was finalized.';
comment on column app.invoice.paid_at is 'When it was paid.';

select platform.declare_entity(
  'app.invoice',
  permissions => '{"read": ["billing", "admin"], "finalize": [], "pay": [], "void": [], "mark_uncollectible": []}',
  lifecycle => '{
    "initial": "draft",
    "transitions": {
      "finalize": {"from": ["draft"], "to": "open", "event": "invoice.finalized"},
      "pay": {"from": ["open", "uncollectible"], "to": "paid", "event": "invoice.paid"},
      "void": {"from": ["open", "uncollectible"], "to": "void", "event": "invoice.voided"},
      "mark_uncollectible": {"from": ["open"], "to": "uncollectible", "event": "invoice.marked_uncollectible"}
    }
  }',
  channel => '''subscription:'' || new.subscription_id',
  events => '{"descriptions": {
    "invoice.created": "An invoice was begun as a draft, which may still change.",
    "invoice.updated": "The draft of an invoice was changed.",
    "invoice.finalized": "An invoice got its number and its dates; it is fixed, and waits for payment.",
    "invoice.paid": "An invoice was paid.",
    "invoice.voided": "An invoice was withdrawn; its number stays.",
    "invoice.marked_uncollectible": "An invoice was given up; it can still be paid, or voided."
  }}'
);

comment on table app.invoice_line is 'One position of an invoice.';
comment on column app.invoice_line.invoice_id is 'The invoice that it is on.';
comment on column app.invoice_line.description is E'@example Team, per month\nWhat is charged.';
comment on column app.invoice_line.period_start is 'Start of the time that it is for.';
comment on column app.invoice_line.period_end is E'@example 2026-02-28T12:00:00+00:00\nEnd of the time that it is for.';
comment on column app.invoice_line.amount is 'In minor units of the invoice''s currency; a credit is negative.';
select platform.declare_record('app.invoice_line', permissions => '{"read": ["billing", "admin"]}', resource => '{}');

create or replace function platform.next_number(name text)
returns bigint
language sql
volatile
security definer
set search_path = ''
begin atomic
  insert into platform.counter (tenant_id, name, value)
  values (platform.tenant_id(), name, 1)
  on conflict (tenant_id, name) do update
    set value = counter.value + 1
  returning value;
end;
comment on function platform.next_number(text) is
  'The next number of the tenant''s counter, without gaps: the next caller waits until this transaction ends.';

create or replace function app.invoice_finalize()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_tenant(new.tenant_id);
  if new.status = 'paid' then
    new.paid_at := statement_timestamp();
    return new;
  end if;
  new.number := 'INV-' || lpad(platform.next_number('invoice')::text, 6, '0');
  new.issued_at := statement_timestamp();
  new.due_at := new.issued_at + interval '14 days';
  return new;
end
$$;
comment on function app.invoice_finalize() is 'Trigger: a finalized invoice gets its number and dates, a paid one its time.';
create or replace trigger _200_finalize
  before update of status on app.invoice
  for each row
  when (new.status is distinct from old.status and new.status in ('open', 'paid'))
  execute function app.invoice_finalize();

create or replace function app.invoice_freeze()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if (new.number, new.subscription_id, new.currency, new.total, new.period_start, new.period_end, new.issued_at, new.due_at)
    is distinct from
    (old.number, old.subscription_id, old.currency, old.total, old.period_start, old.period_end, old.issued_at, old.due_at)
    or old.paid_at is not null and new.paid_at is distinct from old.paid_at
  then
    raise exception using
      errcode = 'ZF008',
      message = format('invoice %s is final', old.number),
      detail = 'Void it and issue a new one.';
  end if;
  return new;
end
$$;
comment on function app.invoice_freeze() is 'Trigger: of a finalized invoice only the state changes.';
create or replace trigger _300_freeze
  before update on app.invoice
  for each row
  when (old.status <> 'draft')
  execute function app.invoice_freeze();

create or replace function app.invoice_line_freeze()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  line app.invoice_line := case when tg_op = 'DELETE' then old else new end;
begin
  if tg_op = 'DELETE' and platform.is_closed(old.tenant_id) then
    return old;
  end if;
  perform platform.require_tenant(line.tenant_id);
  -- the lock keeps the invoice from being finalized between this line and the commit
  perform from app.invoice i
  where i.tenant_id = line.tenant_id
    and i.id = line.invoice_id
    and i.status = 'draft'
  for no key update;
  if not found then
    raise exception using errcode = 'ZF008', message = 'the lines of a final invoice never change', detail = 'Void it and issue a new one.';
  end if;
  if tg_op = 'UPDATE' and (new.tenant_id, new.invoice_id) is distinct from (old.tenant_id, old.invoice_id) then
    raise exception using errcode = 'ZF008', message = 'a line stays with its invoice', detail = 'Delete it and add another.';
  end if;
  return line;
end
$$;
comment on function app.invoice_line_freeze() is 'Trigger: lines change only while their invoice is a draft.';
create or replace trigger _200_freeze
  before insert or update or delete on app.invoice_line
  for each row execute function app.invoice_line_freeze();
--! EndIncluded invoice/invoice.sql
--! Included feature_usage/feature_usage.sql
-- Metering: what was used, by day and feature. Sixteen slots a day, so that many users of one feature do not wait on one row.

comment on table app.feature_usage is E'@behavior -*\nUse of a feature on a day, in sixteen slots; feature_usage_by_day adds them up.';
select platform.declare_record('app.feature_usage', permissions => '{"read": "viewer", "record": "member"}');
select platform.declare_event('feature.used', 'feature_usage', 'The use of a feature was metered.', '{
  "title": "feature_use",
  "description": "One use of a feature.",
  "type": "object",
  "properties": {
    "feature": {"type": "string", "description": "The feature.", "examples": ["search"]},
    "quantity": {"type": "integer", "description": "How often, or how much, in the unit of the feature."},
    "day": {"type": "string", "format": "date", "description": "The day on which it counts, in UTC."}
  },
  "required": ["feature", "quantity", "day"]
}');

create or replace view app.feature_usage_by_day with (security_invoker = true) as
select u.feature, u.day, sum(u.quantity)::bigint as quantity
from app.feature_usage u
where u.tenant_id = platform.tenant_id()
group by u.feature, u.day;
comment on view app.feature_usage_by_day is E'@primaryKey feature,day\nUse of each feature by day (UTC).';
comment on column app.feature_usage_by_day.feature is E'@isIndexed\nThe feature.';
comment on column app.feature_usage_by_day.day is E'@isIndexed\nThe day, in UTC.';
comment on column app.feature_usage_by_day.quantity is 'How often, or how much, in the unit of the feature.';
grant select on app.feature_usage_by_day to freehold_user;

create or replace function app.use_feature(feature text, quantity integer default 1)
returns bigint
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  today date := (statement_timestamp() at time zone 'UTC')::date;
  used bigint;
  usage_id uuid;
begin
  perform platform.require('feature_usage:record');
  if feature is null or feature !~ '^[a-z][a-z0-9_]{0,99}$' then
    raise exception using errcode = 'ZF010', message = 'feature is not a name', detail = 'Lower-case letters, digits and _, up to 100.';
  end if;
  if quantity is null or quantity not between 1 and 1000000 then
    raise exception using errcode = 'ZF010', message = 'quantity is out of range', detail = 'From 1 to 1,000,000.';
  end if;
  insert into app.feature_usage (feature, day, slot, quantity)
  values (use_feature.feature, today, pg_backend_pid() % 16, use_feature.quantity)
  on conflict (tenant_id, feature, day, slot) do update
    set quantity = feature_usage.quantity + excluded.quantity
  returning feature_usage.quantity, feature_usage.id into used, usage_id;
  perform platform.record_event('feature.used', 'feature_usage', usage_id,
    jsonb_build_object('feature', use_feature.feature, 'quantity', use_feature.quantity, 'day', today));
  return use_feature.quantity;
end
$$;
comment on function app.use_feature(text, integer) is
  'Meters the use of a feature today. Event: feature.used. Permission: feature_usage:record. Returns the quantity recorded.';
grant execute on function app.use_feature(text, integer) to freehold_user;
--! EndIncluded feature_usage/feature_usage.sql
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
--! Included webhook_endpoint/keys.sql
-- Signing keys: made, shown once, and replaced without a message that the receiver cannot verify.

comment on table app.webhook_signing_key is
  'A key that signs what an endpoint is sent. After a rotation the former one signs too, until it expires.';
comment on column app.webhook_signing_key.endpoint_id is 'The endpoint whose messages it signs.';
comment on column app.webhook_signing_key.scheme is 'v1: HMAC-SHA256 with a secret (whsec_). v1a: ed25519, verified with the public key (whpk_).';
comment on column app.webhook_signing_key.public_key is 'whpk_ and base64, for scheme v1a; null for v1.';
comment on column app.webhook_signing_key.sealed_key is 'The 32 bytes of the key, sealed.';
comment on column app.webhook_signing_key.expires_at is 'When it stops signing; null for the present key.';

comment on constraint webhook_signing_key_tenant_id_endpoint_id_fkey on app.webhook_signing_key is
  E'@fieldName endpoint\n@foreignFieldName signingKeys';

select platform.declare_record(
  'app.webhook_signing_key',
  permissions => '{"read": "admin"}',
  hidden => '{sealed_key}',
  across => '{"freehold_dispatcher": ["select", "update"]}',
  resource => '{}'
);

create or replace function platform.add_signing_key(endpoint uuid, scheme text, fresh platform.fresh_key)
returns app.webhook_signing_key
language plpgsql
volatile
set search_path = ''
as $$
declare
  made app.webhook_signing_key;
begin
  if fresh is null then
    raise exception using
      errcode = 'ZF010',
      message = 'signing_key is missing',
      detail = 'The application makes it for each call (freshKey in runtime/sealing.ts).';
  end if;
  insert into app.webhook_signing_key (endpoint_id, scheme, sealed_key, public_key)
  values (
    endpoint, add_signing_key.scheme, split_part(fresh, '.', 1) || '.' || split_part(fresh, '.', 2),
    case add_signing_key.scheme when 'v1a' then 'whpk_' || split_part(fresh, '.', 3) end)
  returning * into made;
  return made;
end
$$;
comment on function platform.add_signing_key(uuid, text, platform.fresh_key) is 'Gives an endpoint of the tenant one more key. For definer functions of the owner.';

do $$
begin
  if to_regtype('app.rotated_webhook_signing_key') is null then
    create type app.rotated_webhook_signing_key as (
      id uuid, scheme text, secret platform.signing_secret, public_key text, former_expires_at timestamptz);
  end if;
end
$$;
comment on type app.rotated_webhook_signing_key is
  'A new signing key: its secret (scheme v1), which is shown this once, or its public key (scheme v1a), and when the former key stops signing.';

create or replace function app.rotate_webhook_signing_key(
  endpoint_id uuid,
  scheme text default 'v1',
  grace_hours integer default 24,
  signing_key platform.fresh_key default null
)
returns app.rotated_webhook_signing_key
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  endpoint uuid := rotate_webhook_signing_key.endpoint_id;
  tenant uuid := platform.tenant_id();
  made app.webhook_signing_key;
  result app.rotated_webhook_signing_key;
begin
  perform platform.require('webhook_endpoint:update');
  if coalesce(grace_hours not between 0 and 168, true) then
    raise exception using
      errcode = 'ZF010', message = 'graceHours is 0 to 168', detail = 'For that long both keys sign: long enough to bring the new one to the receiver.';
  end if;
  if coalesce(rotate_webhook_signing_key.scheme, '') not in ('v1', 'v1a') then
    raise exception using errcode = 'ZF010', message = 'scheme is v1 or v1a', detail = 'v1 is HMAC-SHA256 with a secret, v1a is ed25519 with a public key.';
  end if;
  -- one rotation at a time, or two would both be the present key
  perform from app.webhook_endpoint w where w.tenant_id = tenant and w.id = endpoint for update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such webhook_endpoint', detail = format('webhook_endpoint %s', endpoint);
  end if;
  delete from app.webhook_signing_key k
  where k.tenant_id = tenant and k.endpoint_id = endpoint and k.expires_at <= now();
  -- each key is one more signature in the header of each message
  if (select count(*) >= 4 from app.webhook_signing_key k
      where k.tenant_id = tenant and k.endpoint_id = endpoint and k.scheme = rotate_webhook_signing_key.scheme and grace_hours > 0) then
    raise exception using
      errcode = 'ZF008',
      message = 'four keys of this scheme sign already',
      detail = 'Wait until one has expired, or rotate with graceHours 0, which ends all of them.';
  end if;
  result.former_expires_at := now() + make_interval(hours => grace_hours);
  update app.webhook_signing_key k
  set expires_at = least(k.expires_at, result.former_expires_at)
  where k.tenant_id = tenant and k.endpoint_id = endpoint and k.scheme = rotate_webhook_signing_key.scheme;
  if not found then
    result.former_expires_at := null;
  end if;
  made := platform.add_signing_key(endpoint, rotate_webhook_signing_key.scheme, signing_key);
  result.id := made.id;
  result.scheme := made.scheme;
  result.public_key := made.public_key;
  if made.scheme = 'v1' then
    result.secret := made.sealed_key;
  end if;
  perform platform.record_event('webhook_endpoint.key_rotated', 'webhook_endpoint', endpoint,
    jsonb_build_object('id', endpoint, 'scheme', made.scheme, 'key_id', made.id, 'public_key', made.public_key, 'former_expires_at', result.former_expires_at));
  return result;
end
$$;
comment on function app.rotate_webhook_signing_key(uuid, text, integer, platform.fresh_key) is
  'Gives an endpoint a new signing key. The former one of the same scheme signs too for graceHours (0 to 168), so that no message comes that the receiver cannot
verify. With a scheme that the endpoint has no key of, adds it: both schemes then sign side by side.
Event: webhook_endpoint.key_rotated. Permission: webhook_endpoint:update.';
grant execute on function app.rotate_webhook_signing_key(uuid, text, integer, platform.fresh_key) to freehold_user;
select platform.expose_function(
  'app.rotate_webhook_signing_key(uuid, text, integer, platform.fresh_key)', 'POST webhook_endpoints/{id}/signing_keys', 'webhook_signing_keys',
  '{"endpoint_id": "id"}');

select platform.declare_event('webhook_endpoint.key_rotated', 'webhook_endpoint',
  'A webhook endpoint was given a new signing key; the former one signs for some time yet.',
  '{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "webhook_endpoint_key_rotation",
    "description": "A signing key of a webhook endpoint, and until when the former one signs.", "type": "object",
    "properties": {
      "id": {"type": "string", "format": "uuid", "description": "The endpoint."},
      "scheme": {"type": "string", "enum": ["v1", "v1a"], "description": "Signature scheme of the key."},
      "key_id": {"type": "string", "format": "uuid", "description": "The new key."},
      "public_key": {"type": ["string", "null"], "description": "whpk_ and base64, for scheme v1a."},
      "former_expires_at": {"type": ["string", "null"], "format": "date-time", "description": "When the former key stops signing; null when there was none."}
    },
    "required": ["id", "scheme", "key_id", "public_key", "former_expires_at"], "additionalProperties": true}');
--! EndIncluded webhook_endpoint/keys.sql
--! Included webhook_endpoint/headers.sql
-- Headers of their own that owners have sent along, such as a token that their gateway asks for. Values are sealed and never shown.

comment on table app.webhook_header is
  'A header that is sent along with each message to an endpoint. Its value is kept encrypted and is not shown again.';
comment on column app.webhook_header.endpoint_id is 'The endpoint that it is sent to.';
comment on column app.webhook_header.name is 'Name of the header, in lower case.';
comment on column app.webhook_header.sealed_value is 'Its value, sealed.';

comment on constraint webhook_header_tenant_id_endpoint_id_fkey on app.webhook_header is
  E'@fieldName endpoint\n@foreignFieldName headers';

select platform.declare_record(
  'app.webhook_header',
  permissions => '{"read": "admin"}',
  hidden => '{sealed_value}',
  across => '{"freehold_dispatcher": ["select", "update"]}',
  resource => '{}'
);

create or replace function app.set_webhook_header(endpoint_id uuid, name text, value platform.sealed)
returns app.webhook_header
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  made app.webhook_header;
begin
  perform platform.require('webhook_endpoint:update');
  perform
  from app.webhook_endpoint w
  where w.tenant_id = platform.tenant_id() and w.id = set_webhook_header.endpoint_id
  for update;
  if not found then
    raise exception using
      errcode = 'ZF004', message = 'there is no such webhook_endpoint', detail = format('webhook_endpoint %s', set_webhook_header.endpoint_id);
  end if;
  insert into app.webhook_header (endpoint_id, name, sealed_value)
  values (set_webhook_header.endpoint_id, lower(set_webhook_header.name), set_webhook_header.value)
  on conflict (tenant_id, endpoint_id, name) do update
    set sealed_value = excluded.sealed_value
  returning * into made;
  if (select count(*) > 20 from app.webhook_header h where h.tenant_id = made.tenant_id and h.endpoint_id = made.endpoint_id) then
    raise exception using errcode = 'ZF007', message = 'an endpoint has at most 20 headers', detail = 'Remove one first.';
  end if;
  made.sealed_value := null;
  return made;
end
$$;
comment on function app.set_webhook_header(uuid, text, platform.sealed) is
  'Sends a header along with each message to an endpoint, or changes its value. The value is kept encrypted and not shown again.
Permission: webhook_endpoint:update.';
grant execute on function app.set_webhook_header(uuid, text, platform.sealed) to freehold_user;
select platform.expose_function('app.set_webhook_header(uuid, text, platform.sealed)', 'PUT webhook_endpoints/{id}/headers/{name}', renamed => '{"endpoint_id": "id"}');

create or replace function app.remove_webhook_header(endpoint_id uuid, name text)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  perform platform.require('webhook_endpoint:update');
  delete from app.webhook_header h
  where h.tenant_id = platform.tenant_id()
    and h.endpoint_id = remove_webhook_header.endpoint_id
    and h.name = lower(remove_webhook_header.name);
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such webhook_header', detail = format('header %s', remove_webhook_header.name);
  end if;
  return true;
end
$$;
comment on function app.remove_webhook_header(uuid, text) is
  'Sends a header no longer. Permission: webhook_endpoint:update.';
grant execute on function app.remove_webhook_header(uuid, text) to freehold_user;
select platform.expose_function('app.remove_webhook_header(uuid, text)', 'DELETE webhook_endpoints/{id}/headers/{name}', renamed => '{"endpoint_id": "id"}');
--! EndIncluded webhook_endpoint/headers.sql
--! Included delivery/delivery.sql
-- Deliveries and their attempts: written by the platform, read by the tenant.

comment on table app.delivery is
  E'@foreignKey (tenant_id, endpoint_id) references app.webhook_endpoint (tenant_id, id)|@fieldName endpoint|@foreignFieldName deliveries\n'
  '@foreignKey (tenant_id, event_id) references app.event (tenant_id, id)|@fieldName event|@foreignFieldName deliveries\n'
  '@foreignKey (status) references app.delivery_status (value)\n'
  'One event on its way to one webhook endpoint, or to one internal task.';
comment on column app.delivery.event_id is 'The event; evt_ and this id is the webhook-id, the same on every attempt.';
comment on column app.delivery.endpoint_id is 'The endpoint that is told; null for an internal task.';
comment on column app.delivery.task is 'The internal task that is run; null for an endpoint.';
comment on column app.delivery.attempt_count is 'Attempts made.';
comment on column app.delivery.schedule_start is 'Attempts made before it was last resent: its retries are counted from there.';
comment on column app.delivery.next_attempt_at is 'When the next attempt is due; null when there is none.';
comment on column app.delivery.last_error is 'Why the last attempt failed.';
comment on table app.delivery_attempt is
  E'@foreignKey (tenant_id, delivery_id) references app.delivery (tenant_id, id)|@fieldName delivery|@foreignFieldName attempts\n'
  '@foreignKey (tenant_id, endpoint_id) references app.webhook_endpoint (tenant_id, id)|@fieldName endpoint|@foreignFieldName attempts\n'
  'One attempt of a delivery: what was answered, and how long it took.';
comment on column app.delivery_attempt.delivery_id is 'The delivery that it was of.';
comment on column app.delivery_attempt.occurred_at is 'When it was made.';
comment on column app.delivery_attempt.attempt is 'Number of the attempt, from 1.';
comment on column app.delivery_attempt.endpoint_id is 'The endpoint that was told; null for an internal task.';
comment on column app.delivery_attempt.succeeded is 'Whether the receiver accepted it.';
comment on column app.delivery_attempt.status_code is 'HTTP status of the answer; null when there was none.';
comment on column app.delivery_attempt.error is 'Why it failed; null when it succeeded.';
comment on column app.delivery_attempt.latency_ms is 'From the start of the request to the end of the answer.';
comment on column app.delivery_attempt.response_excerpt is 'The beginning of the answer.';

select platform.declare_record(
  'app.delivery',
  permissions => '{"read": "admin", "resend": "admin"}',
  across => '{"freehold_dispatcher": ["select", "insert", "update"]}',
  retained => true,
  resource => '{}'
);
select platform.declare_record(
  'app.delivery_attempt',
  permissions => '{"read": "admin"}',
  across => '{"freehold_dispatcher": ["select", "insert"]}',
  retained => true,
  resource => '{}'
);

grant select on platform.event_task to freehold_dispatcher;
grant select, insert, delete on platform.delivery_queue to freehold_dispatcher;
-- "select for update skip locked" asks for UPDATE
grant update on platform.delivery_queue to freehold_dispatcher;
grant select, insert, update, delete on platform.delivery_batch to freehold_dispatcher;
grant select, insert, update, delete on platform.endpoint_flow, platform.lane_queue to freehold_dispatcher;
--! EndIncluded delivery/delivery.sql
