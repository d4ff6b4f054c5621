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
