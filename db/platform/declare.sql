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
