-- Events: partitions by time, append-only, and the record of what happens without a row changing.

create or replace function platform.uuidv7_floor(at timestamptz)
returns uuid
language sql
immutable
parallel safe
set search_path = ''
-- 48 bits of milliseconds since 1970: what lies before or after is at the end of the order
return rpad(lpad(to_hex(least(greatest(floor(extract(epoch from at) * 1000), 0), 281474976710655)::bigint), 12, '0'), 32, '0')::uuid;
comment on function platform.uuidv7_floor(timestamptz) is
  'The smallest UUID of that millisecond: bounds of partitions and of time ranges over version 7 ids.';

create or replace function platform.make_partitions(relation regclass, months integer default 3)
returns setof text
language plpgsql
volatile
set search_path = ''
as $$
declare
  month timestamptz := date_trunc('month', now(), 'UTC');
  partition text;
  parent_schema text := (select c.relnamespace::regnamespace::text from pg_catalog.pg_class c where c.oid = relation);
  parent_name text := (select c.relname from pg_catalog.pg_class c where c.oid = relation);
begin
  for i in 0..months loop
    partition := format('%s_%s', parent_name, to_char(month at time zone 'UTC', 'YYYY_MM'));
    if to_regclass(format('%I.%I', parent_schema, partition)) is null then
      execute format('create table %I.%I partition of %s for values from (%L) to (%L)', parent_schema, partition, relation,
        platform.uuidv7_floor(month), platform.uuidv7_floor(month + interval '1 month'));
      -- reached through the parent only, whose policies hold; a direct grant would go around them
      execute format('alter table %I.%I enable row level security, force row level security', parent_schema, partition);
      -- row triggers are the parent's, those of statements are not passed on
      if exists (
        select from pg_catalog.pg_trigger g
        where g.tgrelid = relation and g.tgfoid = 'platform.refuse_change()'::regprocedure
      ) then
        execute format('create trigger _110_refuse_truncate before truncate on %I.%I for each statement execute function platform.refuse_change()',
          parent_schema, partition);
      end if;
      perform platform.hide_statistics(format('%I.%I', parent_schema, partition)::regclass);
      return next partition;
    end if;
    month := month + interval '1 month';
  end loop;
end
$$;
comment on function platform.make_partitions(regclass, integer) is
  'Makes the monthly partitions of a table that is partitioned by a version 7 id, from this month on. Returns those it made.';

create or replace function platform.refuse_change()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' and platform.is_closed(old.tenant_id) then
    return old;
  end if;
  raise exception using
    errcode = 'ZF012',
    message = format('%s is append-only', tg_table_name),
    detail = 'Rows leave with their partition when retention ends, or with their closed tenant, never before.';
end
$$;
comment on function platform.refuse_change() is 'Trigger: refuses UPDATE, DELETE and TRUNCATE, whoever asks. The rows of a closed tenant may be deleted.';

create or replace function platform.declare_event(type text, entity text, description text, schema jsonb default null)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  described boolean := coalesce(jsonb_typeof(schema -> 'properties') = 'object' and schema -> 'properties' <> '{}', false);
  wrong text[] := '{}';
begin
  if coalesce(description, '') !~ '\S' then
    wrong := wrong || 'it has no description'::text;
  end if;
  if not described or schema ->> 'type' is distinct from 'object' then
    wrong := wrong || 'its schema is not that of an object with properties'::text;
  end if;
  if described then
    wrong := wrong || array(
      select format('property %s has no description', p.key)
      from jsonb_each(schema -> 'properties') p
      where coalesce(p.value ->> 'description', '') !~ '\S');
    wrong := wrong || array(
      select format('required %s is no property', r)
      from jsonb_array_elements_text(schema -> 'required') r
      where not (schema -> 'properties') ? r);
  end if;
  if wrong <> '{}' then
    raise exception using
      errcode = 'ZF013',
      message = format('the declaration of event %s is not acceptable', type),
      detail = array_to_string(wrong, '; ');
  end if;
  insert into catalog.event_type (type, entity, description, schema, recorded)
  values (declare_event.type, declare_event.entity, declare_event.description,
    '{"$schema": "https://json-schema.org/draft/2020-12/schema", "additionalProperties": true}' || declare_event.schema, true)
  on conflict on constraint event_type_pkey do update
    set (entity, description, schema, recorded) = (excluded.entity, excluded.description, excluded.schema, true);
end
$$;
comment on function platform.declare_event(text, text, text, jsonb) is
  'Declares an event that no row change causes, with the JSON Schema of its data: an object with properties, each with its description.
platform.record_event records it. Before the declaration of its entity when that names a task for it. Errors: ZF013 with what to correct.';

create or replace function platform.write_record_event()
returns void
language plpgsql
volatile
set search_path = ''
as $write$
begin
  perform platform.execute_as('freehold_recorder', $sql$
create or replace function platform.record_event(type text, entity text, entity_id uuid, data jsonb)
returns uuid
language plpgsql
volatile
security definer
set search_path = ''
as $record$
declare
  made uuid;
begin
  perform platform.require(null);
  if not exists (select from catalog.event_type t where t.type = record_event.type) then
    raise exception using
      errcode = 'ZF013',
      message = format('event type %s is not declared', type),
      detail = 'Declare it with platform.declare_event.';
  end if;
  insert into app.event (
    tenant_id, type, entity, entity_id, data,
    actor_type, actor_id, impersonator_id, request_id, traceparent)
  select
    v.tenant_id, record_event.type, record_event.entity, record_event.entity_id, record_event.data,
    v.actor_type, v.actor_id, v.impersonator_id,
    left(nullif(current_setting('freehold.request_id', true), ''), 200), left(nullif(current_setting('freehold.traceparent', true), ''), 100)
  from platform.verified_context v
  returning id into made;
  return made;
end
$record$;
$sql$);
  perform platform.execute_as('freehold_recorder',
    'grant execute on function platform.record_event(text, text, uuid, jsonb) to freehold_owner');
  perform platform.execute_as('freehold_recorder', $sql$comment on function platform.record_event(text, text, uuid, jsonb) is
    'Records what happens without a row changing (a sign-in, an export, a refusal) in the tenant of the verified context. Returns the event id.'$sql$);
end
$write$;
comment on function platform.write_record_event() is 'Writes platform.record_event as the recorder, which owns it.';

grant select on catalog.event_type to freehold_recorder;
select platform.write_record_event();
