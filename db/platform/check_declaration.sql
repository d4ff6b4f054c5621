-- A wrong declaration is refused with everything that is wrong with it.

create or replace function platform.as_list(value jsonb)
returns jsonb
language sql
immutable
set search_path = ''
return case jsonb_typeof(value) when 'array' then value when 'null' then '[]' else coalesce(jsonb_build_array(value), '[]') end;
comment on function platform.as_list(jsonb) is 'One value or a list of them, as a list.';

create or replace function platform.check_declaration(
  relation regclass,
  permissions jsonb,
  lifecycle jsonb,
  hidden text[],
  creatable text[],
  editable text[],
  due jsonb,
  events jsonb,
  limited_by jsonb,
  tasks jsonb
)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  entity text := (select c.relname from pg_catalog.pg_class c where c.oid = relation);
  columns text[] := array(
    select a.attname from pg_catalog.pg_attribute a where a.attrelid = relation and a.attnum > 0 and not a.attisdropped);
  states text[];
  wrong text[] := '{}';
  found text;
begin
  select array_agg(format('column %s is missing', c))
  into wrong
  from unnest('{tenant_id,id,version,created_at,updated_at}'::text[]) c
  where c <> all (columns);
  wrong := coalesce(wrong, '{}');
  if (select c.relnamespace::regnamespace::text from pg_catalog.pg_class c where c.oid = relation) <> 'app' then
    wrong := wrong || 'the table is not in schema app'::text;
  end if;
  wrong := wrong || array(
    select format('column %s does not exist', c)
    from unnest(hidden || creatable || editable) c
    where c <> all (columns));
  wrong := wrong || array(
    select format('role %s does not exist', r)
    from jsonb_each(permissions) p,
      jsonb_array_elements_text(platform.as_list(p.value)) r
    where not exists (select from platform.role known where known.key = r));
  if not permissions ? 'read' then
    wrong := wrong || 'permission read is missing'::text;
  end if;
  if lifecycle is not null then
    if 'status' <> all (columns) then
      wrong := wrong || 'column status is missing'::text;
    else
      select e.relation
      into found
      from pg_catalog.pg_constraint c
      join platform.entity e on e.kind = 'states' and e.relation = c.confrelid::regclass::text
      where c.conrelid = check_declaration.relation
        and c.contype = 'f'
        and c.conkey = array[(select a.attnum from pg_catalog.pg_attribute a where a.attrelid = check_declaration.relation and a.attname = 'status')];
      if found is null then
        wrong := wrong || 'column status does not reference a table of platform.declare_states'::text;
      else
        execute format('select array_agg(value) from %s', found) into states;
        wrong := wrong || array(
          select format('initial state %s does not exist', coalesce(s, 'null'))
          from jsonb_array_elements_text(platform.as_list(lifecycle -> 'initial')) s
          where s is null or s <> all (states));
        wrong := wrong || array(
          select format('transition %s: state %s does not exist', t.key, s)
          from jsonb_each(lifecycle -> 'transitions') t,
            jsonb_array_elements_text(platform.as_list(t.value -> 'from') || platform.as_list(t.value -> 'to')) s
          where s <> all (states));
      end if;
    end if;
    wrong := wrong || array(
      select format('transition %s has no permission', t)
      from jsonb_object_keys(lifecycle -> 'transitions') t
      where not permissions ? t);
    wrong := wrong || array(
      select format('transition %s has no %s', t.key, part)
      from jsonb_each(lifecycle -> 'transitions') t,
        unnest('{from,to}'::text[]) part
      where coalesce(t.value -> part, '[]') in ('[]', 'null'));
  elsif 'status' = any (columns) then
    wrong := wrong || 'column status has no lifecycle'::text;
  end if;
  wrong := wrong || array(
    select format('due %s: column %s does not exist', d.key, coalesce(d.value ->> 'column', 'null'))
    from jsonb_each(due) d
    where coalesce(d.value ->> 'column', '') <> all (columns));
  wrong := wrong || array(
    select format('due %s has no permission', d)
    from jsonb_object_keys(due) d
    where not permissions ? d);
  wrong := wrong || array(
    select format('limited_by: %s is missing', part)
    from unnest('{entitlement,counted,usage}'::text[]) part
    where limited_by is not null and limited_by ->> part is null);
  wrong := wrong || array(
    select format('task %s: there is no event %s', t.value #>> '{}', t.key)
    from jsonb_each(tasks) t
    where t.key not in (
      select platform.declared_event_types(entity, events, lifecycle)
      union all
      -- declared before it, by platform.declare_event
      select r.type
      from (select e.type, e.entity as subject from catalog.event_type e where e.recorded) r
      where r.subject = entity));
  wrong := wrong || array(
    select format('descriptions: there is no event %s', d)
    from jsonb_object_keys(events -> 'descriptions') d
    where d not in (select platform.declared_event_types(entity, events, lifecycle)));
  if wrong <> '{}' then
    raise exception using
      errcode = 'ZF013',
      message = format('the declaration of %s is not acceptable', relation),
      detail = array_to_string(wrong, '; ');
  end if;
end
$$;
comment on function platform.check_declaration(regclass, jsonb, jsonb, text[], text[], text[], jsonb, jsonb, jsonb, jsonb) is
  'Refuses a wrong declaration (ZF013), listing all that is wrong.';
