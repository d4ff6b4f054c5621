--! Undoes: sha1:4407c1825b343fabdf498235d606d404f2d3ec97
--! Loses: nothing

-- Undoes "contract joins".
set local check_function_bodies = off;
create or replace function platform.contract_columns(view regclass)
returns table (
  name name, number smallint, type regtype, source regclass, source_name name, required boolean, has_default boolean, filterable boolean, sortable boolean,
  creatable boolean, editable boolean, states text[])
language sql
stable
set search_path = ''
begin atomic
  select v.attname, v.attnum, v.atttypid::regtype, s.relation, b.attname,
    known.required,
    b.atthasdef,
    known.indexed and platform.is_leakproof(v.atttypid::regtype),
    -- in the order of a column that may be null, rows at the border of a page would be lost
    known.indexed and platform.is_leakproof(v.atttypid::regtype)
      and known.required,
    has_column_privilege('freehold_user', view, v.attnum, 'insert'),
    has_column_privilege('freehold_user', view, v.attnum, 'update') and v.attname <> 'version',
    (select array_agg(state order by state)
     from pg_catalog.pg_constraint c
     join platform.entity e on e.kind = 'states' and e.relation = c.confrelid::regclass::text
     cross join lateral jsonb_object_keys(e.declaration) state
     where c.conrelid = s.relation and c.contype = 'f' and c.conkey = array[s.number])
  from pg_catalog.pg_attribute v
  join platform.column_sources(view) s on s.name = v.attname
  join pg_catalog.pg_attribute b on b.attrelid = s.relation and b.attnum = s.number
  cross join lateral (
    select platform.leads_index(s.relation, s.number) or told.text ~ '(^|\n)@isIndexed\M' as indexed,
      b.attnotnull or told.text ~ '(^|\n)@required\M' as required
    from (select coalesce(col_description(view, v.attnum), '') as text) told
  ) known
  where v.attrelid = view
    and v.attnum > 0
    and not v.attisdropped
  order by v.attnum;
end;
