-- The record: each change of a declared entity writes one row to app.event, in the same transaction.

create or replace function platform.write_record_function(entity text, command text, event_type text, former text, pairs text, channel text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  name text := entity || '_record_' || command;
  relation text := (select e.relation from platform.entity e where e.name = write_record_function.entity);
begin
  perform platform.execute_as('freehold_recorder', format($sql$
create or replace function generated.%1$I()
returns trigger
language plpgsql
security definer
set search_path = ''
as $record$
begin%2$s
  -- The caller is verified here too, for a statement can change the settings after the policy has looked at them.
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous%7$s,
    actor_type, actor_id, impersonator_id, request_id, traceparent)
  select
    new.tenant_id, %3$s, %4$L, new.id, new.version, jsonb_build_object(%5$s), %6$s%8$s,
    v.actor_type, v.actor_id, v.impersonator_id,
    left(nullif(current_setting('freehold.request_id', true), ''), 200), left(nullif(current_setting('freehold.traceparent', true), ''), 100)
  from platform.verified_context v
  where v.tenant_id = new.tenant_id;
  if found then
    return null;
  end if;
  -- the logins of processes act in a context only: a statement that emptied it under way is nobody's
  if platform.claim(1) is not null or session_user in ('freehold_app', 'freehold_worker') then
    perform platform.require_tenant(new.tenant_id);
  end if;
  -- without a context, row-level security lets nobody come here but a superuser in psql
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous%7$s, actor_type)
  values (
    new.tenant_id, %3$s, %4$L, new.id, new.version, jsonb_build_object(%5$s), %6$s%8$s, 'operator');
  return null;
end
$record$;
$sql$,
    name,
    -- an update that changes nothing is not an event: the guard left its version as it was
    case command when 'update' then E'\n  if new.version = old.version then\n    return null;\n  end if;' else '' end,
    event_type, entity, pairs, former,
    case when channel is not null then ', channel' else '' end, coalesce(', ' || channel, '')));
  perform platform.execute_as('freehold_recorder', format('comment on function generated.%I() is %L',
    name, format('After each %s of %s: one event.', command, entity)));
  perform platform.execute_as('freehold_recorder',
    format('grant execute on function generated.%I() to freehold_owner', name));
  execute format('create or replace trigger %I after %s on %s for each row execute function generated.%I()',
    '_900_record_' || command, command, relation, name);
end
$$;
comment on function platform.write_record_function(text, text, text, text, text, text) is
  'Writes the trigger that records one command on an entity as an event, owned by the narrow role that may insert events.';

create or replace function platform.write_record(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  declared platform.entity;
  hidden text[];
  columns name[];
  pairs text;
  changes text;
  choice text;
  rule jsonb;
begin
  select e.* into strict declared from platform.entity e where e.name = write_record.entity;
  hidden := array(select jsonb_array_elements_text(declared.declaration -> 'hidden'));
  columns := array(select c.name from platform.shown_columns(declared.relation::regclass, hidden) c);
  select string_agg(format('%L, new.%I', c, c), ', ') into pairs from unnest(columns) c;
  -- Comparing column by column and adding only what differs, in one expression: jsonb_each of both rows took 20 µs.
  select string_agg(format(
    E'\n      || case when new.%1$I is distinct from old.%1$I then jsonb_build_object(%1$L, old.%1$I) else ''{}'' end', c), '' order by n)
  into changes
  from unnest(columns) with ordinality u (c, n)
  where c not in ('id', 'version', 'updated_at', 'created_at');

  -- a step of the lifecycle is told by its own name, whatever else changed with it
  select coalesce(string_agg(distinct format(
    E'\n      when old.status = %L and new.status = %L then %L', t.from_state, t.to_state, t.event), ''), '')
  into choice
  from platform.transition t
  where t.entity = write_record.entity
    and t.from_state <> t.to_state;
  for rule in select r from jsonb_array_elements(declared.declaration #> '{events,changed}') r loop
    choice := choice || format(E'\n      when %s then %L', rule ->> 'when', rule ->> 'event');
  end loop;

  perform platform.write_record_function(entity, 'insert', quote_literal(declared.declaration #>> '{events,created}'), 'null', pairs,
    declared.declaration ->> 'channel');
  perform platform.write_record_function(entity, 'update',
    case when choice = '' then quote_literal(declared.declaration #>> '{events,updated}')
    else format('case%s else %L end', choice, declared.declaration #>> '{events,updated}') end,
    '''{}''::jsonb' || coalesce(changes, ''), pairs, declared.declaration ->> 'channel');
end
$$;
comment on function platform.write_record(text) is
  'Writes the triggers that record each change of an entity as an event.';
