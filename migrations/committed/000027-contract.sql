--! Previous: sha1:6f0f35ea53df8cbf035e3106a27ab5906b948224
--! Hash: sha1:1428825a136ee03c844f7dd212b0484a66b894ea
--! Message: contract

-- The public contract: schema api_v1 with a view for each declared entity, which the REST gateway serves.

create schema api_v1;
comment on schema api_v1 is E'@version 2026-11-27\nThe public contract: what partners build on. Views and functions over app, served under /v1.';
grant usage on schema api_v1 to freehold_user, freehold_app;
create schema api_v1_20260601;
comment on schema api_v1_20260601 is E'@version 2026-06-01\n@deprecated 2026-11-27\n@sunset 2027-11-27\nWhat version 2026-06-01 of the contract had otherwise: the total of an invoice was called amount_due.';
grant usage on schema api_v1_20260601 to freehold_user, freehold_app;

create table platform.exposed_function (
  name text primary key,
  target text not null,
  route text not null,
  resource text,
  renamed jsonb not null
);
comment on table platform.exposed_function is 'What platform.expose_function was called with, to write it again when a resource has a new column.';

-- they take one argument more
drop function platform.declare_record(regclass, jsonb, text[], jsonb, boolean);
drop function platform.declare_entity(regclass, jsonb, jsonb, jsonb, text[], text[], text[], jsonb, jsonb, jsonb, jsonb, text);
--! Included platform/transitions.sql
-- One function for each verb of a lifecycle.

