-- The JSON Schemas of the contract: what checks of a table say about a value, told before it is sent.

create or replace function platform.checked_schema(relation regclass, column_name name)
returns jsonb
language sql
stable
set search_path = ''
begin atomic
  -- Only forms of which the meaning is plain; whatever else a check says, PostgreSQL says when it is broken.
  select coalesce(jsonb_object_agg(said.key, said.value) filter (where said.value is not null), '{}')
  from pg_catalog.pg_constraint c
  join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
  cross join lateral (select pg_get_constraintdef(c.oid) as text, quote_ident(a.attname) as name) d
  cross join lateral (values
    ('minLength', to_jsonb(substring(d.text from format('length\(%s\) >= (\d+)', d.name))::integer)),
    ('maxLength', to_jsonb(substring(d.text from format('length\(%s\) <= (\d+)', d.name))::integer)),
    ('minItems', to_jsonb(substring(d.text from format('cardinality\(%s\) >= (\d+)', d.name))::integer)),
    ('maxItems', to_jsonb(substring(d.text from format('cardinality\(%s\) <= (\d+)', d.name))::integer)),
    ('minimum', to_jsonb(substring(d.text from format('\(%s >= (-?\d+)\)', d.name))::bigint)),
    ('maximum', to_jsonb(substring(d.text from format('\(%s <= (-?\d+)\)', d.name))::bigint)),
    ('enum', (
      select jsonb_agg(v.m[1])
      from regexp_matches(substring(d.text from format('^CHECK \(\(%s = ANY \(ARRAY\[([^\]]+)\]\)\)\)$', d.name)), '''([^'']*)''', 'g') v (m)))
  ) said (key, value)
  where c.conrelid = relation
    and c.contype = 'c'
    and a.attname = column_name;
end;
comment on function platform.checked_schema(regclass, name) is 'What the checks of a column say in terms of JSON Schema: lengths, bounds and values.';

create or replace function platform.value_schema(type regtype)
returns jsonb
language sql
stable
set search_path = ''
return case
  when type = 'smallint'::regtype then '{"type": "integer", "minimum": -32768, "maximum": 32767}'
  when type = 'integer'::regtype then '{"type": "integer", "format": "int32", "minimum": -2147483648, "maximum": 2147483647}'
  when type = 'bigint'::regtype then '{"type": "integer", "format": "int64"}'
  when type = 'double precision'::regtype then '{"type": "number"}'
  when type = 'integer[]'::regtype then '{"type": "array", "items": {"type": "integer", "minimum": -2147483648, "maximum": 2147483647}}'
  when type = 'jsonb'::regtype then '{"type": "object", "additionalProperties": true}'
  else platform.json_type(type)
end::jsonb;
comment on function platform.value_schema(regtype) is 'JSON Schema of a value of the contract, with the bounds of its type.';

create or replace function platform.contract_property(view regclass, shown record)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  told text := col_description(view, shown.number);
  example text := platform.column_tag(view, shown.name, 'example');
  format text := platform.column_tag(view, shown.name, 'format');
  property jsonb := platform.value_schema(shown.type) || platform.checked_schema(shown.source, shown.source_name);
begin
  if shown.states is not null then
    property := property || jsonb_build_object('enum', to_jsonb(shown.states));
  end if;
  if format is not null then
    property := property || jsonb_build_object('format', format);
  end if;
  if not coalesce(shown.required, false) then
    property := property || jsonb_build_object('type', jsonb_build_array(property -> 'type', 'null'));
    if property ? 'enum' then
      property := property || jsonb_build_object('enum', (property -> 'enum') || 'null');
    end if;
  end if;
  if example is not null then
    property := property || jsonb_build_object('examples', jsonb_build_array(
      case when property ->> 'type' = 'string' or property -> 'type' ? 'string' then to_jsonb(example) else example::jsonb end));
  end if;
  if told ~ '(^|\n)@deprecated' then
    property := property || '{"deprecated": true}';
  end if;
  return property || jsonb_strip_nulls(jsonb_build_object('description', nullif(btrim(regexp_replace(coalesce(told, ''), '(^|\n)@[^\n]*', '', 'g'), E'\n '), '')));
end
$$;
comment on function platform.contract_property(regclass, record) is 'JSON Schema of one column of a view, as platform.contract_columns tells it.';
