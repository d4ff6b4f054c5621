-- Event types: what an entity's events are called, and the JSON Schema of what they carry.

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

create or replace function platform.schema_of(relation regclass, hidden text[])
returns jsonb
language sql
stable
set search_path = ''
begin atomic
  select jsonb_build_object(
    '$schema', 'https://json-schema.org/draft/2020-12/schema',
    'type', 'object',
    'properties', jsonb_object_agg(c.name,
      case
        when c.states is not null then jsonb_build_object('type', 'string', 'enum', to_jsonb(c.states))
        when c.required then platform.json_type(c.type)
        when platform.json_type(c.type) ? 'type'
          then platform.json_type(c.type) || jsonb_build_object('type', jsonb_build_array(platform.json_type(c.type) -> 'type', 'null'))
        else platform.json_type(c.type)
      end || case when c.description is null then '{}' else jsonb_build_object('description', trim(E'\n ' from c.description)) end),
    'required', jsonb_agg(c.name),
    'additionalProperties', true)
  from platform.shown_columns(relation, hidden) c;
end;
comment on function platform.schema_of(regclass, text[]) is 'JSON Schema (2020-12) of an entity as its events show it.';

create or replace function platform.write_event_types(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  declared platform.entity;
  told jsonb;
  noun text := case when entity ~ '^[aeio]' then 'An ' else 'A ' end || replace(entity, '_', ' ');
  schema jsonb;
begin
  select e.* into strict declared from platform.entity e where e.name = write_event_types.entity;
  schema := platform.schema_of(declared.relation::regclass,
    array(select jsonb_array_elements_text(declared.declaration -> 'hidden')));
  select jsonb_object_agg(e.type, e.description)
  into told
  from (
    select declared.declaration #>> '{events,created}', format('%s was created.', noun)
    union all
    select declared.declaration #>> '{events,updated}', format('%s was changed.', noun)
    union all
    select c ->> 'event', coalesce(c ->> 'description', format('%s was changed.', noun))
    from jsonb_array_elements(declared.declaration #> '{events,changed}') c
    union all
    select t.event, format('%s went to %s.', noun, t.to_state)
    from platform.transition t
    where t.entity = write_event_types.entity
  ) e (type, description);
  -- an event that the entity no longer has; those of platform.declare_event stay
  delete from platform.event_type t
  where t.entity = write_event_types.entity
    and not told ? t.type
    and not t.recorded;
  insert into platform.event_type (type, entity, description, schema)
  select t.key, write_event_types.entity, t.value, schema
  from jsonb_each_text(told) t
  on conflict (type) do update
    set (entity, description, schema) = (excluded.entity, excluded.description, excluded.schema);
  delete from platform.event_task et
  using platform.event_type t
  where et.type = t.type
    and t.entity = write_event_types.entity;
  insert into platform.event_task (type, task)
  select t.key, t.value #>> '{}'
  from jsonb_each(declared.declaration -> 'tasks') t;
end
$$;
comment on function platform.write_event_types(text) is 'Writes the event types of an entity with their JSON Schema, and their internal subscribers.';
