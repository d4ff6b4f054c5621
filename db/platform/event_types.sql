-- Event types: what an entity's events are called, what they tell, and who in the house wants them.

create or replace function platform.declared_event_types(entity text, events jsonb, lifecycle jsonb)
returns setof text
language sql
immutable
set search_path = ''
begin atomic
  select coalesce(events ->> e.name, format('%s.%s', entity, e.name))
  from unnest('{created,updated}'::text[]) e (name)
  union
  select c.value ->> 'event'
  from jsonb_array_elements(events -> 'changed') c
  union
  select coalesce(t.value ->> 'event', format('%s.%s', entity, t.value ->> 'to'))
  from jsonb_each(lifecycle -> 'transitions') t;
end;
comment on function platform.declared_event_types(text, jsonb, jsonb) is 'The event types that follow from a declaration.';

create or replace function platform.write_event_types(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  declared platform.entity;
  told jsonb;
  noun text := case when entity ~ '^[aeio]' then 'An ' else 'A ' end || replace(entity, '_', ' ');
  schema jsonb;
begin
  select e.* into strict declared from platform.entity e where e.name = write_event_types.entity;
  schema := platform.schema_of(declared.relation::regclass,
    array(select jsonb_array_elements_text(declared.declaration -> 'hidden')));
  select jsonb_object_agg(e.type, coalesce(declared.declaration #>> array['events', 'descriptions', e.type], e.description))
  into told
  from (
    select declared.declaration #>> '{events,created}', format('%s was created.', noun)
    union all
    select declared.declaration #>> '{events,updated}',
      format(case when declared.declaration ? 'lifecycle' then '%s was changed, other than by a step of its lifecycle.' else '%s was changed.' end, noun)
    union all
    select c ->> 'event', coalesce(c ->> 'description', format('%s was changed.', noun))
    from jsonb_array_elements(declared.declaration #> '{events,changed}') c
    union all
    -- two steps may have one event
    select t.event, format('%s became %s.', noun, string_agg(distinct replace(t.to_state, '_', ' '), ' or '))
    from platform.transition t
    where t.entity = write_event_types.entity
    group by t.event
  ) e (type, description);
  -- an event that the entity no longer has; those of platform.declare_event are not its own, and stay
  delete from catalog.event_type t
  where t.entity = write_event_types.entity
    and not told ? t.type
    and not t.recorded;
  insert into catalog.event_type (type, entity, description, schema)
  select t.key, write_event_types.entity, t.value, schema
  from jsonb_each_text(told) t
  on conflict (type) do update
    set (entity, description, schema, recorded) = (excluded.entity, excluded.description, excluded.schema, false);
  delete from platform.event_task et
  using catalog.event_type t
  where et.type = t.type
    and t.entity = write_event_types.entity;
  insert into platform.event_task (type, task)
  select t.key, t.value #>> '{}'
  from jsonb_each(declared.declaration -> 'tasks') t;
end
$$;
comment on function platform.write_event_types(text) is 'Writes the event types of an entity with their JSON Schema, and their internal subscribers.';
