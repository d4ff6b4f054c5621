-- Retention: how far back the plan lets a tenant see, and when what nobody may see any more is deleted.

create or replace function platform.retention_days(tenant uuid)
returns bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (
    select e.value
    from catalog.plan_entitlement e
    where e.key = 'retention_days'
      and e.plan = coalesce((select p.plan from platform.tenant_plan p where p.tenant_id = tenant), 'free'));
end
$$;
comment on function platform.retention_days(uuid) is 'Days that the plan of a tenant keeps in sight; null for all.';
grant execute on function platform.retention_days(uuid), platform.uuidv7_floor(timestamptz) to freehold_janitor;

create or replace function platform.retention_floor()
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  -- null, and so nothing in sight, without a context: the setting alone proves nothing
  return (
    select platform.uuidv7_floor(coalesce(
      statement_timestamp() - make_interval(days => platform.retention_days(v.tenant_id)::integer), '-infinity'))
    from platform.verified_context v);
end
$$;
comment on function platform.retention_floor() is
  'The first version 7 id that the tenant''s plan keeps in sight. Policies of records that are retained ask for it once a statement.';
grant execute on function platform.retention_floor() to freehold_user;

create or replace function platform.drop_old_partitions()
returns setof text
language plpgsql
volatile
security definer
set search_path = ''
-- as in platform.make_all_partitions: better to come back than to have every writer wait behind us
set lock_timeout = '2s'
as $$
declare
  kept uuid;
  old record;
begin
  -- one plan without a limit keeps everything
  select platform.uuidv7_floor(statement_timestamp() - make_interval(days => max(e.value)::integer))
  into kept
  from catalog.plan_entitlement e
  where e.key = 'retention_days'
  having bool_and(e.value is not null);
  for old in
    select c.oid::regclass::text as relation
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    join platform.entity e on e.relation = i.inhparent::regclass::text and (e.declaration ->> 'retained')::boolean
    where (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([0-9a-f-]{36})''\)'))[1]::uuid <= kept
    order by 1
  loop
    execute format('drop table %s', old.relation);
    return next old.relation;
  end loop;
end
$$;
comment on function platform.drop_old_partitions() is
  'Drops the partitions of retained records that lie wholly before what the longest plan keeps in sight. Returns those it dropped.';
grant execute on function platform.drop_old_partitions() to freehold_worker;
