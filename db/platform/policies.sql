-- The one place that writes a policy.

create or replace function platform.write_policies(entity text)
returns text
language plpgsql
volatile
set search_path = ''
as $$
declare
  declared platform.entity;
  own constant text := 'tenant_id = platform.tenant_id()';
  verb text;
  permission platform.permission;
  guard text;
  shown text := '';
  policy record;
begin
  select e.* into strict declared from platform.entity e where e.name = write_policies.entity;

  execute format('alter table %s enable row level security, force row level security', declared.relation);
  for policy in
    select p.polname from pg_catalog.pg_policy p where p.polrelid = declared.relation::regclass
  loop
    execute format('drop policy %I on %s', policy.polname, declared.relation);
  end loop;

  -- Requests: own tenant, a verified context, and the permission of the command.
  -- tenant_id() is a setting, which a statement can change under way: it serves the index and the estimate, and proves nothing.
  -- The proof is the tenant that was verified, once a statement, in the InitPlan. Each row is compared with it by a function call, not
  -- by =, for the planner may put one equal expression in the place of another, and would trust the setting again.
  -- Tried: tenant_id = any (array(select ...)), which no equivalence replaces and the index takes: a count of many rows costs 1.06
  -- instead of 1.16, and EXPLAIN ANALYZE counts no row of another tenant. But the planner multiplies the two conditions, expects a row
  -- or two of a tenant whatever its size, and takes any index for any other: an update by id went through that of lead_id.
  if declared.declaration ->> 'concealed' is not null then
    shown := (
      select string_agg(format(' and status <> %L', s), '')
      from jsonb_array_elements_text(declared.declaration -> 'concealed') s);
  end if;
  if (declared.declaration ->> 'retained')::boolean then
    shown := shown || ' and id >= (select platform.retention_floor())';
  end if;
  foreach verb in array array['select', 'insert', 'update', 'delete'] loop
    select p.*
    into permission
    from platform.permission p
    where p.key = write_policies.entity || ':' || case verb when 'select' then 'read' when 'insert' then 'create' else verb end;
    continue when not found;
    guard := format('%s and uuid_eq(tenant_id, (select v.tenant_id from platform.verified_context v where platform.allows(%L, %s)))',
      own, permission.key, permission.number);
    execute format('create policy %I on %s as permissive for %s to freehold_user %s',
      'request_' || verb, declared.relation, verb,
      case verb
        when 'select' then format('using (%s%s)', guard, shown)
        when 'insert' then format('with check (%s)', guard)
        -- the row was reached through USING, which verified the context for this statement: 40 µs saved
        when 'update' then format('using (%s%s) with check (%s)', guard, shown, own)
        else format('using (%s%s)', guard, shown)
      end);
  end loop;

  -- Definer functions of the owner check their permission by name; here they are held to the verified tenant.
  guard := format('%s and uuid_eq(tenant_id, (select v.tenant_id from platform.verified_context v))', own);
  execute format('create policy definer_select on %s as permissive for select to freehold_owner using (%s)', declared.relation, guard);
  execute format('create policy definer_insert on %s as permissive for insert to freehold_owner with check (%s)', declared.relation, guard);
  execute format('create policy definer_update on %s as permissive for update to freehold_owner using (%s) with check (%s)',
    declared.relation, guard, own);
  execute format('create policy definer_delete on %s as permissive for delete to freehold_owner using (%s)', declared.relation, guard);

  execute format('revoke all on %s from freehold_resolver, freehold_recorder, freehold_dispatcher, freehold_janitor', declared.relation);
  -- Narrow roles of the platform's own functions that cross tenants: {"freehold_janitor": ["select"]}.
  for policy in
    select r.key as role, v.value as command
    from jsonb_each(coalesce(declared.declaration -> 'across', '{}')) r,
      jsonb_array_elements_text(r.value) v
  loop
    execute format('create policy %I on %s as permissive for %s to %I %s',
      policy.role || '_' || policy.command, declared.relation, policy.command, policy.role,
      case policy.command
        when 'insert' then 'with check (true)'
        when 'update' then 'using (true) with check (true)'
        else 'using (true)'
      end);
    execute format('grant %s on %s to %I', policy.command, declared.relation, policy.role);
  end loop;

  return platform.policies_of(declared.relation::regclass);
end
$$;
comment on function platform.write_policies(text) is
  'Enables and forces row-level security on a declared table and writes its policies anew. Returns them as text, which platform.violations() compares.';

create or replace function platform.grants_of(relation regclass)
returns text
language sql
stable
set search_path = ''
begin atomic
  select string_agg(g.line, E'\n' order by g.line)
  from (
    select format('%s %s', x.grantee::regrole, x.privilege_type) as line
    from pg_catalog.pg_class c, aclexplode(c.relacl) x
    where c.oid = relation
      and x.grantee <> c.relowner
    union all
    select format('%s %s (%s)', x.grantee::regrole, x.privilege_type, a.attname)
    from pg_catalog.pg_class c
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and not a.attisdropped
    cross join aclexplode(a.attacl) x
    where c.oid = relation
      and x.grantee <> c.relowner
  ) g;
end;
comment on function platform.grants_of(regclass) is 'The privileges on a table and its columns as text, in order.';

create or replace function platform.hide_statistics(relation regclass)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  told record;
begin
  for told in
    select a.attname, i.relname as index_name, a.attnum, t.relname, t.relnamespace::regnamespace::text as schema_name
    from pg_catalog.pg_class t
    left join pg_catalog.pg_index x on x.indrelid = t.oid
    join pg_catalog.pg_class i on i.oid in (t.oid, x.indexrelid)
    join pg_catalog.pg_attribute a on a.attrelid = i.oid and a.attnum > 0 and not a.attisdropped and a.attstattarget is distinct from 0
    where t.oid = relation
      and a.atttypid in ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype)
      -- of an index, only its expressions have statistics of their own
      and (i.oid = t.oid or x.indkey[a.attnum - 1] = 0)
      -- states and other words of the schema, of which the planner should know how common they are
      and not exists (
        select from pg_catalog.pg_constraint k
        where k.conrelid = t.oid and k.contype = 'f' and k.conkey = array[a.attnum] and i.oid = t.oid)
    group by a.attname, i.relname, a.attnum, t.relname, t.relnamespace
  loop
    if told.index_name = told.relname then
      execute format('alter table %s alter column %I set statistics 0', relation, told.attname);
    else
      execute format('alter index %I.%I alter column %s set statistics 0', told.schema_name, told.index_name, told.attnum);
    end if;
    perform pg_catalog.pg_clear_attribute_stats(told.schema_name, told.index_name, told.attname, false);
  end loop;
end
$$;
comment on function platform.hide_statistics(regclass) is
  'Keeps what people write (names, addresses, texts) out of pg_statistic, which holds values of all tenants: the planner answers from it, and EXPLAIN
tells whoever may run SQL how many rows it expects, row-level security or not.';

create or replace function platform.policies_of(relation regclass)
returns text
language sql
stable
set search_path = ''
begin atomic
  select string_agg(
    concat_ws(' ', p.polname, p.polcmd, p.polpermissive,
      (select string_agg(r::regrole::text, ',' order by r::regrole::text) from unnest(p.polroles) r),
      pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)),
    E'\n' order by p.polname)
  from pg_catalog.pg_policy p
  where p.polrelid = relation;
end;
comment on function platform.policies_of(regclass) is 'The policies of a table as text, in order of name.';
