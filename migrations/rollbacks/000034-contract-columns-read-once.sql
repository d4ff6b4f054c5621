--! Undoes: sha1:2d29b914a6b7ce2afd919274bb82cc0cc007878a
--! Loses: nothing

-- Undoes "contract columns read once".
set local check_function_bodies = off;
create or replace function platform.column_sources(view regclass)
returns table (name name, relation regclass, number smallint)
language sql
stable
set search_path = ''
begin atomic
  -- PostgreSQL notes the origin of each column that a view takes over (resorigtbl, resorigcol), and shows it nowhere but in the tree of its rule. Names there
  -- are those that are written without quotes, and all of ours are.
  with recursive origin as (
    select v.attname as name, v.attrelid::regclass as relation, v.attnum as number, 0 as depth
    from pg_catalog.pg_attribute v
    where v.attrelid = view and v.attnum > 0 and not v.attisdropped
    union all
    select o.name, target.relation, target.number, o.depth + 1
    from origin o
    join pg_catalog.pg_rewrite r on r.ev_class = o.relation and r.rulename = '_RETURN'
    join pg_catalog.pg_attribute a on a.attrelid = o.relation and a.attnum = o.number
    cross join lateral (
      select min(m[1])::oid::regclass as relation, min(m[2])::smallint as number
      from regexp_matches(r.ev_action::text,
        format(':resno %s :resname %s :ressortgroupref \d+ :resorigtbl ([1-9]\d*) :resorigcol (\d+)', a.attnum, a.attname), 'g') m
      having count(distinct m) = 1
    ) target
    where o.depth < 10
  )
  select distinct on (o.name) o.name, o.relation, o.number
  from origin o
  order by o.name, o.depth desc;
end;
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
      -- of what is joined to the rows of the view there may be none
      b.attnotnull and s.relation = (
        select first.relation
        from platform.column_sources(view) first
        join pg_catalog.pg_attribute f on f.attrelid = view and f.attname = first.name and f.attnum = 1)
        or told.text ~ '(^|\n)@required\M' as required
    from (select coalesce(col_description(view, v.attnum), '') as text) told
  ) known
  where v.attrelid = view
    and v.attnum > 0
    and not v.attisdropped
  order by v.attnum;
end;
create or replace function platform.contract_references(view regclass)
returns table (column_name name, target regclass, name text, reverse_name text)
language sql
stable
set search_path = ''
begin atomic
  with reference as (
    -- composite foreign keys, and those that only a comment tells of, because partitions have none
    select c.conrelid, a.attname as column_name, c.confrelid::regclass as target, obj_description(c.oid, 'pg_constraint') as told
    from pg_catalog.pg_constraint c
    join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[2]
    where c.contype = 'f' and cardinality(c.conkey) = 2
    union all
    select t.oid, said.m[1], to_regclass(said.m[2]), replace(said.m[3], '|', E'\n')
    from pg_catalog.pg_class t
    cross join lateral regexp_matches(coalesce(obj_description(t.oid, 'pg_class'), ''),
      '@foreignKey \(tenant_id, (\w+)\) references ([\w.]+) \(tenant_id, id\)([^\n]*)', 'g') said (m)
    where t.relnamespace = 'app'::regnamespace
  )
  select s.name, r.target,
    coalesce(
      platform.told_name(r.told, 'fieldName'),
      case when s.name like '%\_id' then regexp_replace(s.name, '_id$', '') else s.name || '_' || e.title end),
    coalesce(
      platform.told_name(r.told, 'foreignFieldName'),
      -- of several references to one entity, the one that is called after it
      case when r.column_name = t.name || '_id' then regexp_replace(split_part(view::text, '.', 2), '^' || t.name || '_', '') end)
  from platform.column_sources(view) s
  join pg_catalog.pg_attribute b on b.attrelid = s.relation and b.attnum = s.number
  join reference r on r.conrelid = s.relation and r.column_name = b.attname
  join platform.entity t on t.relation = r.target::text
  cross join lateral (select platform.contract_title(platform.contract_view(t.name)) as title) e;
end;
drop routine platform.shown_columns(view regclass);
