-- Entitlements: what the plan allows is enforced where the row is written.

create or replace function platform.write_limit(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  declared platform.entity;
  rule jsonb;
  command text;
  counted text;
begin
  select e.* into strict declared from platform.entity e where e.name = write_limit.entity;
  rule := declared.declaration -> 'limit';
  if rule is null then
    for command in
      select g.tgname
      from pg_catalog.pg_trigger g
      where g.tgrelid = declared.relation::regclass
        and g.tgname like '\_800\_limit\_%'
    loop
      execute format('drop trigger %I on %s', command, declared.relation);
    end loop;
    execute format('drop function if exists generated.%I()', entity || '_limit');
    return;
  end if;
  execute format($sql$
create or replace function generated.%1$I()
returns trigger
language plpgsql
security definer
set search_path = ''
as $limit$
declare
  allowed bigint;
  used bigint;
begin
  select e.value
  into allowed
  from catalog.plan_entitlement e
  where e.key = %2$L
    and e.plan = coalesce((select p.plan from platform.tenant_plan p where p.tenant_id = new.tenant_id), 'free');
  if found and allowed is null then
    return null;
  end if;
  -- what a plan does not name is not included
  allowed := coalesce(allowed, 0);
  perform platform.require_tenant(new.tenant_id);
  -- One writer of a limited entity at a time in a tenant: an advisory lock writes nothing, a locked row would.
  -- The count that follows sees what was committed meanwhile: a context holds in READ COMMITTED alone.
  perform pg_advisory_xact_lock(hashtextextended(new.tenant_id::text || %2$L, 0));
  used := %3$s;
  if used > allowed then
    raise exception using
      errcode = 'ZF007',
      message = format('the plan allows %%s %2$s', allowed),
      detail = format('%%s would be in use.', used);
  end if;
  return null;
end
$limit$;
$sql$, entity || '_limit', rule ->> 'entitlement', rule ->> 'usage');
  execute format('comment on function generated.%I() is %L', entity || '_limit',
    format('After a %s begins to count: no more than the plan''s %s.', entity, rule ->> 'entitlement'));
  -- Only what begins to count is counted.
  counted := rule ->> 'counted';
  execute format('create or replace trigger _800_limit_insert after insert on %s for each row when (%s) execute function generated.%I()',
    declared.relation, counted, entity || '_limit');
  execute format('create or replace trigger _800_limit_update after update of status on %s for each row when (%s and not (%s)) execute function generated.%I()',
    declared.relation, counted, regexp_replace(counted, '\mnew\.', 'old.', 'g'), entity || '_limit');
end
$$;
comment on function platform.write_limit(text) is
  'Writes the trigger that holds an entity to its entitlement. counted: a condition over new, without subqueries; usage: SQL that gives the number in use.';

create or replace function platform.check_count()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  most constant bigint := tg_argv[0];
  states constant text[] := tg_argv[1];
  used bigint;
begin
  perform platform.require_tenant(new.tenant_id);
  perform pg_advisory_xact_lock(hashtextextended(new.tenant_id::text || tg_table_name, 0));
  execute format('select count(*) from %s where tenant_id = $1 and status = any ($2)', tg_relid::regclass)
  into used
  using new.tenant_id, states;
  if used > most then
    raise exception using
      errcode = 'ZF007',
      message = format('a tenant has at most %s %ss that are %s', most, replace(tg_table_name, '_', ' '), array_to_string(states, ' or ')),
      detail = 'Whatever the plan: end one that is no longer needed, or use it for the other purpose too.';
  end if;
  return null;
end
$$;
comment on function platform.check_count() is
  'Trigger, after insert: check_count(''50'', ''{enabled,disabled}'') allows a tenant so many rows in these states, whatever its plan. For what one tenant
could make without end at the cost of all.';
