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
