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
