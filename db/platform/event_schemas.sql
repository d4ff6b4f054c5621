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
