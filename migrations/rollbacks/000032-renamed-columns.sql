--! Undoes: sha1:f336a593a455e6444e583fcf6a08c1e51e42e036
--! Loses: nothing

-- Undoes "renamed-columns".
set local check_function_bodies = off;
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
