-- What the catalog knows of a view of the contract: which columns its own are, what may be asked of them, and what they refer to.
--
-- rows 20: of a thousand, which PostgreSQL takes for granted, it makes a hash table of a recursion that is empty, and fills it with zeros for 3 ms.

create or replace function platform.shown_columns(view regclass)
returns table (number smallint, name text, source regclass, source_number smallint)
language sql
stable
rows 20
set search_path = ''
begin atomic
  -- PostgreSQL notes the origin of each column that a view takes over, and shows it nowhere but in the tree of its rule:
  -- :resno 2 :resname name :ressortgroupref 0 :resorigtbl 16500 :resorigcol 3. Split, for a regular expression takes 0.15 ms a column.
  with entry as (
    select string_to_array(said, ' ') as word
    from pg_catalog.pg_rewrite r
    cross join lateral string_to_table(r.ev_action::text, ':resno ') said
    where r.ev_class = view and r.rulename = '_RETURN'
  )
  select e.word[1]::smallint, e.word[3], min(e.word[7])::oid::regclass, min(e.word[9])::smallint
  from entry e
  where e.word[6] = ':resorigtbl' and e.word[7] <> '0'
  group by e.word[1], e.word[3]
  -- a subquery may have one of the same name at the same place
  having count(distinct (e.word[7], e.word[9])) = 1;
end;
comment on function platform.shown_columns(regclass) is
  'The columns of a view that show one of another relation as it is, and which; none for a table. An expression is not among them.';

create or replace function platform.column_sources(view regclass)
returns table (name name, relation regclass, number smallint)
language sql
stable
rows 20
set search_path = ''
begin atomic
  -- By relation first: each tree is read once, and not for each column.
  with recursive shown as (
    select view as relation, s.* from platform.shown_columns(view) s
    union
    select b.source, s.*
    from (select distinct h.source from shown h) b
    cross join lateral platform.shown_columns(b.source) s
  ), origin as (
    select v.attname as name, v.attrelid::regclass as relation, v.attnum as number, 0 as depth
    from pg_catalog.pg_attribute v
    where v.attrelid = view and v.attnum > 0 and not v.attisdropped
    union all
    select o.name, s.source, s.source_number, o.depth + 1
    from origin o
    join pg_catalog.pg_attribute a on a.attrelid = o.relation and a.attnum = o.number
    join shown s on s.relation = o.relation and s.number = a.attnum and s.name = a.attname
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
rows 20
set search_path = ''
begin atomic
  with source as materialized (
    select c.* from platform.column_sources(view) c
  )
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
  join source s on s.name = v.attname
  join pg_catalog.pg_attribute b on b.attrelid = s.relation and b.attnum = s.number
  cross join lateral (
    select platform.leads_index(s.relation, s.number) or told.text ~ '(^|\n)@isIndexed\M' as indexed,
      -- of what is joined to the rows of the view there may be none
      b.attnotnull and s.relation = (
        select first.relation
        from source first
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
rows 20
set search_path = ''
begin atomic
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
  cross join lateral (
    -- composite foreign keys, and those that only a comment tells of, because partitions have none
    select b.attname as column_name, c.confrelid::regclass as target, obj_description(c.oid, 'pg_constraint') as told
    from pg_catalog.pg_constraint c
    where c.conrelid = s.relation and c.contype = 'f' and cardinality(c.conkey) = 2 and c.conkey[2] = s.number
    union all
    select said.m[1], to_regclass(said.m[2]), replace(said.m[3], '|', E'\n')
    from pg_catalog.pg_class k
    cross join lateral regexp_matches(coalesce(obj_description(k.oid, 'pg_class'), ''),
      '@foreignKey \(tenant_id, (\w+)\) references ([\w.]+) \(tenant_id, id\)([^\n]*)', 'g') said (m)
    where k.oid = s.relation and k.relnamespace = 'app'::regnamespace and said.m[1] = b.attname
  ) r
  join platform.entity t on t.relation = r.target::text
  cross join lateral (select platform.contract_title(platform.contract_view(t.name)) as title) e;
end;
comment on function platform.contract_references(regclass) is
  'What a view of the contract refers to: by which column, the table, the name to expand it by, and what its own rows are called beneath that resource; null for not at all.';
