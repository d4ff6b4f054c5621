--! Previous: sha1:44e4f8474d3260248c17ce860265d68a0f9b19da
--! Hash: sha1:f336a593a455e6444e583fcf6a08c1e51e42e036
--! Message: renamed-columns

-- A view of the contract may keep the former name of a column that was renamed: what returns a row of its entity fills it from the new one.

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
      -- the contract may call a column as it was called before
      (select string_agg(format('made.%I', case when s.relation = t.typrelid then b.attname else a.attname end), ', ' order by a.attnum)
       from pg_catalog.pg_attribute a
       join pg_catalog.pg_type t on t.oid = source.prorettype
       join platform.column_sources(returned) s on s.name = a.attname
       join pg_catalog.pg_attribute b on b.attrelid = s.relation and b.attnum = s.number
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
