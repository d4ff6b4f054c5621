--! Previous: sha1:e36ce15c5af75ab8ea0f31ffd711813c46be460b
--! Hash: sha1:4407c1825b343fabdf498235d606d404f2d3ec97
--! Message: contract joins

-- Conformance: what a view of the contract joins may be null, whatever its table says.

--! Included platform/contract_columns.sql
-- What the catalog knows of a view of the contract: which columns its own are, what may be asked of them, and what they refer to.

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
comment on function platform.column_sources(regclass) is
  'For each column of a view, the column that it shows, through other views down to the table; the view''s own where it is an expression.';

create or replace function platform.is_leakproof(type regtype)
returns boolean
language sql
immutable
set search_path = ''
-- row-level security evaluates any other operator after the policy, row by row, and an index on such a column is not used
return type in ('uuid'::regtype, 'text'::regtype, 'varchar'::regtype, 'boolean'::regtype, 'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype,
  'date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype);
comment on function platform.is_leakproof(regtype) is 'Whether values of the type are compared leakproof, so that under row-level security an index on them is used.';

create or replace function platform.leads_index(relation regclass, number smallint)
returns boolean
language sql
stable
set search_path = ''
begin atomic
  select exists (
    select
    from pg_catalog.pg_index i
    left join pg_catalog.pg_attribute tenant on tenant.attrelid = i.indrelid and tenant.attname = 'tenant_id'
    where i.indrelid = relation
      and i.indpred is null
      and i.indisvalid
      and case when i.indkey[0] = tenant.attnum then i.indkey[1] else i.indkey[0] end = number);
end;
comment on function platform.leads_index(regclass, smallint) is 'Whether a column comes first in an index of the whole table, the tenant aside.';

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
comment on function platform.contract_columns(regclass) is
  'The columns of a view of the contract. A line "@isIndexed" or "@required" in the comment of a column says what the catalog cannot know of an expression.';

create or replace function platform.told_name(told text, tag text)
returns text
language sql
immutable
set search_path = ''
-- smart tags are in camel case, for GraphQL
return lower(regexp_replace(substring(told from format('(?:^|\n)@%s +(\w+)', tag)), '([A-Z])', '_\1', 'g'));
comment on function platform.told_name(text, text) is 'The name that a smart tag in a comment gives, in snake case; null when it gives none.';

create or replace function platform.contract_title(view text)
returns text
language sql
stable
set search_path = ''
return coalesce(
  substring(obj_description(to_regclass(view), 'pg_class') from '(?:^|\n)@title +(\w+)'),
  (select e.name from platform.entity e where platform.contract_view(e.name) = view and e.declaration #>> '{resource,name}' is null),
  regexp_replace(split_part(view, '.', 2), 's$', ''));
comment on function platform.contract_title(text) is
  'What one of a resource is called: as the line "@title" in the comment of its view says, or as its entity is, or else the name of the view without its s.';

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
comment on function platform.contract_references(regclass) is
  'What a view of the contract refers to: by which column, the table, the name to expand it by, and what its own rows are called beneath that resource; null for not at all.';
--! EndIncluded platform/contract_columns.sql
