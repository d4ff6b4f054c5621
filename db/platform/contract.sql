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
