-- What time does by itself: trials end, invitations and keys expire. Declared by the entity, run by the worker.

create or replace function platform.write_due(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  delete from platform.due_action d where d.entity = write_due.entity;
  insert into platform.due_action (entity, verb, due_column, states)
  select write_due.entity, a.key, a.value ->> 'column', array(select jsonb_array_elements_text(a.value -> 'states'))
  from platform.entity e, jsonb_each(e.declaration -> 'due') a
  where e.name = write_due.entity;
end
$$;
comment on function platform.write_due(text) is 'Writes the due actions of an entity.';

grant select on platform.due_action, platform.entity to freehold_janitor;

create or replace function platform.write_due_functions()
returns void
language plpgsql
volatile
set search_path = ''
as $write$
begin
  perform platform.execute_as('freehold_janitor', $sql$
create or replace function platform.due_rows(most integer default 1000)
returns table (tenant_id uuid, entity text, verb text, id uuid)
language plpgsql
stable
security definer
set search_path = ''
as $due$
declare
  action record;
begin
  for action in
    select d.entity, d.verb, d.due_column, d.states, e.relation
    from platform.due_action d
    join platform.entity e on e.name = d.entity
  loop
    return query execute format(
      'select tenant_id, %L, %L, id from %s where %I <= statement_timestamp() and status = any ($1) order by %I limit $2',
      action.entity, action.verb, action.relation, action.due_column, action.due_column)
    using action.states, most;
  end loop;
end
$due$;
$sql$);
  perform platform.execute_as('freehold_janitor', 'grant execute on function platform.due_rows(integer) to freehold_worker');
  perform platform.execute_as('freehold_janitor', $sql$comment on function platform.due_rows(integer) is
    'Rows of all tenants whose time has come, at most that many for each action. The worker enters the tenant and calls the verb.'$sql$);
end
$write$;
comment on function platform.write_due_functions() is 'Writes platform.due_rows as the janitor, which owns it.';
select platform.write_due_functions();

create or replace function platform.run_due(entity text, verb text, id uuid)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  if not exists (select from platform.due_action d where d.entity = run_due.entity and d.verb = run_due.verb) then
    raise exception using errcode = 'ZF004', message = format('%s has no due action %s', entity, verb);
  end if;
  execute format('select app.%I($1)', verb || '_' || entity) using id;
end
$$;
comment on function platform.run_due(text, text, uuid) is 'Takes one due row through its verb, in the tenant that the transaction has entered.';
grant select on platform.due_action to freehold_user;
grant execute on function platform.run_due(text, text, uuid) to freehold_user;