create or replace function platform.write_transitions(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  declared platform.entity;
  verb record;
  function_name text;
begin
  select e.* into strict declared from platform.entity e where e.name = write_transitions.entity;
  for verb in
    select t.name,
      min(t.to_state) as to_state,
      array_agg(t.from_state order by t.from_state) as from_states,
      min(t.event) as event,
      declared.declaration #>> array['lifecycle', 'transitions', t.name, 'description'] as description,
      min(p.number) as permission_number
    from platform.transition t
    join platform.permission p on p.key = t.entity || ':' || t.name
    where t.entity = write_transitions.entity
      -- a verb with arguments or effects of its own is written by hand, in the entity's folder
      and not coalesce((declared.declaration #>> array['lifecycle', 'transitions', t.name, 'handwritten'])::boolean, false)
    group by t.name
  loop
    function_name := format('app.%I', verb.name || '_' || entity);
    execute format($sql$
create or replace function %1$s(id uuid, expected_version integer default null)
returns %2$s
language plpgsql
volatile
security definer
set search_path = ''
as $verb$
#variable_conflict use_column
declare
  found_status text;
  result %2$s;
begin
  update %2$s
  set status = %4$L,
    version = coalesce(%5$I.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = %5$I.id
    and status = any (%6$L)
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows(%3$L, %10$s)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require(%3$L);
    select status into found_status from %2$s where tenant_id = platform.tenant_id() and id = %5$I.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such %7$s',
        detail = format('%7$s %%s', %5$I.id);
    end if;
    perform platform.raise_illegal_transition(%7$L, %5$I.id, found_status, %8$L);
  end if;%9$s
  return result;
end
$verb$;
$sql$,
      function_name, declared.relation, entity || ':' || verb.name, verb.to_state, verb.name || '_' || entity,
      verb.from_states, entity, verb.name,
      (select coalesce(string_agg(format(E'\n  result.%I := null;', h), ''), '')
       from jsonb_array_elements_text(declared.declaration -> 'hidden') h),
      verb.permission_number);
    execute format('comment on function %s(uuid, integer) is %L', function_name,
      -- a verb that is the system's alone is no mutation of the API
      case when declared.declaration #> array['permissions', verb.name] = '[]' then E'@behavior -mutationField\n' else '' end
      || coalesce(verb.description, format('Takes a %s from %s to %s.', entity, array_to_string(verb.from_states, ' or '), verb.to_state))
      || format(' Event: %s. Permission: %s:%s.', verb.event, entity, verb.name));
    execute format('grant execute on function %s(uuid, integer) to freehold_user', function_name);
  end loop;
end
$$;
comment on function platform.write_transitions(text) is
  'Writes one function for each verb of the lifecycle: app.archive_project(id, expected_version). Errors: ZF003, ZF004, ZF005, ZF006.';

create or replace function platform.drop_transitions(entity text, lifecycle jsonb)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  verb text;
begin
  for verb in
    select former.key
    from platform.entity e, jsonb_each(e.declaration #> '{lifecycle,transitions}') former
    where e.name = drop_transitions.entity
      and not coalesce((former.value ->> 'handwritten')::boolean, false)
      and (
        not coalesce(lifecycle -> 'transitions' ? former.key, false)
        or coalesce((lifecycle #>> array['transitions', former.key, 'handwritten'])::boolean, false))
  loop
    execute format('drop function if exists api_v1.%I(uuid, integer)', verb || '_' || entity);
    delete from platform.exposed_function x where x.name = verb || '_' || drop_transitions.entity;
    execute format('drop function if exists app.%I(uuid, integer)', verb || '_' || entity);
  end loop;
end
$$;
comment on function platform.drop_transitions(text, jsonb) is
  'Drops the functions of verbs that a new declaration no longer has, or writes by hand.';
--! EndIncluded platform/transitions.sql
--! Included platform/contract.sql
-- The public contract: schema api_v1, which the REST gateway reads at start (platform.describe_api) and serves. One view for each declared entity, with
-- the columns that may leave it, written by its declaration; what stands here stays, whatever happens to the table: a view refuses to lose a column,
-- and the table to drop or retype what a view shows. A view of another shape is written by hand, in the entity's folder.

create or replace function platform.plural(word text)
returns text
language sql
immutable
set search_path = ''
return case
  when word ~ '[^aeiou]y$' then regexp_replace(word, 'y$', 'ies')
  when word ~ '(s|x|ch|sh)$' then word || 'es'
  else word || 's'
end;
comment on function platform.plural(text) is 'The plural of a name: the resource of an entity, unless its declaration says another.';

create or replace function platform.contract_view(entity text)
returns text
language sql
stable
set search_path = ''
begin atomic
  select 'api_v1.' || quote_ident(coalesce(e.declaration #>> '{resource,name}', platform.plural(e.name)))
  from platform.entity e
  where e.name = entity
    and e.kind <> 'states'
    and e.declaration ? 'resource';
end;
comment on function platform.contract_view(text) is 'The view that an entity has in the contract, quoted; null when it is in none.';

create or replace function platform.contract_comment(told text)
returns text
language sql
immutable
set search_path = ''
-- smart tags are about GraphQL, but for those that say what a value looks like
return nullif(btrim(regexp_replace(coalesce(told, ''), '(^|\n)@(?!(example|format|deprecated)\M)[^\n]*', '', 'g'), E'\n '), '');
comment on function platform.contract_comment(text) is 'A comment of a table or column as the contract shows it.';

create or replace function platform.grant_contract(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  view text := platform.contract_view(entity);
  relation regclass := (select e.relation from platform.entity e where e.name = grant_contract.entity);
  privilege text;
  granted text;
begin
  execute format('revoke all on %s from public, freehold_user', view);
  execute format('grant select on %s to freehold_user', view);
  foreach privilege in array '{insert,update}'::text[] loop
    select string_agg(quote_ident(v.attname), ', ' order by v.attnum)
    into granted
    from pg_catalog.pg_attribute v
    join pg_catalog.pg_attribute t on t.attrelid = relation and t.attname = v.attname
    where v.attrelid = view::regclass
      and has_column_privilege('freehold_user', relation, t.attnum, privilege);
    if granted is not null then
      execute format('grant %s (%s) on %s to freehold_user', privilege, granted, view);
    end if;
  end loop;
end
$$;
comment on function platform.grant_contract(text) is 'Grants on the view of an entity what is granted on its table.';

create or replace function platform.write_contract(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  declared platform.entity;
  view text := platform.contract_view(entity);
  hidden text[];
  told record;
begin
  select e.* into strict declared from platform.entity e where e.name = write_contract.entity;
  if view is null or coalesce((declared.declaration #>> '{resource,handwritten}')::boolean, false) then
    return;
  end if;
  hidden := array(select jsonb_array_elements_text(declared.declaration -> 'hidden'));
  begin
    execute format('create or replace view %s with (security_invoker = true) as select %s from %s t', view,
      (select string_agg(format('t.%I', c.name), ', ' order by coalesce(v.attnum, 10000), n)
       from platform.shown_columns(declared.relation::regclass, hidden) with ordinality c (name, type, required, description, states, n)
       left join pg_catalog.pg_attribute v on v.attrelid = to_regclass(view) and v.attname = c.name
       where not coalesce(declared.declaration #> '{resource,omit}' ? c.name, false)),
      declared.relation);
  exception when invalid_table_definition then
    raise exception using
      errcode = 'ZF013',
      message = format('the contract %s would lose or change a column', view),
      detail = format('%s. Partners read it: write the view by hand ("resource": {"handwritten": true}), or end it in a migration with platform.drop_contract(%L).',
        sqlerrm, entity);
  end;
  execute format('comment on view %s is %L', view, platform.contract_comment(obj_description(declared.relation::regclass, 'pg_class')));
  for told in
    select v.attname, platform.contract_comment(col_description(t.attrelid, t.attnum)) as comment
    from pg_catalog.pg_attribute v
    join pg_catalog.pg_attribute t on t.attrelid = declared.relation::regclass and t.attname = v.attname
    where v.attrelid = view::regclass
      and v.attnum > 0
  loop
    execute format('comment on column %s.%I is %L', view, told.attname, told.comment);
  end loop;
  perform platform.grant_contract(entity);
  perform platform.write_contract_verbs(entity);
  -- what returns its rows shows a new column too
  perform platform.expose_function(x.target::regprocedure, x.route, x.resource, x.renamed, x.name)
  from platform.exposed_function x
  join pg_catalog.pg_proc p on p.oid = to_regprocedure(x.target)
  join pg_catalog.pg_type t on t.oid = p.prorettype
  where t.typrelid = declared.relation::regclass;
end
$$;
comment on function platform.write_contract(text) is
  'Writes the view of an entity in the contract, with comments, grants and the functions of its verbs. New columns come last, so that none changes its place.
Errors: ZF013 when a column would be lost.';

create or replace function platform.drop_contract(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  view text := platform.contract_view(entity);
begin
  if view is not null then
    execute format('drop view if exists %s cascade', view);
  end if;
end
$$;
comment on function platform.drop_contract(text) is
  'Takes an entity out of the contract, with its functions and the older versions that show it. Declaring the entity again makes what its declaration says.';
--! EndIncluded platform/contract.sql
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
      b.attnotnull or told.text ~ '(^|\n)@required\M' as required
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
--! Included platform/contract_schema.sql
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
--! EndIncluded platform/contract_schema.sql
--! Included platform/contract_functions.sql
-- Functions of the contract. Each says its route in its comment, "@route POST projects/{id}/archive": what is in braces is an argument, the others
-- come in the body, or for GET in the query.

create or replace function platform.expose_function(
  target regprocedure,
  route text,
  resource text default null,
  renamed jsonb default '{}',
  name text default null
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  source pg_catalog.pg_proc;
  exposed text;
  returned regclass;
  result text;
  body text;
  arguments text;
  signature text;
  language text := 'sql';
begin
  select p.* into strict source from pg_catalog.pg_proc p where p.oid = target;
  name := coalesce(name, source.proname);
  exposed := 'api_v1.' || quote_ident(name);
  insert into platform.exposed_function as x (name, target, route, resource, renamed)
  values (expose_function.name, expose_function.target::text, expose_function.route, expose_function.resource, expose_function.renamed)
  on conflict on constraint exposed_function_pkey do update
    set (target, route, resource, renamed) = (excluded.target, excluded.route, excluded.resource, excluded.renamed)
    where (x.target, x.route, x.resource, x.renamed) is distinct from (excluded.target, excluded.route, excluded.resource, excluded.renamed);
  select string_agg(format('%I %s%s', coalesce(renamed ->> a.name, a.name), format_type(a.type, null),
      case when n > source.pronargs - source.pronargdefaults then ' default ' || pg_get_function_arg_default(target, n::integer) else '' end), ', ' order by n),
    string_agg(format('%I => %s.%I', a.name, split_part(exposed, '.', 2), coalesce(renamed ->> a.name, a.name)), ', ' order by n),
    string_agg(format_type(a.type, null), ', ' order by n)
  into arguments, body, signature
  from unnest(source.proargnames[1:source.pronargs], source.proargtypes::oid[]) with ordinality a (name, type, n);
  -- a row of an entity is shown as the contract shows it
  select to_regclass(platform.contract_view(e.name))
  into returned
  from platform.entity e
  join pg_catalog.pg_type t on t.oid = source.prorettype and t.typrelid = e.relation::regclass
  where e.kind <> 'states';
  if not found then
    returned := null;
  elsif returned is null then
    raise exception using
      errcode = 'ZF013',
      message = format('%s returns %s, which the contract does not show', target, source.prorettype::regtype),
      detail = 'Give the table a resource in its declaration, and declare it before.';
  end if;
  if resource is not null then
    result := platform.write_result_type(name, source.prorettype::regtype, resource);
    -- in a statement of its own, which sees what the function made
    body := format(E'declare\n  made %s := %s(%s);\n  result %s;\nbegin\n  result.id := made.id;\n  select shown into result.resource from api_v1.%I shown where shown.id = made.id;\n%s  return result;\nend',
      source.prorettype::regtype, source.oid::regproc, body, result, resource,
      (select string_agg(format(E'  result.%1$I := made.%1$I;\n', a.attname), '' order by a.attnum)
       from pg_catalog.pg_attribute a
       where a.attrelid = (select t.typrelid from pg_catalog.pg_type t where t.oid = to_regtype(result))
         and a.attnum > 0 and a.attname not in ('id', 'resource')));
    language := 'plpgsql';
  elsif returned is not null then
    result := returned::text;
    body := format('select row(%s)::%s from %s(%s) made',
      (select string_agg(format('made.%I', a.attname), ', ' order by a.attnum)
       from pg_catalog.pg_attribute a
       where a.attrelid = returned and a.attnum > 0 and not a.attisdropped),
      returned, source.oid::regproc, body);
  else
    result := pg_get_function_result(target);
    body := format('select %s(%s)', source.oid::regproc, body);
  end if;
  execute format(E'create or replace function %s(%s)\nreturns %s\nlanguage %s\n%s\nset search_path = \'\'\n%s',
    exposed, arguments, result, language, case source.provolatile when 'v' then 'volatile' else 'stable' end,
    case language when 'sql' then format(E'begin atomic\n  %s;\nend', body) else format('as $function$%s$function$', E'\n' || body || E'\n') end);
  execute format('comment on function %s(%s) is %L', exposed, signature,
    '@route ' || route || E'\n' || platform.contract_comment(obj_description(target, 'pg_proc')));
  execute format('grant execute on function %s(%s) to freehold_user', exposed, signature);
end
$$;
comment on function platform.expose_function(regprocedure, text, text, jsonb, text) is
  'Puts a function of app into the contract: platform.expose_function(''app.resend_delivery(uuid)'', ''POST deliveries/{id}/resend'').
A row of an entity that it returns is shown as the contract shows it.
resource: for one that returns an id and what is shown once, such as a secret: the resource of that id is shown with it.
renamed:  other names for arguments: {"endpoint_id": "id"}.
name:     of the function in api_v1, where it is not the same.';

create or replace function platform.write_result_type(name text, returned regtype, resource text)
returns text
language plpgsql
volatile
set search_path = ''
as $$
declare
  made text := format('api_v1.%I', name || '_result');
begin
  if to_regtype(made) is null then
    execute format('create type %s as (id uuid, resource api_v1.%I%s)', made, resource, (
      select string_agg(format(', %I %s', a.attname, format_type(a.atttypid, a.atttypmod)), '' order by a.attnum)
      from pg_catalog.pg_attribute a
      join pg_catalog.pg_type t on t.typrelid = a.attrelid
      where t.oid = returned and a.attnum > 0 and not a.attisdropped
        and not exists (
          select from pg_catalog.pg_attribute own
          where own.attrelid = format('api_v1.%I', resource)::regclass and own.attname = a.attname)));
    execute format('comment on type %s is %L', made, obj_description(returned, 'pg_type'));
  end if;
  return made;
end
$$;
comment on function platform.write_result_type(text, regtype, text) is
  'The type of what a function of the contract returns besides a resource: its id, the resource itself unless the caller may not read it, and what the
function of app has besides.';

create or replace function platform.write_contract_verbs(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  verb record;
  resource text := split_part(platform.contract_view(entity), '.', 2);
begin
  for verb in
    select distinct t.name, platform.as_list(e.declaration #> array['permissions', t.name]) <> '[]' as shown
    from platform.transition t
    join platform.entity e on e.name = t.entity
    where t.entity = write_contract_verbs.entity
      and not coalesce((e.declaration #>> array['lifecycle', 'transitions', t.name, 'handwritten'])::boolean, false)
  loop
    -- what is the system's alone is no business of partners
    if verb.shown then
      perform platform.expose_function(
        format('app.%I(uuid, integer)', verb.name || '_' || entity)::regprocedure,
        case verb.name when 'delete' then format('DELETE %s/{id}', resource) else format('POST %s/{id}/%s', resource, verb.name) end);
    else
      execute format('drop function if exists api_v1.%I(uuid, integer)', verb.name || '_' || entity);
      delete from platform.exposed_function x where x.name = verb.name || '_' || entity;
    end if;
  end loop;
end
$$;
comment on function platform.write_contract_verbs(text) is
  'Puts the verbs of a lifecycle into the contract: POST projects/{id}/archive, and DELETE projects/{id} for one that is called delete.';
--! EndIncluded platform/contract_functions.sql
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
  select jsonb_agg(jsonb_build_object(
    'version', v.version, 'schema', v.schema, 'deprecated_on', v.deprecated_on, 'sunset_on', v.sunset_on, 'description', v.description,
    'resources', platform.described_resources(v.schema), 'functions', platform.described_functions(v.schema)) order by v.version desc)
  from platform.api_versions() v;
end;
comment on function platform.describe_api() is 'The whole contract, for the gateway at start and for the OpenAPI document; newest version first.';
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
comment on function platform.describe_columns(regclass) is 'Comments the columns that every entity has, where they have no comment of their own.';

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
--! Included platform/violations.sql
-- The proof by catalog: what must never be, whoever wrote the migration. Runs after every migration and in CI.

create or replace function platform.runtime_roles()
returns setof name
language sql
immutable
set search_path = ''
begin atomic
  select unnest('{freehold_gate,freehold_app,freehold_user,freehold_worker}'::name[]);
end;
comment on function platform.runtime_roles() is 'The roles in which processes run requests and jobs.';

create or replace function platform.own_roles()
returns text[]
language sql
immutable
set search_path = ''
begin atomic
  select array(select r::text from platform.runtime_roles() r)
    || '{freehold_owner,freehold_resolver,freehold_recorder,freehold_dispatcher,freehold_janitor}'::text[];
end;
comment on function platform.own_roles() is 'All roles of Freehold.';

create or replace function platform.table_violations()
returns table (rule text, object text, remedy text)
language sql
stable
set search_path = ''
begin atomic
  with app_table as (
    select c.oid, c.oid::regclass::text as name, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relispartition, e.kind, e.policies, e.grants
    from pg_catalog.pg_class c
    left join platform.entity e on e.relation = c.oid::regclass::text
    where c.relnamespace = 'app'::regnamespace
      and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  ),
  contract as (
    select c.oid, c.oid::regclass::text as name, c.relkind, c.reloptions
    from pg_catalog.pg_class c
    where c.relnamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname ~ '^api_v')
      and c.relkind not in ('c', 'i', 'I')
  ),
  tenant_table as (
    select * from app_table where relkind in ('r', 'p') and not relispartition and kind is distinct from 'states'
  ),
  tenant_column as (
    select t.oid, t.name, a.attnum, a.attnotnull, a.atttypid
    from tenant_table t
    left join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attname = 'tenant_id' and not a.attisdropped
  )
  select 'undeclared_table', name, 'Declare it with platform.declare_entity or platform.declare_record.'
  from tenant_table
  where kind is null
  union all
  select 'no_tenant_id', name, 'Add tenant_id uuid not null default platform.tenant_id().'
  from tenant_column
  where attnum is null or not attnotnull or atttypid <> 'uuid'::regtype
  union all
  select 'row_security_off', name, 'Enable and force row-level security: declare the table again.'
  from app_table
  where relkind in ('r', 'p') and kind is distinct from 'states' and not (relrowsecurity and relforcerowsecurity)
  union all
  select 'policies_changed', name, 'Policies are written by platform.write_policies alone: declare the table again.'
  from tenant_table
  where kind is not null and policies is distinct from platform.policies_of(oid)
  union all
  select distinct 'permission_number', t.name || ' ' || named.says[1], 'The policy asks for the number of another permission: declare the table again.'
  from tenant_table t
  cross join regexp_matches(platform.policies_of(t.oid), 'allows\(''([^'']+)''::text, (\d+)\)', 'g') named (says)
  where not exists (select from platform.permission p where p.key = named.says[1] and p.number::text = named.says[2])
  union all
  select 'policy_on_partition', name, 'A partition is reached through its parent only: drop the policy.'
  from app_table t
  where t.relispartition and exists (select from pg_catalog.pg_policy p where p.polrelid = t.oid)
  union all
  select 'key_without_tenant', t.name || ' ' || i.indexrelid::regclass::text, 'Begin the key or index with tenant_id.'
  from tenant_column t
  join pg_catalog.pg_index i on i.indrelid = t.oid
  where i.indkey[0] is distinct from t.attnum
  union all
  select 'primary_key', t.name, 'Use primary key (tenant_id, id).'
  from tenant_table t
  where not exists (
    select from pg_catalog.pg_constraint k
    where k.conrelid = t.oid and k.contype = 'p' and pg_get_constraintdef(k.oid) = 'PRIMARY KEY (tenant_id, id)')
  union all
  select 'foreign_key_without_tenant', t.name || ' ' || k.conname, 'Reference (tenant_id, x_id): a single column lets a tenant point at another''s row.'
  from tenant_column t
  join pg_catalog.pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
  join tenant_column target on target.oid = k.confrelid
  where k.conkey[1] <> t.attnum or k.confkey[1] <> target.attnum
  union all
  select 'foreign_key_action', t.name || ' ' || k.conname, 'Use no action, restrict or cascade: set null would clear tenant_id.'
  from tenant_table t
  join pg_catalog.pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
  where k.confdeltype in ('n', 'd') or k.confupdtype <> 'a'
  union all
  select 'missing_trigger', t.name || ' ' || needed.name, 'Declare the entity again; do not drop or replace its triggers.'
  from tenant_table t
  cross join lateral (
    select split_part(t.name, '.', 2) as entity
  ) e
  cross join lateral (values
    ('entity', '_100_begin'::name, 'generated.' || quote_ident(e.entity || '_begin')),
    ('entity', '_100_follow', 'generated.' || quote_ident(e.entity || '_follow')),
    ('entity', '_100_refuse_delete', 'platform.refuse_delete'),
    ('entity', '_900_record_insert', 'generated.' || quote_ident(e.entity || '_record_insert')),
    ('entity', '_900_record_update', 'generated.' || quote_ident(e.entity || '_record_update')),
    ('record', '_100_keep_tenant', 'platform.keep_tenant')
  ) needed (kind, name, function)
  where t.kind = needed.kind
    and not exists (
      select from pg_catalog.pg_trigger g
      where g.tgrelid = t.oid and g.tgname = needed.name and g.tgfoid = to_regproc(needed.function) and g.tgqual is null)
  union all
  select 'disabled_trigger', g.tgrelid::regclass::text || ' ' || g.tgname, 'Enable it: rules hold for everybody, and revocation is one of them.'
  from pg_catalog.pg_trigger g
  join pg_catalog.pg_class c on c.oid = g.tgrelid
  where not g.tgisinternal
    and g.tgenabled not in ('O', 'A')
    and c.relnamespace::regnamespace::text in ('app', 'platform', 'identity', 'catalog')
  union all
  select 'grants_changed', name, 'Privileges follow from the declaration alone: declare the table again.'
  from tenant_table t
  where kind is not null
    and t.grants is distinct from platform.grants_of(oid)
  union all
  select 'trigger_name', t.name || ' ' || g.tgname, 'Name triggers _NNN_verb: they fire in order of name.'
  from tenant_table t
  join pg_catalog.pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal
  where g.tgname !~ '^_[0-9]{3}_[a-z_]+$'
  union all
  select 'enum_column', t.name || '.' || a.attname, 'Use text and platform.declare_states: enum_eq is not leakproof.'
  from tenant_table t
  join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
  join pg_catalog.pg_type ty on ty.oid = a.atttypid and ty.typtype = 'e'
  union all
  select 'unsafe_view', name, 'Create it with (security_invoker = true); no materialized views.'
  from app_table v
  where relkind in ('m', 'f')
    or (relkind = 'v' and not coalesce((select c.reloptions from pg_catalog.pg_class c where c.oid = v.oid), '{}') @> '{security_invoker=true}')
  union all
  select 'unsafe_view', name, 'The contract has views with (security_invoker = true), and nothing else: what it shows is what the caller may see.'
  from contract
  where relkind <> 'v' or not coalesce(reloptions, '{}') @> '{security_invoker=true}'
  union all
  select 'outside_contract', e.relation, 'Declare it again: its view in the contract is missing.'
  from platform.entity e
  where e.kind <> 'states'
    and to_regclass(platform.contract_view(e.name)) is null
    and platform.contract_view(e.name) is not null
  union all
  select 'sequence', name, 'A sequence counts over all tenants: use uuidv7() or platform.next_number().'
  from app_table
  where relkind = 'S';
end;
comment on function platform.table_violations() is 'What breaks the rules of tables, policies and triggers in schema app, and of the views over them in the contract.';

create or replace function platform.access_violations()
returns table (rule text, object text, remedy text)
language sql
stable
set search_path = ''
begin atomic
  with ours as (
    select n.oid, n.nspname
    from pg_catalog.pg_namespace n
    where n.nspname in ('platform', 'identity', 'catalog', 'app', 'generated') or n.nspname ~ '^api_v'
  ),
  grants as (
    select c.oid, c.oid::regclass::text as name, c.relispartition, n.nspname, x.grantee, x.privilege_type
    from pg_catalog.pg_class c
    join ours n on n.oid = c.relnamespace
    cross join lateral (
      select * from aclexplode(c.relacl)
      union
      select k.* from pg_catalog.pg_attribute a, aclexplode(a.attacl) k where a.attrelid = c.oid
    ) x
    where x.grantee <> c.relowner
  )
  select distinct 'granted_to_public', name, 'Revoke it: grant to a role by name.' from grants where grantee = 0
  union all
  select 'dangerous_grant', name || ' ' || privilege_type || ' to ' || grantee::regrole::text, 'Revoke it: TRUNCATE ignores policies, TRIGGER and REFERENCES run code or probe rows.'
  from grants
  where privilege_type in ('TRUNCATE', 'TRIGGER', 'REFERENCES', 'MAINTAIN')
  union all
  select 'secret_grant', name || ' to ' || grantee::regrole::text, 'Revoke it: keys, sessions and secrets are read by narrow roles alone.'
  from grants
  where (nspname = 'identity' or name = 'platform.counter')
    and grantee::regrole::text in (select platform.runtime_roles()::text)
  union all
  select 'secret_grant', format('%s.%s to %s', g.name, a.attname, r), 'Hide the column in the declaration: what is sealed is read by narrow roles alone.'
  from (select distinct oid, name from grants) g
  join pg_catalog.pg_attribute a on a.attrelid = g.oid and a.atttypid = 'platform.sealed'::regtype
  cross join platform.runtime_roles() r
  where has_column_privilege(r, g.oid, a.attnum, 'select')
  union all
  select distinct 'partition_grant', name, 'Revoke it: policies of the parent do not hold on a partition.'
  from grants
  where relispartition
  union all
  select 'create_on_schema', n.nspname || ' to ' || r, 'Revoke it: who runs requests makes no objects.'
  from ours n
  cross join platform.runtime_roles() r
  where has_schema_privilege(r, n.oid, 'create')
  union all
  select 'powerful_role', r.rolname::text, 'Runtime roles and the owner are never superuser, BYPASSRLS, CREATEROLE or REPLICATION.'
  from pg_catalog.pg_roles r
  where r.rolname in (select platform.runtime_roles() union all values ('freehold_owner'), ('freehold_resolver'), ('freehold_recorder'), ('freehold_dispatcher'), ('freehold_janitor'))
    and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolreplication)
  union all
  select 'role_membership', m.member::regrole::text || ' in ' || m.roleid::regrole::text,
    'Revoke it: app and worker become freehold_user when they say so, the owner becomes a narrow role, and nobody else anything.'
  from pg_catalog.pg_auth_members m
  join pg_catalog.pg_roles r on r.oid = m.member
  cross join lateral (select m.member::regrole::text as member, m.roleid::regrole::text as role) n
  where (n.member = any (platform.own_roles()) or n.role = any (platform.own_roles()))
    and not (
      not m.inherit_option
      and (
        not m.admin_option
        and (n.member, n.role) in (values
          ('freehold_app', 'freehold_user'), ('freehold_worker', 'freehold_user'),
          ('freehold_owner', 'freehold_resolver'), ('freehold_owner', 'freehold_recorder'),
          ('freehold_owner', 'freehold_dispatcher'), ('freehold_owner', 'freehold_janitor'))
        -- the administrator who made the roles
        or r.rolcreaterole and n.member <> all (platform.own_roles())))
  union all
  select 'role_login', r.rolname::text, 'Alter it to NOLOGIN: requests become freehold_user from a login, narrow roles own functions.'
  from pg_catalog.pg_roles r
  where r.rolcanlogin
    and r.rolname in ('freehold_user', 'freehold_resolver', 'freehold_recorder', 'freehold_dispatcher', 'freehold_janitor')
  union all
  select 'database_grant', lower(x.privilege_type) || ' to ' || case x.grantee when 0 then 'public' else x.grantee::regrole::text end,
    'Revoke it: types and tables of a temporary schema come before all others, and functions of the owner would use them.'
  from pg_catalog.pg_database d
  cross join aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x
  where d.datname = current_database()
    and x.privilege_type in ('TEMPORARY', 'CREATE')
    and (x.grantee = 0 or x.grantee::regrole::text in (select platform.runtime_roles()::text))
  union all
  select 'minting_grant', p.oid::regprocedure::text || ' to ' || x.grantee::regrole::text, 'Revoke it: who may sign or enter is everybody.'
  from pg_catalog.pg_proc p
  cross join aclexplode(p.proacl) x
  where p.pronamespace = 'platform'::regnamespace
    and x.grantee <> p.proowner
    and x.grantee <> 0
    and (p.proname in ('add_principal', 'execute_as')
      or p.proname = 'sign_context' and x.grantee::regrole::text <> 'freehold_resolver'
      or p.proname in ('enter_as_system', 'create_tenant', 'purge_tenant') and x.grantee::regrole::text <> 'freehold_worker')
  union all
  select 'leakproof_function', p.oid::regprocedure::text, 'Remove LEAKPROOF: row-level security would run it on rows of other tenants.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  where p.proleakproof
  union all
  select 'runtime_owner', c.oid::regclass::text, 'Give it to freehold_owner.'
  from pg_catalog.pg_class c
  join ours n on n.oid = c.relnamespace
  where c.relowner::regrole::text in (select platform.runtime_roles()::text)
  union all
  select 'contract_definer', p.oid::regprocedure::text, 'Make it SECURITY INVOKER: the contract has no rights of its own; what needs them is a function of app.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  where p.prosecdef and n.nspname ~ '^api_v'
  union all
  select 'definer_search_path', p.oid::regprocedure::text, 'Add: set search_path = ''''.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  where p.prosecdef
    and not coalesce(p.proconfig, '{}') @> '{"search_path=\"\""}'
  union all
  select 'executable_by_public', p.oid::regprocedure::text, 'Revoke execute from public.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
  where x.grantee = 0
    and p.prorettype <> 'trigger'::regtype
  union all
  select 'immutable_context', p.oid::regprocedure::text, 'Make it STABLE: a cached plan would serve the former tenant.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  where p.provolatile = 'i'
    and (coalesce(p.prosrc, '') || coalesce(pg_get_function_sqlbody(p.oid), '')) ~* 'current_setting|tenant_id\(\)|claim\(';
end;
comment on function platform.access_violations() is 'What breaks the rules of roles, grants and functions.';

create or replace function platform.violations()
returns table (rule text, object text, remedy text)
language sql
stable
set search_path = ''
begin atomic
  select v.rule, v.object, v.remedy from platform.table_violations() v
  union all
  select v.rule, v.object, v.remedy from platform.access_violations() v
  order by 1, 2;
end;
comment on function platform.violations() is
  'Everything in the catalog that breaks a rule of isolation, with the remedy. Empty, or the build fails.';
--! EndIncluded platform/violations.sql

-- what was declared before
update platform.entity e set declaration = e.declaration || '{"resource": {}}' where e.kind = 'entity';
select platform.write_contract(e.name) from platform.entity e where e.kind = 'entity' and e.name not in ('membership') order by e.name;

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
    "when": "(new.max_session_hours, new.max_idle_minutes, new.allowed_networks, new.login_methods, new.require_sso, new.admit_verified_domains, new.default_role) is distinct from (old.max_session_hours, old.max_idle_minutes, old.allowed_networks, old.login_methods, old.require_sso, old.admit_verified_domains, old.default_role)",
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
  editable => '{name,admit_verified_domains,default_role,max_session_hours,max_idle_minutes,allowed_networks,login_methods,require_sso,stream_audit_log}',
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
--! Included membership/membership.sql
-- Members: a person in a tenant, with one role.

comment on table app.membership is 'A person who works in the tenant, with one role.';
comment on column app.membership.person_id is E'@behavior -*\nThe person, whatever tenants they belong to.';
comment on column app.membership.email is E'@format email\n@example ada@example.com\nAddress as the identity provider verified it.';
comment on column app.membership.name is E'@example Ada Lovelace\nName as people see it.';
comment on column app.membership.role is E'@example member\nowner, admin, member, viewer, billing, or the key of a role of the tenant.';

select platform.declare_entity(
  'app.membership',
  permissions => '{"read": "viewer", "update": "admin", "suspend": "admin", "reactivate": "admin", "remove": "admin"}',
  lifecycle => '{
    "initial": "active",
    "transitions": {
      "suspend": {"from": ["active"], "to": "suspended", "event": "user.suspended",
        "description": "Locks a member out from their next request on."},
      "reactivate": {"from": ["suspended"], "to": "active", "event": "user.reactivated",
        "description": "Lets a suspended member in again."},
      "remove": {"from": ["active", "suspended"], "to": "removed", "event": "user.removed",
        "description": "Ends a membership for good; the person can be invited again."}
    }
  }',
  events => '{"created": "user.joined", "updated": "user.updated",
    "changed": [{"event": "user.role_changed", "when": "new.role <> old.role", "description": "A member was given another role."}],
    "descriptions": {
      "user.joined": "A person became a member of the tenant.",
      "user.updated": "The name or the address of a member was changed.",
      "user.suspended": "A member was locked out, from their next request on.",
      "user.reactivated": "A suspended member was let in again.",
      "user.removed": "A member left the tenant, or was removed from it, for good."
    }}',
  editable => '{role}',
  limited_by => '{"entitlement": "seats", "counted": "new.status <> ''removed''", "usage": "app.seats_used()"}',
  tasks => '{"user.suspended": "tell_provider", "user.reactivated": "tell_provider", "user.removed": "tell_provider"}',
  across => '{"freehold_resolver": ["select"]}',
  resource => '{"name": "members"}'
);

create or replace trigger _700_follow_principal
  after insert on app.membership
  for each row execute function identity.follow_principal('member');
-- after the record, which verifies the context of the caller: who leaves ends their own
create or replace trigger _950_follow_principal
  after update of role, status on app.membership
  for each row
  when (new.role <> old.role or new.status <> old.status)
  execute function identity.follow_principal('member');

create or replace function app.membership_follow_person()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into identity.person_principal (person_id, tenant_id, principal_id)
  values (new.person_id, new.tenant_id, new.id);
  return null;
end
$$;
comment on function app.membership_follow_person() is 'Trigger: which principals a person has, so that a revoked session finds them.';
create or replace trigger _720_follow_person
  after insert on app.membership
  for each row execute function app.membership_follow_person();

create or replace function app.membership_check_role()
returns trigger
language plpgsql
-- the roles of the tenant are compared whole, whatever of them the caller may read
security definer
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  -- asked of the context that is verified here: a statement could have begun in another one
  perform platform.require('membership:update');
  if (select v.actor_type from platform.verified_context v) = 'system' then
    return new;
  end if;
  lacking := platform.not_held(
    platform.permissions_of(new.tenant_id, new.role) || platform.permissions_of(old.tenant_id, old.role));
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot change a member from %s to %s', old.role, new.role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$$;
comment on function app.membership_check_role() is 'Trigger: no one gives or takes a role that holds more than they do.';
create or replace trigger _200_check_role
  before update of role, status on app.membership
  for each row
  when (new.role <> old.role or new.status <> old.status)
  execute function app.membership_check_role();

create or replace function app.membership_keep_owner()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_tenant(old.tenant_id);
  -- two owners who step down at once must see each other
  perform pg_advisory_xact_lock(hashtextextended(old.tenant_id::text || 'owners', 0));
  if not exists (
    select from app.membership m
    where m.tenant_id = old.tenant_id
      and m.role = 'owner'
      and m.status = 'active'
  ) then
    raise exception using
      errcode = 'ZF009',
      message = 'the tenant would have no owner left',
      detail = 'Give another member the role owner first.';
  end if;
  return null;
end
$$;
comment on function app.membership_keep_owner() is 'Trigger: a tenant keeps one active owner.';
create or replace trigger _300_keep_owner
  after update of role, status on app.membership
  for each row
  when (old.role = 'owner' and old.status = 'active' and (new.role <> 'owner' or new.status <> 'active'))
  execute function app.membership_keep_owner();

create or replace function app.seats_used()
returns bigint
language sql
stable
security definer
set search_path = ''
begin atomic
  select
    (select count(*) from app.membership m where m.tenant_id = platform.tenant_id() and m.status <> 'removed')
    + (select count(*) from app.invitation i where i.tenant_id = platform.tenant_id() and i.status = 'pending');
end;
comment on function app.seats_used() is 'Seats in use: members who are not removed, and pending invitations.';
grant execute on function app.seats_used() to freehold_user;
--! EndIncluded membership/membership.sql
--! Included invitation/resend.sql
-- An invitation that got lost is sent again, and its time begins anew.

create or replace function app.resend_invitation(id uuid)
returns app.invitation
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  waiting app.invitation;
begin
  perform platform.require('invitation:resend');
  select i.*
  into waiting
  from app.invitation i
  where i.tenant_id = platform.tenant_id()
    and i.id = resend_invitation.id
  for no key update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such invitation', detail = format('invitation %s', resend_invitation.id);
  end if;
  if waiting.status <> 'pending' then
    perform platform.raise_illegal_transition('invitation', waiting.id, waiting.status, 'resend');
  end if;
  -- somebody's mailbox is at the other end
  if waiting.updated_at > statement_timestamp() - interval '1 minute' then
    raise exception using
      errcode = 'ZF010', message = 'the invitation was sent a moment ago', detail = 'It can be sent again after a minute.';
  end if;
  update app.invitation i
  set expires_at = greatest(i.expires_at, statement_timestamp() + interval '7 days')
  where i.tenant_id = waiting.tenant_id
    and i.id = waiting.id
  returning i.* into waiting;
  return waiting;
end
$$;
comment on function app.resend_invitation(uuid) is
  'Sends a pending invitation again, and lets it be accepted for seven days more. Event: invitation.resent. Errors: ZF004, ZF005, ZF010 within a minute.';
grant execute on function app.resend_invitation(uuid) to freehold_user;
select platform.expose_function('app.resend_invitation(uuid)', 'POST invitations/{id}/resend');
--! EndIncluded invitation/resend.sql
--! Included api_key/api_key.sql
-- API keys: shown once, kept as a hash outside the tenant's reach.

comment on table app.api_key is 'A key that opens the API with its own permissions.';
comment on column app.api_key.name is E'@example Nightly import\nWhat it is for, 1 to 200 characters.';
comment on column app.api_key.prefix is E'@example fh_live_a1b2c3\nThe beginning of the key, to tell keys apart.';
comment on column app.api_key.scopes is E'@example ["project:read"]\nPermissions of the key, such as project:read.';
comment on column app.api_key.allowed_networks is E'@example ["203.0.113.0/24"]\nWhere it may be used from, in CIDR notation; empty for anywhere.';
comment on column app.api_key.created_by is 'The member who made or rotated it; it opens nothing while they are suspended, and ends with their membership.';
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
  insert into app.api_key (name, prefix, scopes, expires_at, allowed_networks, created_by)
  select create_api_key.name, left(made.secret, 14), create_api_key.scopes, create_api_key.expires_at, coalesce(create_api_key.allowed_networks, '{}'),
    case v.actor_type when 'member' then v.actor_id when 'api_key' then (select k.created_by from app.api_key k where k.tenant_id = v.tenant_id and k.id = v.actor_id) end
  from platform.verified_context v
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
select platform.expose_function('app.create_api_key(text, text[], timestamptz, cidr[])', 'POST api_keys', 'api_keys');

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
select platform.expose_function('app.rotate_api_key(uuid, integer, timestamptz)', 'POST api_keys/{id}/rotate', 'api_keys');

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
security definer
set search_path = ''
begin atomic
  select case when d.production then 'fh_live_' else 'fh_test_' end
  from platform.deployment d;
end;
comment on function platform.key_prefix() is 'fh_live_ in production, fh_test_ elsewhere: by which a leaked key tells what it opens.';
grant execute on function platform.key_prefix() to freehold_user;
--! EndIncluded api_key/api_key.sql
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
--! Included subscription/change_plan.sql
-- Changing the plan: up at once and prorated, down with the next period.

create or replace function catalog.plan_rank(plan text)
returns integer
language sql
stable
set search_path = ''
begin atomic
  select p.rank from catalog.plan p where p.key = plan_rank.plan;
end;
comment on function catalog.plan_rank(text) is E'@behavior -*\nRank of a plan; null when there is none.';
grant execute on function catalog.plan_rank(text) to freehold_user, freehold_recorder;
grant select on catalog.plan to freehold_recorder;

create or replace function app.lock_subscription(id uuid, expected_version integer, verb text, states text[])
returns app.subscription
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  locked app.subscription;
begin
  perform platform.require('subscription:' || verb);
  select s.*
  into locked
  from app.subscription s
  where s.tenant_id = platform.tenant_id()
    and s.id = lock_subscription.id
  for no key update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such subscription', detail = format('subscription %s', id);
  end if;
  if locked.version <> expected_version then
    raise exception using
      errcode = 'ZF006',
      message = format('subscription has version %s, not %s', locked.version, expected_version),
      detail = format('Current version: %s.', locked.version);
  end if;
  if locked.status <> all (states) then
    perform platform.raise_illegal_transition('subscription', locked.id, locked.status, verb);
  end if;
  return locked;
end
$$;
comment on function app.lock_subscription(uuid, integer, text, text[]) is
  'The subscription, locked, after its permission, version and state were checked.';

create or replace function app.upgrade_subscription(id uuid, plan text, expected_version integer default null)
returns app.subscription
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  former app.subscription := app.lock_subscription(id, expected_version, 'upgrade', '{trialing,active}');
  upgraded app.subscription;
  old_plan catalog.plan;
  new_plan catalog.plan;
  at timestamptz := least(greatest(date_trunc('second', statement_timestamp()), former.current_period_start), former.current_period_end);
  whole bigint := ceil(extract(epoch from former.current_period_end - former.current_period_start));
  used bigint := floor(extract(epoch from at - former.current_period_start));
begin
  select p.* into strict old_plan from catalog.plan p where p.key = former.plan;
  select p.* into new_plan from catalog.plan p where p.key = upgrade_subscription.plan;
  if not found then
    raise exception using errcode = 'ZF010', message = format('there is no plan %s', coalesce(plan, 'null')), detail = 'Plans are listed in plans.';
  end if;
  if new_plan.rank <= old_plan.rank then
    raise exception using
      errcode = 'ZF015',
      message = format('%s is not above %s', new_plan.key, old_plan.key),
      detail = case when new_plan.rank = old_plan.rank then 'The subscription has this plan.' else 'Use downgrade_subscription.' end;
  end if;
  update app.subscription s
  set plan = new_plan.key,
    next_plan = null
  where s.tenant_id = former.tenant_id
    and s.id = former.id
  returning * into upgraded;
  -- In a trial nothing is charged. Else: give back the rest of the old plan's month, charge the rest of the new one's.
  if former.status = 'active' and whole > used then
    perform app.issue_invoice(upgraded, array[
      row(null, null, null, format('Unused time on %s', old_plan.name),
        -platform.prorate(old_plan.monthly_price, used, whole, whole), at, former.current_period_end, null)::app.invoice_line,
      row(null, null, null, format('Remaining time on %s', new_plan.name),
        platform.prorate(new_plan.monthly_price, used, whole, whole), at, former.current_period_end, null)::app.invoice_line]);
  end if;
  return upgraded;
end
$$;
comment on function app.upgrade_subscription(uuid, text, integer) is
  'Takes the subscription to a higher plan at once; the difference of the remaining period is invoiced.
Event: subscription.upgraded. Permission: subscription:upgrade.';
grant execute on function app.upgrade_subscription(uuid, text, integer) to freehold_user;
select platform.expose_function('app.upgrade_subscription(uuid, text, integer)', 'POST subscriptions/{id}/upgrade');

create or replace function app.downgrade_subscription(id uuid, plan text, expected_version integer default null)
returns app.subscription
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  former app.subscription := app.lock_subscription(id, expected_version, 'downgrade', '{trialing,active}');
  downgraded app.subscription;
  over text;
begin
  if catalog.plan_rank(plan) is null then
    raise exception using errcode = 'ZF010', message = format('there is no plan %s', coalesce(plan, 'null')), detail = 'Plans are listed in plans.';
  end if;
  if catalog.plan_rank(plan) >= catalog.plan_rank(former.plan) then
    raise exception using
      errcode = 'ZF015',
      message = format('%s is not below %s', plan, former.plan),
      detail = case when plan = former.plan then 'The subscription has this plan.' else 'Use upgrade_subscription.' end;
  end if;
  select string_agg(format('%s: %s in use, %s allowed', e.key, u.used, e.value), '; ' order by e.key)
  into over
  from (values ('seats', app.seats_used()), ('projects', app.projects_used())) u (key, used)
  join catalog.plan_entitlement e on e.key = u.key and e.plan = downgrade_subscription.plan
  where u.used > e.value;
  if over is not null then
    raise exception using errcode = 'ZF007', message = format('more is in use than %s allows', plan), detail = over;
  end if;
  update app.subscription s
  set plan = case when former.status = 'trialing' then downgrade_subscription.plan else s.plan end,
    next_plan = case when former.status = 'trialing' then null else downgrade_subscription.plan end
  where s.tenant_id = former.tenant_id
    and s.id = former.id
  returning * into downgraded;
  return downgraded;
end
$$;
comment on function app.downgrade_subscription(uuid, text, integer) is
  'Takes the subscription to a lower plan: at once in a trial, else with the next period. Refused while more is in use than the plan allows.
Event: subscription.downgraded, when the plan changes. Permission: subscription:downgrade.';
grant execute on function app.downgrade_subscription(uuid, text, integer) to freehold_user;
select platform.expose_function('app.downgrade_subscription(uuid, text, integer)', 'POST subscriptions/{id}/downgrade');
--! EndIncluded subscription/change_plan.sql
--! Included subscription/renew.sql
-- Periods: a trial turns into a paid subscription, a period into the next one. The worker calls these when they are due.

create or replace function app.bill_period(subscription app.subscription)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  plan catalog.plan;
begin
  select p.* into strict plan from catalog.plan p where p.key = subscription.plan;
  if plan.monthly_price > 0 then
    perform app.issue_invoice(subscription, array[
      row(null, null, null, plan.name, plan.monthly_price, subscription.current_period_start, subscription.current_period_end, null)::app.invoice_line]);
  end if;
end
$$;
comment on function app.bill_period(app.subscription) is 'Invoices the current period of a subscription, unless its plan is free.';

create or replace function app.activate_subscription(id uuid, expected_version integer default null)
returns app.subscription
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  former app.subscription := app.lock_subscription(id, expected_version, 'activate', '{trialing}');
  activated app.subscription;
begin
  update app.subscription s
  set status = 'active',
    trial_ends_at = least(s.trial_ends_at, statement_timestamp()),
    anchor = coalesce(least(s.trial_ends_at, statement_timestamp()), statement_timestamp()),
    period = 0,
    current_period_start = coalesce(least(s.trial_ends_at, statement_timestamp()), statement_timestamp()),
    current_period_end = platform.month_after(coalesce(least(s.trial_ends_at, statement_timestamp()), statement_timestamp()), 1)
  where s.tenant_id = former.tenant_id
    and s.id = former.id
  returning * into activated;
  perform app.bill_period(activated);
  return activated;
end
$$;
comment on function app.activate_subscription(uuid, integer) is
  E'@behavior -mutationField\nEnds the trial and invoices the first period. For the system. Event: subscription.activated.';
grant execute on function app.activate_subscription(uuid, integer) to freehold_user;

create or replace function app.renew_subscription(id uuid, expected_version integer default null)
returns app.subscription
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  former app.subscription := app.lock_subscription(id, expected_version, 'renew', '{active}');
  renewed app.subscription;
begin
  if former.current_period_end > statement_timestamp() then
    return former;
  end if;
  -- two steps when a downgrade waits: the plan changes, then the period; each is an event of its own
  if former.next_plan is not null then
    update app.subscription s
    set plan = s.next_plan,
      next_plan = null
    where s.tenant_id = former.tenant_id
      and s.id = former.id;
  end if;
  update app.subscription s
  set period = s.period + 1,
    current_period_start = s.current_period_end,
    current_period_end = platform.month_after(s.anchor, s.period + 2)
  where s.tenant_id = former.tenant_id
    and s.id = former.id
  returning * into renewed;
  perform app.bill_period(renewed);
  return renewed;
end
$$;
comment on function app.renew_subscription(uuid, integer) is
  E'@behavior -mutationField\nBegins the next period when the current one is over, applies a waiting downgrade and invoices. For the system. Event: subscription.renewed.';
grant execute on function app.renew_subscription(uuid, integer) to freehold_user;

create or replace function app.resume_subscription(id uuid, expected_version integer default null)
returns app.subscription
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  former app.subscription := app.lock_subscription(id, expected_version, 'resume', '{paused}');
  resumed app.subscription;
begin
  if former.current_period_end > statement_timestamp() then
    update app.subscription s set status = 'active'
    where s.tenant_id = former.tenant_id and s.id = former.id
    returning * into resumed;
    return resumed;
  end if;
  -- the paid period ended during the pause: a new one begins today
  update app.subscription s
  set status = 'active',
    anchor = statement_timestamp(),
    period = s.period + 1,
    current_period_start = statement_timestamp(),
    current_period_end = platform.month_after(statement_timestamp(), 1)
  where s.tenant_id = former.tenant_id
    and s.id = former.id
  returning * into resumed;
  perform app.bill_period(resumed);
  return resumed;
end
$$;
comment on function app.resume_subscription(uuid, integer) is
  'Resumes a paused subscription; where the paid period has ended, a new one begins and is invoiced. Event: subscription.resumed. Permission: subscription:resume.';
grant execute on function app.resume_subscription(uuid, integer) to freehold_user;
select platform.expose_function('app.resume_subscription(uuid, integer)', 'POST subscriptions/{id}/resume');
--! EndIncluded subscription/renew.sql
--! Included webhook_endpoint/keys.sql
-- Signing keys: made, shown once, and replaced without a message that the receiver cannot verify.

comment on table app.webhook_signing_key is
  'A key that signs what an endpoint is sent. After a rotation the former one signs too, until it expires.';
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
--! Included webhook_endpoint/create.sql
-- A new endpoint, with the secret that signs what it is sent.

do $$
begin
  if to_regtype('app.created_webhook_endpoint') is null then
    create type app.created_webhook_endpoint as (id uuid, secret platform.signing_secret);
  end if;
end
$$;
comment on type app.created_webhook_endpoint is 'The id of a new webhook endpoint, and its signing secret, which is shown this once.';

create or replace function app.create_webhook_endpoint(
  url text,
  event_types text[] default '{*}',
  description text default '',
  channels text[] default '{}',
  ordered boolean default false,
  rate_limit integer default null,
  concurrency integer default null,
  retry_delays integer[] default null,
  signing_key platform.fresh_key default null
)
returns app.created_webhook_endpoint
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  made app.created_webhook_endpoint;
begin
  perform platform.require('webhook_endpoint:create');
  insert into app.webhook_endpoint (url, event_types, description, channels, ordered, rate_limit, concurrency, retry_delays)
  values (
    create_webhook_endpoint.url, create_webhook_endpoint.event_types, coalesce(create_webhook_endpoint.description, ''),
    coalesce(create_webhook_endpoint.channels, '{}'),
    coalesce(create_webhook_endpoint.ordered, false), create_webhook_endpoint.rate_limit, create_webhook_endpoint.concurrency,
    coalesce(create_webhook_endpoint.retry_delays, '{5,300,1800,7200,18000,36000,50400,72000,86400}'))
  returning id into made.id;
  made.secret := (platform.add_signing_key(made.id, 'v1', signing_key)).sealed_key;
  return made;
end
$$;
comment on function app.create_webhook_endpoint(text, text[], text, text[], boolean, integer, integer, integer[], platform.fresh_key) is
  'Makes a webhook endpoint that is told of the given event types (exact, invoice.*, or *). The secret is in this answer and nowhere else.
Event: webhook_endpoint.created. Permission: webhook_endpoint:create.';
grant execute on function app.create_webhook_endpoint(text, text[], text, text[], boolean, integer, integer, integer[], platform.fresh_key) to freehold_user;
select platform.expose_function(
  'app.create_webhook_endpoint(text, text[], text, text[], boolean, integer, integer, integer[], platform.fresh_key)', 'POST webhook_endpoints', 'webhook_endpoints');
--! EndIncluded webhook_endpoint/create.sql
--! Included webhook_endpoint/headers.sql
-- Headers of their own that owners have sent along, such as a token that their gateway asks for. Values are sealed and never shown.

comment on table app.webhook_header is
  'A header that is sent along with each message to an endpoint. Its value is kept encrypted and is not shown again.';
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
--! Included delivery/resend.sql
-- Sending once more, at the tenant's wish.

create or replace function app.resend_delivery(id uuid)
returns app.delivery
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  found_delivery app.delivery;
  moved boolean;
begin
  perform platform.require('delivery:resend');
  select *
  into found_delivery
  from app.delivery
  where tenant_id = platform.tenant_id()
    and id = resend_delivery.id
    and endpoint_id is not null
  for no key update;
  if not found then
    raise exception using
      errcode = 'ZF004',
      message = 'there is no such delivery',
      detail = format('delivery %s', resend_delivery.id);
  end if;
  if not exists (
    select from app.webhook_endpoint w
    where w.tenant_id = found_delivery.tenant_id and w.id = found_delivery.endpoint_id and w.status = 'enabled'
  ) then
    raise exception using
      errcode = 'ZF005',
      message = 'the endpoint of the delivery is disabled',
      detail = 'Enable the endpoint first.';
  end if;

  if found_delivery.status = 'pending' then
    update platform.delivery_queue
    set due_at = statement_timestamp()
    where due_at = found_delivery.next_attempt_at
      and delivery_id = found_delivery.id;
    moved := found;
  else
    insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, attempt)
    values (statement_timestamp(), found_delivery.id, found_delivery.tenant_id, found_delivery.endpoint_id, found_delivery.attempt_count + 1);
    moved := true;
  end if;
  -- not in the queue: it is being sent at this moment, or waits in the lane of its endpoint
  if moved then
    update app.delivery
    set status = 'pending',
      next_attempt_at = statement_timestamp(),
      schedule_start = attempt_count,
      updated_at = statement_timestamp()
    where tenant_id = found_delivery.tenant_id
      and id = found_delivery.id
    returning * into found_delivery;
  end if;
  -- whoever asks has mended something: the breaker is tried at once
  update platform.endpoint_flow
  set not_before = '-infinity'
  where tenant_id = found_delivery.tenant_id
    and endpoint_id = found_delivery.endpoint_id
    and laned;
  perform platform.wake_dispatcher();
  return found_delivery;
end
$$;
comment on function app.resend_delivery(uuid) is
  'Sends a delivery again now, under the same webhook-id: one that succeeded or failed, or one that waits for its next attempt.
Permission: delivery:resend.';
grant execute on function app.resend_delivery(uuid) to freehold_user;
select platform.expose_function('app.resend_delivery(uuid)', 'POST deliveries/{id}/resend');
--! EndIncluded delivery/resend.sql
--! Included plan/contract.sql
-- Plans in the public contract: what a subscription can be taken to.

create or replace view api_v1.plans with (security_invoker = true) as
select p.key, p.name, p.description, p.rank, p.currency, p.monthly_price, p.trial_days,
  (select jsonb_object_agg(e.key, e.value) from catalog.plan_entitlement e where e.plan = p.key) as entitlements
from catalog.plan p;
comment on view api_v1.plans is E'@primaryKey key\nA plan that a tenant can subscribe to.';
comment on column api_v1.plans.key is E'@isIndexed\n@example team\nName of the plan, for subscriptions.';
comment on column api_v1.plans.name is E'@example Team\nName as people see it.';
comment on column api_v1.plans.description is E'@example For one team.\nWhom it is for.';
comment on column api_v1.plans.rank is E'@example 10\nPlans of higher rank are upgrades.';
comment on column api_v1.plans.currency is E'@example EUR\nCurrency of its price, as ISO 4217 has it.';
comment on column api_v1.plans.monthly_price is E'@example 4900\nPrice of a month in minor units of the currency.';
comment on column api_v1.plans.trial_days is E'@example 14\nDays of the trial; 0 for none.';
comment on column api_v1.plans.entitlements is E'@required\n@example {"seats": 10, "projects": 25}\nWhat it allows by name: a number, 1 for a feature that is included, null for no limit.';
grant select on api_v1.plans to freehold_user;
--! EndIncluded plan/contract.sql
--! Included feature_usage/contract.sql
-- Metering in the public contract: what was used by day, and noting a use.

create or replace view api_v1.usage with (security_invoker = true) as
select u.feature, u.day, u.quantity
from app.feature_usage_by_day u;
comment on view api_v1.usage is E'@primaryKey day,feature\n@title usage\nUse of a feature on a day.';
comment on column api_v1.usage.feature is E'@isIndexed\n@required\n@example search\nThe feature.';
comment on column api_v1.usage.day is E'@isIndexed\n@required\nThe day, in UTC.';
comment on column api_v1.usage.quantity is E'@required\n@example 3\nHow often, or how much, in the unit of the feature.';
grant select on api_v1.usage to freehold_user;

do $$
begin
  if to_regtype('api_v1.metered_use') is null then
    create type api_v1.metered_use as (feature text, quantity bigint);
  end if;
end
$$;
comment on type api_v1.metered_use is 'What was added to the use of a feature today.';
comment on column api_v1.metered_use.feature is E'@required\nThe feature.';
comment on column api_v1.metered_use.quantity is E'@required\nWhat was added.';

create or replace function api_v1.use_feature(feature text, quantity integer default 1)
returns api_v1.metered_use
language sql
volatile
set search_path = ''
begin atomic
  select row(use_feature.feature, app.use_feature(use_feature.feature, use_feature.quantity))::api_v1.metered_use;
end;
comment on function api_v1.use_feature(text, integer) is E'@route POST usage
@argument feature Name of the feature: lower-case letters, digits and _, up to 100.
@argument quantity How often, or how much, in the unit of the feature: 1 to 1,000,000.
Meters the use of a feature today. Event: feature.used. Permission: feature_usage:record.';
grant execute on function api_v1.use_feature(text, integer) to freehold_user;
--! EndIncluded feature_usage/contract.sql
--! Included webhook_endpoint/contract.sql
-- What shows deliveries of an endpoint in the public contract, which comes after them: a test, and how it does.

select platform.expose_function('app.send_test_event(uuid, text)', 'POST webhook_endpoints/{id}/test', renamed => '{"endpoint_id": "id"}');

create or replace function api_v1.webhook_endpoint_statistics(id uuid, hours integer default 24)
returns app.webhook_endpoint_performance
language plpgsql
stable
set search_path = ''
as $$
declare
  endpoint app.webhook_endpoint;
begin
  select w.id into endpoint.id from app.webhook_endpoint w where w.id = webhook_endpoint_statistics.id;
  if not found then
    perform platform.require('delivery:read');
    raise exception using
      errcode = 'ZF004', message = 'there is no such webhook_endpoint', detail = format('webhook_endpoint %s', webhook_endpoint_statistics.id);
  end if;
  return app.webhook_endpoint_statistics(endpoint, hours);
end
$$;
comment on function api_v1.webhook_endpoint_statistics(uuid, integer) is E'@route GET webhook_endpoints/{id}/statistics
@argument hours Over the last hours, 1 to 8,760.
How an endpoint does: attempts, success, latency and what waits. Permission: delivery:read.';
grant execute on function api_v1.webhook_endpoint_statistics(uuid, integer) to freehold_user;
--! EndIncluded webhook_endpoint/contract.sql
--! Included event/contract.sql
-- The change feed and the catalogue of events in the public contract.

do $$
begin
  if to_regtype('api_v1.event_page') is null then
    create type api_v1.event_page as (data api_v1.events[], has_more boolean, next uuid, held_back_since timestamptz);
  end if;
end
$$;
comment on type api_v1.event_page is 'A page of the change feed.';
comment on column api_v1.event_page.held_back_since is
  'Time of the first event that waits to be shown, because an older transaction still runs; null when none does.';

create or replace function api_v1.list_events(after uuid default null, "limit" integer default 50, types text[] default null)
returns api_v1.event_page
language plpgsql
stable
set search_path = ''
as $$
declare
  page api_v1.event_page;
  shown bigint;
begin
  -- one more than is shown tells whether there is more; of other types only the envelope is fetched, and it is left out here
  select array_agg(row(e.id, e.type, e.entity, e.entity_id, e.entity_version, e.data, e.previous, e.actor_type, e.actor_id, e.impersonator_id,
      e.request_id, e.traceparent, e.occurred_at, e.channel)::api_v1.events order by e.n)
      filter (where e.n <= list_events."limit" and (types is null or types && array[e.type, split_part(e.type, '.', 1) || '.*', '*'])),
    count(*), (array_agg(e.id order by e.n) filter (where e.n <= list_events."limit"))[least(count(*), list_events."limit")]
  into page.data, shown, page.next
  from (
    select f.*, row_number() over () as n
    from app.change_feed(list_events.after, list_events."limit" + 1, list_events.types) f
  ) e;
  page.data := coalesce(page.data, '{}');
  page.has_more := shown > list_events."limit";
  page.next := coalesce(page.next, list_events.after);
  if not page.has_more then
    page.held_back_since := app.change_feed_held_since();
  end if;
  return page;
end
$$;
comment on function api_v1.list_events(uuid, integer, text[]) is E'@route GET events
@argument types Show events of these types alone: exact types, all of an entity (invoice.*), or *. The page still spans limit events, so it may show fewer, or none, although there are more.
The change feed: every event of the tenant, in an order to which nothing is ever added before a cursor. Without a cursor it begins with the first
that the plan keeps in sight. Keep next_cursor, and ask again with it: it is given with the last page too. Permission: event:read.';
grant execute on function api_v1.list_events(uuid, integer, text[]) to freehold_user;

create or replace view api_v1.event_types with (security_invoker = true) as
select t.type, t.entity, t.description, t.schema
from catalog.event_type t;
comment on view api_v1.event_types is E'@primaryKey type\nA kind of event: what a webhook endpoint can subscribe to, and what its events carry.';
comment on column api_v1.event_types.type is E'@isIndexed\n@example project.archived\nName of the type.';
comment on column api_v1.event_types.entity is E'@isIndexed\n@required\n@example project\nName of the entity that it is about.';
comment on column api_v1.event_types.description is 'What happened.';
comment on column api_v1.event_types.schema is 'JSON Schema (2020-12) of the data of its events.';
grant select on api_v1.event_types to freehold_user;
--! EndIncluded event/contract.sql
--! Included event/audit_trail.sql
-- The audit trail in the public contract: the events again, as an auditor reads them: the latest first, by whom and about what, with names.

create or replace view api_v1.audit_trail with (security_invoker = true) as
select e.id, e.type, e.entity, e.entity_id, e.entity_version, e.occurred_at,
  e.actor_type, e.actor_id, coalesce(m.name, k.name) as actor_name, m.email as actor_email,
  i.email as impersonator_email, i.reason as impersonator_reason, e.request_id, e.data, e.previous
from app.event e
left join app.membership m on m.tenant_id = e.tenant_id and m.id = e.actor_id
left join app.api_key k on k.tenant_id = e.tenant_id and k.id = e.actor_id
left join app.impersonation i on i.tenant_id = e.tenant_id and i.id = e.impersonator_id;
comment on view api_v1.audit_trail is E'@title audit_entry\nWho did what, when, and to what.';
comment on column api_v1.audit_trail.id is 'Identifier of the event.';
comment on column api_v1.audit_trail.type is E'@example project.archived\nKind of event.';
comment on column api_v1.audit_trail.entity is E'@example project\nName of the entity that changed.';
comment on column api_v1.audit_trail.entity_id is 'The resource that changed.';
comment on column api_v1.audit_trail.entity_version is 'Version of the resource after the change.';
comment on column api_v1.audit_trail.occurred_at is 'When it happened.';
comment on column api_v1.audit_trail.actor_type is E'@example member\nmember, api_key, system (a job) or operator (a person in psql).';
comment on column api_v1.audit_trail.actor_id is 'The membership or API key that did it.';
comment on column api_v1.audit_trail.actor_name is E'@example Ada Lovelace\nName of the member or key that did it.';
comment on column api_v1.audit_trail.actor_email is E'@format email\n@example ada@example.com\nAddress of the member who did it.';
comment on column api_v1.audit_trail.impersonator_email is E'@format email\n@example support@example.com\nThe support person who acted as the member, if one did.';
comment on column api_v1.audit_trail.impersonator_reason is 'Why support acted as the member.';
comment on column api_v1.audit_trail.request_id is 'The request that caused it, as the response''s x-request-id tells.';
comment on column api_v1.audit_trail.data is 'The resource after the change.';
comment on column api_v1.audit_trail.previous is 'Former values of what changed; null when it was created.';
grant select on api_v1.audit_trail to freehold_user;
--! EndIncluded event/audit_trail.sql
--! Included invoice/contract_20260601.sql
-- Invoices as version 2026-06-01 of the contract has them: total was called amount_due. An older version is a schema with what differed, over the
-- present one; all else is as the next newer version has it.

create or replace view api_v1_20260601.invoices with (security_invoker = true) as
select i.id, i.number, i.subscription_id, i.currency, i.total as amount_due, i.status, i.period_start, i.period_end, i.issued_at, i.due_at, i.paid_at,
  i.version, i.created_at, i.updated_at
from api_v1.invoices i;
comment on view api_v1_20260601.invoices is 'What the tenant is asked to pay. Fixed from the moment it is open.';
comment on column api_v1_20260601.invoices.amount_due is E'@example 4900\nSum of the lines, in minor units of the currency. Called total since 2026-11-27.';
do $$
declare
  told record;
begin
  for told in
    select a.attname, col_description(a.attrelid, a.attnum) as comment
    from pg_catalog.pg_attribute a
    where a.attrelid = 'api_v1.invoices'::regclass
      and a.attnum > 0
      and a.attname <> 'total'
  loop
    execute format('comment on column api_v1_20260601.invoices.%I is %L', told.attname, told.comment);
  end loop;
end
$$;
grant select on api_v1_20260601.invoices to freehold_user;
--! EndIncluded invoice/contract_20260601.sql
