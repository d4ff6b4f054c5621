--! Previous: sha1:0e55d8fae4c686370cf1a77bd21e8f9f703df9b3
--! Hash: sha1:b356e2343ee8c94bc0df6ff6aac34beea843468e
--! Message: webhook delivery

-- Webhooks in full: signing keys that the application encrypts, headers of owners, partitions, lanes and health of endpoints.

create domain platform.sealed as text check (value ~ '^[0-9a-f]{8}\.[A-Za-z0-9_-]{38,}$');
comment on domain platform.sealed is
  'A text that the application encrypts before it comes here (runtime/sealing.ts): the id of the key, and AES-256-GCM. A parameter of this type takes plain text in the API.';
create domain platform.fresh_key as text check (value ~ '^[0-9a-f]{8}\.[A-Za-z0-9_-]{38,}\.[A-Za-z0-9+/]{43}=$');
comment on domain platform.fresh_key is
  'A new key that the application makes for a call, sealed, with its public key (runtime/sealing.ts). A parameter of this type is no argument of the API.';
create domain platform.signing_secret as text check (value ~ '^[0-9a-f]{8}\.[A-Za-z0-9_-]{38,}$');
comment on domain platform.signing_secret is 'A sealed key that the application opens when it answers: whsec_ and base64.';

drop function app.create_webhook_endpoint(text, text[], text);
drop type app.created_webhook_endpoint;
-- Written in plain text by the last version, which was never released: endpoints of that time need app.rotate_webhook_endpoint_secret.
drop function platform.load_deliveries(uuid, integer, interval);
drop table platform.webhook_secret;

create table app.webhook_signing_key (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  endpoint_id uuid not null,
  scheme text not null check (scheme in ('v1', 'v1a')),
  public_key text,
  sealed_key platform.sealed not null,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, endpoint_id) references app.webhook_endpoint on delete cascade,
  check ((scheme = 'v1a') = (public_key is not null))
);
create index webhook_signing_key_endpoint on app.webhook_signing_key (tenant_id, endpoint_id, id);

create table app.webhook_header (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  endpoint_id uuid not null,
  -- RFC 9110, section 5.6.2. What we send ourselves, and what belongs to the connection, is not for sale.
  name text not null check (
    length(name) <= 100
    and name ~ '^[!#$%&''*+.^_`|~0-9a-z-]+$'
    and name !~ '^(webhook-.*|host|content-.*|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*|traceparent|tracestate|user-agent)$'),
  sealed_value platform.sealed not null check (length(sealed_value) <= 6000),
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, endpoint_id, name),
  foreign key (tenant_id, endpoint_id) references app.webhook_endpoint on delete cascade
);

-- How deliveries flow: partitions by time, lanes of endpoints that want or need to be dealt with apart, their health.

alter table app.webhook_endpoint
  add column channels text[] not null default '{}' check (cardinality(channels) <= 100 and array_position(channels, null) is null),
  add column ordered boolean not null default false,
  add column rate_limit integer check (rate_limit between 1 and 1000),
  add column concurrency integer check (concurrency between 1 and 100),
  add column retry_delays integer[] not null default '{5,300,1800,7200,18000,36000,50400,72000,86400}'
    check (cardinality(retry_delays) <= 20 and array_position(retry_delays, null) is null and 1 <= all (retry_delays) and 604800 >= all (retry_delays)),
  add column disabled_reason text check (disabled_reason is null or (disabled_reason in ('gone', 'failing') and status = 'disabled'));

-- Deliveries and attempts leave with their partition, so the tables are made anew. Nothing was released that has rows in them.
drop function app.resend_delivery(uuid);
drop function platform.load_task(uuid, uuid);
drop function platform.finish_task(uuid, uuid, text, boolean, integer);
drop function platform.claim_deliveries(integer, integer, interval, integer);
drop function platform.finish_deliveries(uuid, integer, json, boolean);
drop function platform.forget_deliveries(integer);
drop function platform.retry_delay(integer);
drop table app.delivery_attempt;
drop table app.delivery;
truncate platform.delivery_queue, platform.delivery_batch;

-- No foreign keys, and status is checked by value: each would lock one row of the endpoint, the event and the state table in
-- the writer's transaction, the same rows for everyone (see db/delivery/fan_out.sql for the figures). Smart tags name the
-- relations for GraphQL.
create table app.delivery (
  tenant_id uuid not null,
  id uuid not null default uuidv7(),
  event_id uuid not null,
  endpoint_id uuid,
  task text,
  status text not null default 'pending' check (status in ('pending', 'succeeded', 'failed')),
  attempt_count integer not null default 0,
  -- attempts before it was last resent: the delays of its endpoint begin anew
  schedule_start integer not null default 0,
  next_attempt_at timestamptz,
  last_error text check (length(last_error) <= 1000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  check ((endpoint_id is null) <> (task is null))
) partition by range (id);
create index delivery_endpoint on app.delivery (tenant_id, endpoint_id, id);
create index delivery_status_endpoint on app.delivery (tenant_id, status, endpoint_id, id);
create index delivery_event on app.delivery (tenant_id, event_id);

create table app.delivery_attempt (
  tenant_id uuid not null,
  id uuid not null default uuidv7(),
  delivery_id uuid not null,
  endpoint_id uuid,
  attempt integer not null,
  succeeded boolean not null,
  status_code integer,
  error text check (length(error) <= 1000),
  latency_ms integer not null,
  response_excerpt text check (length(response_excerpt) <= 16384),
  occurred_at timestamptz not null default statement_timestamp(),
  primary key (tenant_id, id)
) partition by range (id);
create index delivery_attempt_delivery on app.delivery_attempt (tenant_id, delivery_id, id);
create index delivery_attempt_endpoint on app.delivery_attempt (tenant_id, endpoint_id, id);

alter table platform.delivery_batch
  add column parallel integer not null default 25,
  add column ordered boolean not null default false,
  add column lane boolean not null default false;
comment on column platform.delivery_batch.parallel is 'Posts at a time.';
comment on column platform.delivery_batch.ordered is 'One after the other, and none after one that failed.';
comment on column platform.delivery_batch.lane is 'Out of lanes, whose next batch waits for the end of this one.';

alter table app.event add column channel text;
drop function platform.write_record_function(text, text, text, text, text);
drop function platform.declare_entity(regclass, jsonb, jsonb, jsonb, text[], text[], text[], jsonb, jsonb, jsonb, jsonb);

select platform.declare_states('app.webhook_replay_status', '{
  "running": "Its events are being queued.",
  "completed": "All of it was queued.",
  "canceled": "Stopped by its owner, or because the endpoint was disabled.",
  "failed": "Given up half-way."
}');
create table app.webhook_replay (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  endpoint_id uuid not null,
  since timestamptz not null check (since between '0001-01-01 00:00:00+00' and '9999-12-31 00:00:00+00'),
  until timestamptz not null default now() check (until between '0001-01-01 00:00:00+00' and '9999-12-31 00:00:00+00'),
  failed_only boolean not null default false,
  status text not null default 'running' references app.webhook_replay_status,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, endpoint_id) references app.webhook_endpoint (tenant_id, id)
);
create index webhook_replay_endpoint on app.webhook_replay (tenant_id, endpoint_id, id);
create table platform.replay_progress (
  tenant_id uuid not null,
  replay_id uuid not null,
  place uuid not null,
  queued bigint not null default 0,
  primary key (tenant_id, replay_id)
);
comment on table platform.replay_progress is 'How far replays have come: the last event that was looked at.';

-- A row for each endpoint that cannot be treated as all the others: its owner asked for order, a rate or a concurrency, or it failed of late.
create table platform.endpoint_flow (
  tenant_id uuid not null,
  endpoint_id uuid not null,
  -- asked for by its owner: the lane stays
  asked boolean not null default false,
  -- what is due for it goes through its lane
  laned boolean not null default false,
  waiting boolean not null default false,
  not_before timestamptz not null default '-infinity',
  batch_id uuid,
  failures integer not null default 0,
  failing_since timestamptz,
  last_failure_at timestamptz,
  warned_at timestamptz,
  gone boolean not null default false,
  trips integer not null default 0,
  primary key (tenant_id, endpoint_id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
create index endpoint_flow_lane on platform.endpoint_flow (not_before) where laned and waiting;
create index endpoint_flow_failing on platform.endpoint_flow (failing_since) where failing_since is not null;
comment on table platform.endpoint_flow is
  'How endpoints differ from the rest. laned: one batch at a time, out of platform.lane_queue, not before not_before; waiting: there may be something in it.
failures: consecutive failed attempts, since failing_since; trips: how often in a row the breaker has opened; gone: it answered 410.';

create table platform.lane_queue (
  tenant_id uuid not null,
  endpoint_id uuid not null,
  delivery_id uuid not null,
  attempt integer not null,
  primary key (tenant_id, endpoint_id, delivery_id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000);
comment on table platform.lane_queue is 'Deliveries that are due and wait for their endpoint, the oldest first.';

create table platform.notice (
  tenant_id uuid not null,
  membership_id uuid not null,
  event_id uuid not null,
  told_at timestamptz not null default statement_timestamp(),
  primary key (tenant_id, membership_id, event_id),
  foreign key (tenant_id, membership_id) references app.membership on delete cascade
);
comment on table platform.notice is 'Which member was told of which event by mail, for as long as the telling may be repeated.';

-- By the writer's transaction alone an event could come before one that it followed: a transaction that wrote something early, waited for
-- another's row and then changed it has the lower id and the later version. So an event stands behind every transaction that had ended when it was written: behind
-- all that it can have followed. It costs half a microsecond an event.
alter table app.event
  alter column xid set default greatest(
    pg_current_xact_id(),
    -- the last that had ended
    (pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1)::text::xid8);

-- beside the plans, where what is the same for all tenants is read
alter table platform.event_type set schema catalog;
-- Until now told apart by their schema; no entity's own event is without properties, and records have none of their own.
alter table catalog.event_type add column if not exists recorded boolean not null default false;
update catalog.event_type t
set recorded = true
where not t.schema ? 'properties'
  or not exists (select from platform.entity e where e.name = t.entity and e.kind = 'entity');

--! Included platform/event_schemas.sql
-- The JSON Schema of what events carry, from the columns of a table and their comments.

create or replace function platform.json_type(type regtype)
returns jsonb
language sql
immutable
set search_path = ''
return case
  when type = 'uuid'::regtype then '{"type": "string", "format": "uuid"}'
  when type = 'timestamptz'::regtype then '{"type": "string", "format": "date-time"}'
  when type = 'date'::regtype then '{"type": "string", "format": "date"}'
  when type = 'boolean'::regtype then '{"type": "boolean"}'
  when type in ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype) then '{"type": "integer"}'
  when type = 'text[]'::regtype then '{"type": "array", "items": {"type": "string"}}'
  when type = 'integer[]'::regtype then '{"type": "array", "items": {"type": "integer"}}'
  when type = 'jsonb'::regtype then '{}'
  else '{"type": "string"}'
end::jsonb;
comment on function platform.json_type(regtype) is 'How a column type appears in JSON, as JSON Schema.';

create or replace function platform.shown_columns(relation regclass, hidden text[])
returns table (name name, type regtype, required boolean, description text, states text[])
language plpgsql
stable
set search_path = ''
as $$
declare
  shown record;
begin
  for shown in
    select a.attname, a.atttypid::regtype as type, a.attnotnull,
      col_description(a.attrelid, a.attnum) as description,
      (select c.confrelid::regclass::text
       from pg_catalog.pg_constraint c
       where c.conrelid = a.attrelid and c.contype = 'f' and c.conkey = array[a.attnum]
         and exists (select from platform.entity e where e.kind = 'states' and e.relation = c.confrelid::regclass::text)
       limit 1) as state_table
    from pg_catalog.pg_attribute a
    where a.attrelid = relation
      and a.attnum > 0
      and not a.attisdropped
      and a.attname <> 'tenant_id'
      and a.attname <> all (hidden)
    order by a.attnum
  loop
    name := shown.attname;
    type := shown.type;
    required := shown.attnotnull;
    -- lines that begin with @ are smart tags, for GraphQL
    description := nullif(regexp_replace(coalesce(shown.description, ''), '(^|\n)@[^\n]*', '', 'g'), '');
    states := null;
    if shown.state_table is not null then
      execute format('select array_agg(value order by value) from %s', shown.state_table) into states;
    end if;
    return next;
  end loop;
end
$$;
comment on function platform.shown_columns(regclass, text[]) is
  'The columns of a table that may leave it, in order: what events, schemas and grants have in common.';

create or replace function platform.column_tag(relation regclass, named name, tag text)
returns text
language sql
stable
set search_path = ''
return (
  select trim(substring(col_description(a.attrelid, a.attnum) from format('(?:^|\n)@%s +([^\n]+)', tag)))
  from pg_catalog.pg_attribute a
  where a.attrelid = relation and a.attname = named);
comment on function platform.column_tag(regclass, name, text) is
  'What a column''s comment says in a line "@tag ...": @format email, @example ada@example.com.';

create or replace function platform.property_of(relation regclass, named name, type regtype, required boolean, description text, states text[])
returns jsonb
language sql
stable
set search_path = ''
begin atomic
  with told as (
    select
      case when states is null then platform.json_type(type) else jsonb_build_object('type', 'string', 'enum', to_jsonb(states)) end as schema,
      platform.column_tag(relation, named, 'format') as format,
      platform.column_tag(relation, named, 'example') as example
  )
  select t.schema
    || case when required or not t.schema ? 'type' then '{}' else jsonb_build_object('type', jsonb_build_array(t.schema -> 'type', 'null')) end
    || case when required or not t.schema ? 'enum' then '{}' else jsonb_build_object('enum', (t.schema -> 'enum') || 'null') end
    || jsonb_strip_nulls(jsonb_build_object('format', coalesce(t.format, t.schema ->> 'format'), 'description', trim(E'\n ' from description)))
    || case
      when t.example is null then '{}'
      when t.schema ->> 'type' = 'string' then jsonb_build_object('examples', jsonb_build_array(t.example))
      else jsonb_build_object('examples', jsonb_build_array(t.example::jsonb))
    end
  from told t;
end;
comment on function platform.property_of(regclass, name, regtype, boolean, text, text[]) is
  'JSON Schema of one column, as platform.shown_columns tells it. Its comment is the description; lines "@format" and "@example" say what the type does not.';

create or replace function platform.schema_of(relation regclass, hidden text[])
returns jsonb
language sql
stable
set search_path = ''
begin atomic
  select jsonb_build_object(
      '$schema', 'https://json-schema.org/draft/2020-12/schema',
      -- what generators of code name the type by
      'title', (select t.relname from pg_catalog.pg_class t where t.oid = relation),
      'type', 'object',
      'properties', jsonb_object_agg(c.name, platform.property_of(relation, c.name, c.type, c.required, c.description, c.states)),
      'required', jsonb_agg(c.name),
      'additionalProperties', true)
    || jsonb_strip_nulls(jsonb_build_object('description',
      nullif(trim(E'\n ' from regexp_replace(obj_description(relation, 'pg_class'), '(^|\n)@[^\n]*', '', 'g')), '')))
  from platform.shown_columns(relation, hidden) c;
end;
comment on function platform.schema_of(regclass, text[]) is 'JSON Schema (2020-12) of an entity as its events show it. "required" has the columns in their order.';
--! EndIncluded platform/event_schemas.sql
--! Included platform/event_types.sql
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
--! EndIncluded platform/event_types.sql
--! Included platform/record.sql
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
--! EndIncluded platform/record.sql
--! Included platform/events.sql
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
--! EndIncluded platform/events.sql
--! Included platform/check_declaration.sql
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
--! EndIncluded platform/check_declaration.sql
--! Included platform/declare.sql
-- The one idea: declare an entity once, and the rest follows. Every function here may run again after a change.

create or replace function platform.declare_states(relation text, states jsonb)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  entity text := regexp_replace(split_part(relation, '.', 2), '_status$', '');
begin
  execute format('create table if not exists %s (value text primary key, description text not null)', relation);
  execute format('insert into %s (value, description)
    select key, value from jsonb_each_text($1)
    on conflict (value) do update set description = excluded.description
    where %s.description is distinct from excluded.description', relation, relation::regclass) using states;
  begin
    execute format('delete from %s where value <> all (array(select jsonb_object_keys($1)))', relation) using states;
  exception when foreign_key_violation then
    raise exception using
      errcode = 'ZF013',
      message = format('a state that %s no longer has is in use', relation),
      detail = 'Take its rows to another state first, in the same migration.';
  end;
  execute format('comment on table %s is %L', relation, format(E'@enum\n@reference\nStates of a %s.', replace(entity, '_', ' ')));
  execute format('grant select on %s to freehold_user, freehold_worker', relation);
  insert into platform.entity (name, relation, kind, declaration)
  values (split_part(relation, '.', 2), relation, 'states', states)
  on conflict (name) do update
    set declaration = excluded.declaration;
end
$$;
comment on function platform.declare_states(text, jsonb) is
  'Makes the state table of an entity: {"active": "In use."}. A table, not a PostgreSQL enum: enum_eq is not leakproof,
so under row-level security an index on it is not used (100 to 200 times slower).';

create or replace function platform.grant_columns(relation regclass, privilege text, columns name[])
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  if columns <> '{}' then
    execute format('grant %s (%s) on %s to freehold_user', privilege,
      (select string_agg(quote_ident(c), ', ') from unnest(columns) c), relation);
  end if;
end
$$;
comment on function platform.grant_columns(regclass, text, name[]) is 'Grants a privilege on the listed columns to the request role.';

create or replace function platform.describe_columns(relation regclass)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  told record;
begin
  for told in
    select a.attname, d.description
    from (values
      ('id', 'Identifier.'),
      ('status', 'State in its lifecycle.'),
      ('version', 'Counts its changes, from 1: the version to expect when changing it.'),
      ('created_at', 'When it was created.'),
      ('updated_at', 'When it was last changed.')
    ) d (name, description)
    join pg_catalog.pg_attribute a on a.attrelid = relation and a.attname = d.name
    where col_description(a.attrelid, a.attnum) is null
  loop
    execute format('comment on column %s.%I is %L', relation, told.attname, told.description);
  end loop;
end
$$;
comment on function platform.describe_columns(regclass) is 'Comments the columns that every entity has, where they have no comment of their own.';

create or replace function platform.write_permissions(entity text, permissions jsonb, sentence text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  verb record;
begin
  delete from platform.role_permission rp
  using platform.permission p
  where rp.permission = p.key
    and p.entity = write_permissions.entity;
  delete from platform.permission p
  where p.entity = write_permissions.entity
    and not permissions ? split_part(p.key, ':', 2);
  for verb in select key as name, value as roles from jsonb_each(permissions) loop
    -- not "on conflict": it would spend a number each time, and claims are as long as the numbers are high
    insert into platform.permission (key, entity, description)
    select entity || ':' || verb.name, entity, format(sentence, replace(verb.name, '_', ' '), replace(entity, '_', ' '))
    where not exists (select from platform.permission p where p.key = write_permissions.entity || ':' || verb.name);
    insert into platform.role_permission (role, permission)
    select r, entity || ':' || verb.name
    from jsonb_array_elements_text(case jsonb_typeof(verb.roles) when 'array' then verb.roles else jsonb_build_array(verb.roles) end) r;
  end loop;
end
$$;
comment on function platform.write_permissions(text, jsonb, text) is
  'Writes who may do what: {"read": "viewer", "pay": ["billing"], "expire": []}. An empty list leaves a verb to the system.';

create or replace function platform.declare_record(
  relation regclass,
  permissions jsonb default '{}',
  hidden text[] default '{}',
  across jsonb default '{}',
  retained boolean default false
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  entity_name text := (select c.relname from pg_catalog.pg_class c where c.oid = relation);
begin
  insert into platform.entity (name, relation, kind, declaration)
  values (entity_name, relation::text, 'record', jsonb_build_object(
    'permissions', permissions, 'hidden', hidden, 'across', across, 'retained', retained))
  on conflict (name) do update
    set declaration = excluded.declaration;
  perform platform.write_permissions(entity_name, permissions, 'May %s %s rows.');
  update platform.entity e set policies = platform.write_policies(entity_name) where e.name = entity_name;
  perform platform.hide_statistics(relation);
  execute format('revoke all on %s from public, freehold_user', relation);
  perform platform.grant_columns(relation, 'select',
    array(select 'tenant_id'::name union all select c.name from platform.shown_columns(relation, hidden) c));
  update platform.entity e set grants = platform.grants_of(e.relation::regclass) where e.name = entity_name;
  -- it fires when tenant_id is named in the SET list, so it costs other updates nothing
  execute format('create or replace trigger _100_keep_tenant before update of tenant_id on %s for each row execute function platform.keep_tenant()',
    relation);
end
$$;
comment on function platform.declare_record(regclass, jsonb, text[], jsonb, boolean) is
  'Declares a tenant table that the platform or an entity''s functions write and the tenant only reads: no lifecycle, no events of its own.
across:   narrow roles and their commands over all tenants.
retained: requests see as far back as the plan''s retention_days.';

create or replace function platform.declare_entity(
  relation regclass,
  permissions jsonb,
  lifecycle jsonb default null,
  events jsonb default '{}',
  hidden text[] default '{}',
  creatable text[] default null,
  editable text[] default null,
  limited_by jsonb default null,
  due jsonb default '{}',
  tasks jsonb default '{}',
  across jsonb default '{}',
  channel text default null
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  entity_name text := (select c.relname from pg_catalog.pg_class c where c.oid = relation);
  writable name[];
  shown name[] := array(select c.name from platform.shown_columns(relation, hidden) c);
begin
  perform platform.check_declaration(relation, permissions, lifecycle, hidden, creatable, editable, due, events, limited_by, tasks);
  perform platform.drop_transitions(entity_name, lifecycle);
  perform platform.describe_columns(relation);
  writable := array(
    select a.attname
    from pg_catalog.pg_attribute a
    where a.attrelid = relation
      and a.attname = any (shown)
      and a.attgenerated = ''
      and a.attname <> all ('{id,status,version,created_at,updated_at}'));
  events := jsonb_build_object('created', entity_name || '.created', 'updated', entity_name || '.updated', 'changed', '[]'::jsonb) || events;
  -- the janitor finds what is due in all tenants
  across := across || jsonb_build_object('freehold_janitor', jsonb_build_array('select'));

  insert into platform.entity (name, relation, kind, declaration)
  values (entity_name, relation::text, 'entity', jsonb_strip_nulls(jsonb_build_object(
    'permissions', permissions, 'lifecycle', lifecycle, 'events', events, 'hidden', hidden, 'limit', limited_by,
    'due', due, 'tasks', tasks, 'across', across, 'channel', channel, 'concealed', lifecycle -> 'concealed')))
  on conflict (name) do update
    set declaration = excluded.declaration;

  delete from platform.transition t where t.entity = entity_name;
  insert into platform.transition (entity, name, from_state, to_state, event)
  select entity_name, t.key, f, t.value ->> 'to', coalesce(t.value ->> 'event', entity_name || '.' || (t.value ->> 'to'))
  from jsonb_each(lifecycle -> 'transitions') t,
    jsonb_array_elements_text(t.value -> 'from') f;

  perform platform.write_permissions(entity_name, permissions, 'May %s one %s.');
  perform platform.write_event_types(entity_name);
  update platform.entity e set policies = platform.write_policies(entity_name) where e.name = entity_name;
  perform platform.hide_statistics(relation);
  perform platform.write_guard(entity_name);
  perform platform.write_transitions(entity_name);
  perform platform.write_record(entity_name);
  perform platform.write_limit(entity_name);
  perform platform.write_due(entity_name);

  execute format('revoke all on %s from public, freehold_user', relation);
  -- revoking the table privilege takes the column privileges with it
  perform platform.grant_columns(relation, 'select', 'tenant_id'::name || shown);
  if permissions ? 'create' then
    perform platform.grant_columns(relation, 'insert', coalesce(creatable::name[], writable));
  end if;
  if permissions ? 'update' then
    perform platform.grant_columns(relation, 'update', coalesce(editable::name[], writable) || 'version'::name);
  end if;
  update platform.entity e set grants = platform.grants_of(e.relation::regclass) where e.name = entity_name;
end
$$;
comment on function platform.declare_entity(regclass, jsonb, jsonb, jsonb, text[], text[], text[], jsonb, jsonb, jsonb, jsonb, text) is
  'Declares an entity of the domain. See docs/extending.md.
permissions: {"read": "viewer", "create": "member", "archive": ["admin"]}, a role or roles for each command and verb; [] is the system alone.
lifecycle:   {"initial": "active", "concealed": ["deleted"], "transitions": {"archive": {"from": ["active"], "to": "archived", "event": "project.archived"}}}.
events:      {"created": ..., "updated": ..., "changed": [{"event": ..., "when": "new.role <> old.role"}]}, where names differ from entity.created and entity.updated;
             "descriptions": {"project.archived": "A project was put away."}, what receivers read of each.
hidden:      columns that never leave the table. creatable, editable: columns a request may set; all, when null.
limited_by:  {"entitlement": "projects", "counted": "new.status <> ''deleted''", "usage": "(select count(*) ...)"}.
due:         {"expire": {"column": "expires_at", "states": ["pending"]}}, what the worker does when the time has come.
tasks:       {"report.requested": "export_report"}, internal subscribers of its events and of those that platform.declare_event gave it before.
across:      {"freehold_resolver": ["select"]}, narrow roles and their commands over all tenants.
channel:     SQL over new that gives the channel of its events besides entity:id, such as ''project:'' || new.project_id; webhook endpoints filter by it.
Errors: ZF013 with what to correct.';
--! EndIncluded platform/declare.sql
--! Included platform/violations.sql
-- The proof by catalog: what must never be, whoever wrote the migration. Runs after every migration and in CI.

create or replace function platform.runtime_roles()
returns setof name
language sql
immutable
set search_path = ''
begin atomic
  select unnest('{freehold_gate,freehold_app,freehold_user,freehold_worker}'::name[]);
end;
comment on function platform.runtime_roles() is 'The roles in which processes run requests and jobs.';

create or replace function platform.own_roles()
returns text[]
language sql
immutable
set search_path = ''
begin atomic
  select array(select r::text from platform.runtime_roles() r)
    || '{freehold_owner,freehold_resolver,freehold_recorder,freehold_dispatcher,freehold_janitor}'::text[];
end;
comment on function platform.own_roles() is 'All roles of Freehold.';

create or replace function platform.table_violations()
returns table (rule text, object text, remedy text)
language sql
stable
set search_path = ''
begin atomic
  with app_table as (
    select c.oid, c.oid::regclass::text as name, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relispartition, e.kind, e.policies, e.grants
    from pg_catalog.pg_class c
    left join platform.entity e on e.relation = c.oid::regclass::text
    where c.relnamespace = 'app'::regnamespace
      and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  ),
  tenant_table as (
    select * from app_table where relkind in ('r', 'p') and not relispartition and kind is distinct from 'states'
  ),
  tenant_column as (
    select t.oid, t.name, a.attnum, a.attnotnull, a.atttypid
    from tenant_table t
    left join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attname = 'tenant_id' and not a.attisdropped
  )
  select 'undeclared_table', name, 'Declare it with platform.declare_entity or platform.declare_record.'
  from tenant_table
  where kind is null
  union all
  select 'no_tenant_id', name, 'Add tenant_id uuid not null default platform.tenant_id().'
  from tenant_column
  where attnum is null or not attnotnull or atttypid <> 'uuid'::regtype
  union all
  select 'row_security_off', name, 'Enable and force row-level security: declare the table again.'
  from app_table
  where relkind in ('r', 'p') and kind is distinct from 'states' and not (relrowsecurity and relforcerowsecurity)
  union all
  select 'policies_changed', name, 'Policies are written by platform.write_policies alone: declare the table again.'
  from tenant_table
  where kind is not null and policies is distinct from platform.policies_of(oid)
  union all
  select distinct 'permission_number', t.name || ' ' || named.says[1], 'The policy asks for the number of another permission: declare the table again.'
  from tenant_table t
  cross join regexp_matches(platform.policies_of(t.oid), 'allows\(''([^'']+)''::text, (\d+)\)', 'g') named (says)
  where not exists (select from platform.permission p where p.key = named.says[1] and p.number::text = named.says[2])
  union all
  select 'policy_on_partition', name, 'A partition is reached through its parent only: drop the policy.'
  from app_table t
  where t.relispartition and exists (select from pg_catalog.pg_policy p where p.polrelid = t.oid)
  union all
  select 'key_without_tenant', t.name || ' ' || i.indexrelid::regclass::text, 'Begin the key or index with tenant_id.'
  from tenant_column t
  join pg_catalog.pg_index i on i.indrelid = t.oid
  where i.indkey[0] is distinct from t.attnum
  union all
  select 'primary_key', t.name, 'Use primary key (tenant_id, id).'
  from tenant_table t
  where not exists (
    select from pg_catalog.pg_constraint k
    where k.conrelid = t.oid and k.contype = 'p' and pg_get_constraintdef(k.oid) = 'PRIMARY KEY (tenant_id, id)')
  union all
  select 'foreign_key_without_tenant', t.name || ' ' || k.conname, 'Reference (tenant_id, x_id): a single column lets a tenant point at another''s row.'
  from tenant_column t
  join pg_catalog.pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
  join tenant_column target on target.oid = k.confrelid
  where k.conkey[1] <> t.attnum or k.confkey[1] <> target.attnum
  union all
  select 'foreign_key_action', t.name || ' ' || k.conname, 'Use no action, restrict or cascade: set null would clear tenant_id.'
  from tenant_table t
  join pg_catalog.pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
  where k.confdeltype in ('n', 'd') or k.confupdtype <> 'a'
  union all
  select 'missing_trigger', t.name || ' ' || needed.name, 'Declare the entity again; do not drop or replace its triggers.'
  from tenant_table t
  cross join lateral (
    select split_part(t.name, '.', 2) as entity
  ) e
  cross join lateral (values
    ('entity', '_100_begin'::name, 'generated.' || quote_ident(e.entity || '_begin')),
    ('entity', '_100_follow', 'generated.' || quote_ident(e.entity || '_follow')),
    ('entity', '_100_refuse_delete', 'platform.refuse_delete'),
    ('entity', '_900_record_insert', 'generated.' || quote_ident(e.entity || '_record_insert')),
    ('entity', '_900_record_update', 'generated.' || quote_ident(e.entity || '_record_update')),
    ('record', '_100_keep_tenant', 'platform.keep_tenant')
  ) needed (kind, name, function)
  where t.kind = needed.kind
    and not exists (
      select from pg_catalog.pg_trigger g
      where g.tgrelid = t.oid and g.tgname = needed.name and g.tgfoid = to_regproc(needed.function) and g.tgqual is null)
  union all
  select 'disabled_trigger', g.tgrelid::regclass::text || ' ' || g.tgname, 'Enable it: rules hold for everybody, and revocation is one of them.'
  from pg_catalog.pg_trigger g
  join pg_catalog.pg_class c on c.oid = g.tgrelid
  where not g.tgisinternal
    and g.tgenabled not in ('O', 'A')
    and c.relnamespace::regnamespace::text in ('app', 'platform', 'identity', 'catalog')
  union all
  select 'grants_changed', name, 'Privileges follow from the declaration alone: declare the table again.'
  from tenant_table t
  where kind is not null
    and t.grants is distinct from platform.grants_of(oid)
  union all
  select 'trigger_name', t.name || ' ' || g.tgname, 'Name triggers _NNN_verb: they fire in order of name.'
  from tenant_table t
  join pg_catalog.pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal
  where g.tgname !~ '^_[0-9]{3}_[a-z_]+$'
  union all
  select 'enum_column', t.name || '.' || a.attname, 'Use text and platform.declare_states: enum_eq is not leakproof.'
  from tenant_table t
  join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
  join pg_catalog.pg_type ty on ty.oid = a.atttypid and ty.typtype = 'e'
  union all
  select 'unsafe_view', name, 'Create it with (security_invoker = true); no materialized views.'
  from app_table v
  where relkind in ('m', 'f')
    or (relkind = 'v' and not coalesce((select c.reloptions from pg_catalog.pg_class c where c.oid = v.oid), '{}') @> '{security_invoker=true}')
  union all
  select 'sequence', name, 'A sequence counts over all tenants: use uuidv7() or platform.next_number().'
  from app_table
  where relkind = 'S';
end;
comment on function platform.table_violations() is 'What breaks the rules of tables, policies and triggers in schema app.';

create or replace function platform.access_violations()
returns table (rule text, object text, remedy text)
language sql
stable
set search_path = ''
begin atomic
  with ours as (
    select n.oid, n.nspname
    from pg_catalog.pg_namespace n
    where n.nspname in ('platform', 'identity', 'catalog', 'app', 'generated')
  ),
  grants as (
    select c.oid, c.oid::regclass::text as name, c.relispartition, n.nspname, x.grantee, x.privilege_type
    from pg_catalog.pg_class c
    join ours n on n.oid = c.relnamespace
    cross join lateral (
      select * from aclexplode(c.relacl)
      union
      select k.* from pg_catalog.pg_attribute a, aclexplode(a.attacl) k where a.attrelid = c.oid
    ) x
    where x.grantee <> c.relowner
  )
  select distinct 'granted_to_public', name, 'Revoke it: grant to a role by name.' from grants where grantee = 0
  union all
  select 'dangerous_grant', name || ' ' || privilege_type || ' to ' || grantee::regrole::text, 'Revoke it: TRUNCATE ignores policies, TRIGGER and REFERENCES run code or probe rows.'
  from grants
  where privilege_type in ('TRUNCATE', 'TRIGGER', 'REFERENCES', 'MAINTAIN')
  union all
  select 'secret_grant', name || ' to ' || grantee::regrole::text, 'Revoke it: keys, sessions and secrets are read by narrow roles alone.'
  from grants
  where (nspname = 'identity' or name = 'platform.counter')
    and grantee::regrole::text in (select platform.runtime_roles()::text)
  union all
  select 'secret_grant', format('%s.%s to %s', g.name, a.attname, r), 'Hide the column in the declaration: what is sealed is read by narrow roles alone.'
  from (select distinct oid, name from grants) g
  join pg_catalog.pg_attribute a on a.attrelid = g.oid and a.atttypid = 'platform.sealed'::regtype
  cross join platform.runtime_roles() r
  where has_column_privilege(r, g.oid, a.attnum, 'select')
  union all
  select distinct 'partition_grant', name, 'Revoke it: policies of the parent do not hold on a partition.'
  from grants
  where relispartition
  union all
  select 'create_on_schema', n.nspname || ' to ' || r, 'Revoke it: who runs requests makes no objects.'
  from ours n
  cross join platform.runtime_roles() r
  where has_schema_privilege(r, n.oid, 'create')
  union all
  select 'powerful_role', r.rolname::text, 'Runtime roles and the owner are never superuser, BYPASSRLS, CREATEROLE or REPLICATION.'
  from pg_catalog.pg_roles r
  where r.rolname in (select platform.runtime_roles() union all values ('freehold_owner'), ('freehold_resolver'), ('freehold_recorder'), ('freehold_dispatcher'), ('freehold_janitor'))
    and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolreplication)
  union all
  select 'role_membership', m.member::regrole::text || ' in ' || m.roleid::regrole::text,
    'Revoke it: app and worker become freehold_user when they say so, the owner becomes a narrow role, and nobody else anything.'
  from pg_catalog.pg_auth_members m
  join pg_catalog.pg_roles r on r.oid = m.member
  cross join lateral (select m.member::regrole::text as member, m.roleid::regrole::text as role) n
  where (n.member = any (platform.own_roles()) or n.role = any (platform.own_roles()))
    and not (
      not m.inherit_option
      and (
        not m.admin_option
        and (n.member, n.role) in (values
          ('freehold_app', 'freehold_user'), ('freehold_worker', 'freehold_user'),
          ('freehold_owner', 'freehold_resolver'), ('freehold_owner', 'freehold_recorder'),
          ('freehold_owner', 'freehold_dispatcher'), ('freehold_owner', 'freehold_janitor'))
        -- the administrator who made the roles
        or r.rolcreaterole and n.member <> all (platform.own_roles())))
  union all
  select 'role_login', r.rolname::text, 'Alter it to NOLOGIN: requests become freehold_user from a login, narrow roles own functions.'
  from pg_catalog.pg_roles r
  where r.rolcanlogin
    and r.rolname in ('freehold_user', 'freehold_resolver', 'freehold_recorder', 'freehold_dispatcher', 'freehold_janitor')
  union all
  select 'database_grant', lower(x.privilege_type) || ' to ' || case x.grantee when 0 then 'public' else x.grantee::regrole::text end,
    'Revoke it: types and tables of a temporary schema come before all others, and functions of the owner would use them.'
  from pg_catalog.pg_database d
  cross join aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x
  where d.datname = current_database()
    and x.privilege_type in ('TEMPORARY', 'CREATE')
    and (x.grantee = 0 or x.grantee::regrole::text in (select platform.runtime_roles()::text))
  union all
  select 'minting_grant', p.oid::regprocedure::text || ' to ' || x.grantee::regrole::text, 'Revoke it: who may sign or enter is everybody.'
  from pg_catalog.pg_proc p
  cross join aclexplode(p.proacl) x
  where p.pronamespace = 'platform'::regnamespace
    and x.grantee <> p.proowner
    and x.grantee <> 0
    and (p.proname in ('add_principal', 'execute_as')
      or p.proname = 'sign_context' and x.grantee::regrole::text <> 'freehold_resolver'
      or p.proname in ('enter_as_system', 'create_tenant', 'purge_tenant') and x.grantee::regrole::text <> 'freehold_worker')
  union all
  select 'leakproof_function', p.oid::regprocedure::text, 'Remove LEAKPROOF: row-level security would run it on rows of other tenants.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  where p.proleakproof
  union all
  select 'runtime_owner', c.oid::regclass::text, 'Give it to freehold_owner.'
  from pg_catalog.pg_class c
  join ours n on n.oid = c.relnamespace
  where c.relowner::regrole::text in (select platform.runtime_roles()::text)
  union all
  select 'definer_search_path', p.oid::regprocedure::text, 'Add: set search_path = ''''.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  where p.prosecdef
    and not coalesce(p.proconfig, '{}') @> '{"search_path=\"\""}'
  union all
  select 'executable_by_public', p.oid::regprocedure::text, 'Revoke execute from public.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
  where x.grantee = 0
    and p.prorettype <> 'trigger'::regtype
  union all
  select 'immutable_context', p.oid::regprocedure::text, 'Make it STABLE: a cached plan would serve the former tenant.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  where p.provolatile = 'i'
    and (coalesce(p.prosrc, '') || coalesce(pg_get_function_sqlbody(p.oid), '')) ~* 'current_setting|tenant_id\(\)|claim\(';
end;
comment on function platform.access_violations() is 'What breaks the rules of roles, grants and functions.';

create or replace function platform.violations()
returns table (rule text, object text, remedy text)
language sql
stable
set search_path = ''
begin atomic
  select v.rule, v.object, v.remedy from platform.table_violations() v
  union all
  select v.rule, v.object, v.remedy from platform.access_violations() v
  order by 1, 2;
end;
comment on function platform.violations() is
  'Everything in the catalog that breaks a rule of isolation, with the remedy. Empty, or the build fails.';
--! EndIncluded platform/violations.sql
--! Included event/event.sql
-- The event: what it shows, who writes it, and that nobody changes it.

comment on table app.event is 'What happened in the tenant: one row for each change, with who did it. Append-only.';
comment on column app.event.type is 'Kind of event, such as project.archived.';
-- for those who may read events in SQL; the API does not tell how many transactions the whole cluster makes
comment on column app.event.xid is E'@behavior -*\nOrders the change feed: the transaction that wrote the event, or the last that had ended then, whichever is higher.';
comment on column app.event.entity is 'Name of the entity that changed.';
comment on column app.event.entity_id is 'The resource that changed.';
comment on column app.event.entity_version is 'Version of the resource after the change: the order of events of one resource.';
comment on column app.event.channel is 'What it belongs to besides its own resource, such as subscription:<id>; webhook endpoints can filter by it.';
comment on column app.event.data is 'The resource after the change.';
comment on column app.event.previous is 'Former values of what changed; null when it was created.';
comment on column app.event.actor_type is 'member, api_key, system (a job) or operator (a person in psql).';
comment on column app.event.actor_id is 'The membership or API key that did it.';
comment on column app.event.impersonator_id is 'The support person who acted as the member, if one did.';
comment on column app.event.request_id is 'The request that caused it, as the response''s x-request-id tells.';
comment on column app.event.traceparent is 'W3C trace context of the request.';

create or replace trigger _100_refuse_change
  before update or delete on app.event
  for each row execute function platform.refuse_change();
create or replace trigger _110_refuse_truncate
  before truncate on app.event
  for each statement execute function platform.refuse_change();

select platform.declare_record(
  'app.event',
  permissions => '{"read": ["admin"]}',
  across => '{"freehold_recorder": ["insert", "select"], "freehold_dispatcher": ["select"]}',
  retained => true
);
--! EndIncluded event/event.sql
--! Included event/change_feed.sql
-- The change feed: the events of a tenant in an order to which nothing is ever added behind a reader.
--
-- Ids and times are given out when an event is written and become visible when its transaction commits: a reader who goes by them steps over whoever
-- began first and committed last. The feed goes by (xid, id) and ends below the oldest transaction that still runs. An event's xid is never below its
-- writer's, so of what lies there all has been committed or never will be. And it is never below that of a transaction which had ended when the event
-- was written, so what followed stands behind what it followed: the versions of an entity come in their order.
--
-- xid8 compares leakproof in PostgreSQL 18, so under the policies this is a range of the index event_feed, in each partition that retention leaves
-- (test/plans). A page of 100 of a tenant with 949,000 events in twelve months takes 1.2 ms, first or last, and one with nothing new 0.6.

create or replace function platform.feed_position(after uuid, first integer default 1, types text[] default null, out xid xid8, out id uuid)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  unknown text;
begin
  perform platform.require('event:read');
  if first is null or first not between 1 and 1000 then
    raise exception using errcode = 'ZF010', message = '"first" is out of range', detail = 'From 1 to 1000.';
  end if;
  -- a type that does not exist would be waited for without end
  select string_agg(coalesce(quote_literal(w), 'null'), ', ')
  into unknown
  from unnest(types) w
  where w is null
    or w <> '*' and not exists (select from catalog.event_type t where w in (t.type, split_part(t.type, '.', 1) || '.*'));
  if unknown is not null then
    raise exception using
      errcode = 'ZF010',
      message = format('there is no event type %s', left(unknown, 200)),
      detail = 'Use types of events, all of an entity (invoice.*), or *.';
  end if;
  -- Whatever the plan shows of it: a reader who was here keeps the place. Only what the feed has shown is one: with an event that is still
  -- above the oldest running transaction, what commits before it would be stepped over.
  select e.xid, e.id
  into feed_position.xid, feed_position.id
  from app.event e
  where e.tenant_id = platform.tenant_id()
    and e.id = after
    and e.xid < pg_snapshot_xmin(pg_current_snapshot());
  if found then
    return;
  end if;
  -- an event that retention may have dropped came before everything that is left
  if after is null or uuid_extract_version(after) = 7 and after < platform.retention_floor() then
    xid := '0';
    id := '00000000-0000-0000-0000-000000000000';
    return;
  end if;
  raise exception using
    errcode = 'ZF004',
    message = 'there is no such place in the change feed',
    detail = 'Go on with a cursor that the feed has given, or without one, from the beginning.';
end
$$;
comment on function platform.feed_position(uuid, integer, text[], out xid8, out uuid) is
  'Where in the change feed an event is. Null is the beginning. Raises ZF001, ZF002 and ZF003 as platform.require does, ZF010 for arguments that are not
acceptable, and ZF004 for an id that is of no event which the feed has shown in this tenant.';
grant execute on function platform.feed_position(uuid, integer, text[]) to freehold_user;

create or replace function app.change_feed(after uuid default null, first integer default 100, types text[] default null)
returns setof app.event
language plpgsql
stable
set search_path = ''
-- The range begins at a variable: its value would make a plan look cheaper, and each page would be planned anew over all partitions.
set plan_cache_mode = force_generic_plan
rows 100
as $$
declare
  place record;
begin
  -- By itself, for it refuses: inside the query the planner would not ask for it where a policy leaves nothing to read.
  select f.xid, f.id into place from platform.feed_position(after, first, types) f;
  return query
  select
    p.tenant_id, p.id, p.xid, p.type, p.entity, p.entity_id, p.entity_version,
    -- fetched from where PostgreSQL keeps large values only for those who want them
    case when p.wanted then p.data end, case when p.wanted then p.previous end,
    p.actor_type, p.actor_id, p.impersonator_id, p.request_id, p.traceparent, p.occurred_at, p.channel
  from (
    select e.*, types is null or types && array[e.type, split_part(e.type, '.', 1) || '.*', '*'] as wanted
    from app.event e
    where (e.xid, e.id) > (place.xid, place.id)
      and e.xid < pg_snapshot_xmin(pg_current_snapshot())
    order by e.xid, e.id
    -- A constant: of a limit that it does not know the planner expects a tenth of the rows, and sorts them.
    limit 1000
  ) p
  limit first;
end
$$;
comment on function app.change_feed(uuid, integer, text[]) is E'@behavior -*
The next events after the one with this id, in the order of the change feed. Go on with the id of the last.
after: null is the beginning of what the plan keeps in sight.
first: 1 to 1000.
types: of other events only the envelope is shown, data is null: they count, so that a reader of few types gets on.
Permission: event:read.';
grant execute on function app.change_feed(uuid, integer, text[]) to freehold_user;

create or replace function app.change_feed_end()
returns uuid
language sql
stable
set search_path = ''
as $$
  select e.id
  from app.event e
  where e.xid < pg_snapshot_xmin(pg_current_snapshot())
  order by e.xid desc, e.id desc
  limit 1
$$;
comment on function app.change_feed_end() is E'@behavior -*\nThe last event that the change feed shows now; null when it shows none. Permission: event:read.';
grant execute on function app.change_feed_end() to freehold_user;

create or replace function app.change_feed_held_since()
returns timestamptz
language sql
stable
set search_path = ''
as $$
  select e.occurred_at
  from app.event e
  where e.xid >= pg_snapshot_xmin(pg_current_snapshot())
  order by e.xid, e.id
  limit 1
$$;
comment on function app.change_feed_held_since() is
  E'@behavior -*\nTime of the first event that was committed and is not shown yet, because an older transaction still runs; null when there is none. Permission: event:read.';
grant execute on function app.change_feed_held_since() to freehold_user;
--! EndIncluded event/change_feed.sql
--! Included event/event_type.sql
-- The catalogue of events, for every caller: it is the same for all tenants, and says nothing of any.

comment on table catalog.event_type is E'@reference\nA kind of event: what a webhook endpoint can subscribe to, and what its events carry.';
comment on column catalog.event_type.type is 'Name, such as project.archived.';
comment on column catalog.event_type.entity is E'@isIndexed\nName of the entity that it is about.';
comment on column catalog.event_type.description is 'What happened.';
comment on column catalog.event_type.schema is 'JSON Schema (2020-12) of the data of its events.';
comment on column catalog.event_type.recorded is 'Declared by platform.declare_event: no change of a row causes it.';
grant select (type, entity, description, schema) on catalog.event_type to freehold_user;
--! EndIncluded event/event_type.sql
--! Included tenant/tenant.sql
-- The tenant itself: an entity like the others, whose only row is its own.

comment on table app.tenant is 'The organization that everything else belongs to.';
comment on column app.tenant.name is E'@example Acme Ltd\nName as people see it.';
comment on column app.tenant.slug is E'@example acme\nShort name in addresses; unique over all tenants.';
comment on column app.tenant.closes_at is 'When the grace period ends and the tenant is closed.';

select platform.declare_entity(
  'app.tenant',
  permissions => '{"read": "viewer", "update": "owner", "close": "owner",
    "activate": [], "suspend": [], "reactivate": [], "finish_closing": []}',
  lifecycle => '{
    "initial": "provisioning",
    "transitions": {
      "activate": {"from": ["provisioning"], "to": "active", "event": "tenant.activated"},
      "suspend": {"from": ["active"], "to": "suspended", "event": "tenant.suspended"},
      "reactivate": {"from": ["suspended"], "to": "active", "event": "tenant.reactivated"},
      "close": {"from": ["active", "suspended"], "to": "closing", "event": "tenant.closing",
        "description": "Begins the end of the tenant: everybody is locked out, and after 30 days it is closed."},
      "finish_closing": {"from": ["closing"], "to": "closed", "event": "tenant.closed"}
    }
  }',
  events => '{"descriptions": {
    "tenant.created": "A tenant was made, and is being set up.",
    "tenant.updated": "A tenant was given another name.",
    "tenant.activated": "A tenant was set up, and is in use.",
    "tenant.suspended": "A tenant was suspended: members and API keys are locked out, and nothing is lost.",
    "tenant.reactivated": "A suspended tenant is in use again.",
    "tenant.closing": "A tenant is about to end: everybody is locked out, and it is closed at closes_at.",
    "tenant.closed": "A tenant ended with its grace period, and what it had is deleted."
  }}',
  editable => '{name}',
  due => '{"finish_closing": {"column": "closes_at", "states": ["closing"]}}',
  across => '{"freehold_resolver": ["select"], "freehold_janitor": ["select"]}'
);

create or replace function app.tenant_set_grace()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.closes_at := statement_timestamp() + interval '30 days';
  return new;
end
$$;
comment on function app.tenant_set_grace() is 'Trigger: a closing tenant has 30 days.';
create or replace trigger _200_set_grace
  before update of status on app.tenant
  for each row
  when (new.status = 'closing' and old.status <> 'closing')
  execute function app.tenant_set_grace();

-- after the record, which verifies the context of the caller: who closes the tenant ends their own
create or replace trigger _950_follow_tenant
  after update of status on app.tenant
  for each row
  when (new.status is distinct from old.status)
  execute function identity.follow_tenant();

create or replace function platform.create_tenant(
  name text,
  slug text,
  owner_email text,
  owner_name text,
  issuer text,
  subject text,
  plan text
)
returns uuid
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  tenant uuid := uuidv7();
  person uuid;
begin
  insert into identity.tenant_slug (slug, tenant_id)
  values (create_tenant.slug, tenant);
  perform platform.add_principal(tenant, tenant, 'system');
  perform platform.enter_as_system(tenant, 'create the tenant');

  insert into app.tenant (tenant_id, id, name, slug)
  values (tenant, tenant, create_tenant.name, create_tenant.slug);
  perform app.start_subscription(plan);

  person := identity.ensure_person(issuer, subject, owner_email, owner_name);
  insert into app.membership (tenant_id, person_id, email, name, role)
  values (tenant, person, owner_email, owner_name, 'owner');
  perform app.activate_tenant(tenant);
  return tenant;
end
$$;
comment on function platform.create_tenant(text, text, text, text, text, text, text) is
  'Creates a tenant with its owner and subscription, and activates it; the transaction stays in the tenant as the system. Returns its id.';
grant execute on function platform.create_tenant(text, text, text, text, text, text, text) to freehold_worker;

create or replace function identity.ensure_person(issuer text, subject text, email text, name text)
returns uuid
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  found_person uuid;
begin
  select l.person_id
  into found_person
  from identity.login l
  where l.issuer = ensure_person.issuer
    and l.subject = ensure_person.subject;
  if not found then
    insert into identity.person (email, name)
    values (ensure_person.email, ensure_person.name)
    returning id into found_person;
    insert into identity.login (issuer, subject, person_id)
    values (ensure_person.issuer, ensure_person.subject, found_person);
  end if;
  return found_person;
end
$$;
comment on function identity.ensure_person(text, text, text, text) is
  'The person of an issuer and subject, made when new. People are never matched by e-mail.';
--! EndIncluded tenant/tenant.sql
--! Included membership/membership.sql
-- Members: a person in a tenant, with one role.

comment on table app.membership is 'A person who works in the tenant, with one role.';
comment on column app.membership.person_id is E'@behavior -*\nThe person, whatever tenants they belong to.';
comment on column app.membership.email is E'@format email\n@example ada@example.com\nAddress as the identity provider verified it.';
comment on column app.membership.name is E'@example Ada Lovelace\nName as people see it.';
comment on column app.membership.role is E'@example member\nowner, admin, member, viewer or billing.';

select platform.declare_entity(
  'app.membership',
  permissions => '{"read": "viewer", "update": "admin", "suspend": "admin", "reactivate": "admin", "remove": "admin"}',
  lifecycle => '{
    "initial": "active",
    "transitions": {
      "suspend": {"from": ["active"], "to": "suspended", "event": "user.suspended",
        "description": "Locks a member out from their next request on."},
      "reactivate": {"from": ["suspended"], "to": "active", "event": "user.reactivated",
        "description": "Lets a suspended member in again."},
      "remove": {"from": ["active", "suspended"], "to": "removed", "event": "user.removed",
        "description": "Ends a membership for good; the person can be invited again."}
    }
  }',
  events => '{"created": "user.joined", "updated": "user.updated",
    "changed": [{"event": "user.role_changed", "when": "new.role <> old.role", "description": "A member was given another role."}],
    "descriptions": {
      "user.joined": "A person became a member of the tenant.",
      "user.updated": "The name or the address of a member was changed.",
      "user.suspended": "A member was locked out, from their next request on.",
      "user.reactivated": "A suspended member was let in again.",
      "user.removed": "A member left the tenant, or was removed from it, for good."
    }}',
  editable => '{role}',
  limited_by => '{"entitlement": "seats", "counted": "new.status <> ''removed''", "usage": "app.seats_used()"}',
  across => '{"freehold_resolver": ["select"]}'
);

create or replace trigger _700_follow_principal
  after insert on app.membership
  for each row execute function identity.follow_principal('member');
-- after the record, which verifies the context of the caller: who leaves ends their own
create or replace trigger _950_follow_principal
  after update of role, status on app.membership
  for each row
  when (new.role <> old.role or new.status <> old.status)
  execute function identity.follow_principal('member');

create or replace function app.membership_follow_person()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into identity.person_principal (person_id, tenant_id, principal_id)
  values (new.person_id, new.tenant_id, new.id);
  return null;
end
$$;
comment on function app.membership_follow_person() is 'Trigger: which principals a person has, so that a revoked session finds them.';
create or replace trigger _720_follow_person
  after insert on app.membership
  for each row execute function app.membership_follow_person();

create or replace function app.membership_check_role()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  -- asked of the context that is verified here: a statement could have begun in another one
  perform platform.require('membership:update');
  if (select v.actor_type from platform.verified_context v) = 'system' then
    return new;
  end if;
  select string_agg(p, ', ' order by p)
  into lacking
  from (
    select unnest(platform.permissions_of(new.role))
    union
    select unnest(platform.permissions_of(old.role))
  ) held (p)
  where not platform.allows(p);
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot change a member from %s to %s', old.role, new.role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$$;
comment on function app.membership_check_role() is 'Trigger: no one gives or takes a role that holds more than they do.';
create or replace trigger _200_check_role
  before update of role, status on app.membership
  for each row
  when (new.role <> old.role or new.status <> old.status)
  execute function app.membership_check_role();

create or replace function app.membership_keep_owner()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_tenant(old.tenant_id);
  -- two owners who step down at once must see each other
  perform pg_advisory_xact_lock(hashtextextended(old.tenant_id::text || 'owners', 0));
  if not exists (
    select from app.membership m
    where m.tenant_id = old.tenant_id
      and m.role = 'owner'
      and m.status = 'active'
  ) then
    raise exception using
      errcode = 'ZF009',
      message = 'the tenant would have no owner left',
      detail = 'Give another member the role owner first.';
  end if;
  return null;
end
$$;
comment on function app.membership_keep_owner() is 'Trigger: a tenant keeps one active owner.';
create or replace trigger _300_keep_owner
  after update of role, status on app.membership
  for each row
  when (old.role = 'owner' and old.status = 'active' and (new.role <> 'owner' or new.status <> 'active'))
  execute function app.membership_keep_owner();

create or replace function app.seats_used()
returns bigint
language sql
stable
security definer
set search_path = ''
begin atomic
  select
    (select count(*) from app.membership m where m.tenant_id = platform.tenant_id() and m.status <> 'removed')
    + (select count(*) from app.invitation i where i.tenant_id = platform.tenant_id() and i.status = 'pending');
end;
comment on function app.seats_used() is 'Seats in use: members who are not removed, and pending invitations.';
grant execute on function app.seats_used() to freehold_user;
--! EndIncluded membership/membership.sql
--! Included invitation/invitation.sql
-- Invitations: a seat held for somebody who has not come yet.

comment on table app.invitation is 'An invitation to join the tenant. It holds a seat until it is accepted, revoked or expires.';
comment on column app.invitation.email is E'@format email\n@example grace@example.com\nWhere it was sent.';
comment on column app.invitation.role is E'@example viewer\nThe role that the person will have.';
comment on column app.invitation.expires_at is E'@example 2026-02-07T12:00:00+00:00\nWhen it can no longer be accepted: seven days unless set.';
comment on column app.invitation.invited_by is 'The member who invited.';
comment on column app.invitation.membership_id is 'The membership that came of it.';

select platform.declare_entity(
  'app.invitation',
  permissions => '{"read": "member", "create": "admin", "revoke": "admin", "accept": [], "expire": []}',
  lifecycle => '{
    "initial": "pending",
    "transitions": {
      "accept": {"from": ["pending"], "to": "accepted", "event": "invitation.accepted", "handwritten": true},
      "revoke": {"from": ["pending"], "to": "revoked", "event": "invitation.revoked",
        "description": "Takes an invitation back and frees its seat."},
      "expire": {"from": ["pending"], "to": "expired", "event": "invitation.expired"}
    }
  }',
  events => '{"created": "user.invited", "descriptions": {
    "user.invited": "A person was invited to join the tenant, and a seat is held for them.",
    "invitation.accepted": "The person who was invited joined the tenant.",
    "invitation.revoked": "An invitation was taken back, and its seat is free.",
    "invitation.expired": "An invitation was not accepted in time, and its seat is free."
  }}',
  creatable => '{email,role,expires_at}',
  limited_by => '{"entitlement": "seats", "counted": "new.status = ''pending''", "usage": "app.seats_used()"}',
  due => '{"expire": {"column": "expires_at", "states": ["pending"]}}'
);

create or replace function app.invitation_check()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  select coalesce(case when v.actor_type = 'member' then v.actor_id end, new.invited_by)
  into new.invited_by
  from platform.verified_context v;
  if new.expires_at not between now() and now() + interval '30 days' then
    raise exception using
      errcode = 'ZF010',
      message = 'an invitation lasts at most 30 days',
      detail = 'expires_at must lie within the next 30 days.';
  end if;
  select string_agg(p, ', ' order by p)
  into lacking
  from unnest(platform.permissions_of(new.role)) p
  where not platform.allows(p);
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot invite a %s', new.role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$$;
comment on function app.invitation_check() is 'Trigger: who invited is the caller, the time is bounded, and no one gives more than they hold.';
create or replace trigger _200_check
  before insert on app.invitation
  for each row execute function app.invitation_check();

create or replace function app.accept_invitation(id uuid, issuer text, subject text, name text)
returns app.membership
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  waiting app.invitation;
  joined app.membership;
begin
  perform platform.require('invitation:accept');
  select i.*
  into waiting
  from app.invitation i
  where i.tenant_id = platform.tenant_id()
    and i.id = accept_invitation.id
  for no key update;
  if not found or (waiting.status = 'pending' and waiting.expires_at <= statement_timestamp()) then
    raise exception using
      errcode = 'ZF004',
      message = 'there is no such invitation to accept',
      detail = format('invitation %s', accept_invitation.id);
  end if;
  if waiting.status <> 'pending' then
    perform platform.raise_illegal_transition('invitation', waiting.id, waiting.status, 'accept');
  end if;
  joined.id := uuidv7();
  -- first, so that its seat is free for the member; the reference is checked at commit, and one event tells of both
  update app.invitation i
  set status = 'accepted',
    membership_id = joined.id
  where i.tenant_id = waiting.tenant_id
    and i.id = waiting.id;
  insert into app.membership (id, person_id, email, name, role)
  values (
    joined.id, identity.ensure_person(accept_invitation.issuer, accept_invitation.subject, waiting.email, accept_invitation.name),
    waiting.email, accept_invitation.name, waiting.role)
  returning * into joined;
  return joined;
end
$$;
comment on function app.accept_invitation(uuid, text, text, text) is
  'Makes the invited person a member, with the login that the identity provider verified. For the system; errors: ZF003, ZF004, ZF005, 23505 when they are a member.';
grant execute on function app.accept_invitation(uuid, text, text, text) to freehold_worker;
--! EndIncluded invitation/invitation.sql
--! Included api_key/api_key.sql
-- API keys: shown once, kept as a hash outside the tenant's reach.

comment on table app.api_key is 'A key that opens the API with its own permissions.';
comment on column app.api_key.name is E'@example Nightly import\nWhat it is for, 1 to 200 characters.';
comment on column app.api_key.prefix is E'@example fh_live_a1b2c3\nThe beginning of the key, to tell keys apart.';
comment on column app.api_key.scopes is E'@example ["project:read"]\nPermissions of the key, such as project:read.';
comment on column app.api_key.expires_at is 'When it ends by itself; null for never.';

select platform.declare_entity(
  'app.api_key',
  permissions => '{"read": "admin", "create": "admin", "update": "admin", "revoke": "admin", "expire": []}',
  lifecycle => '{
    "initial": "active",
    "transitions": {
      "revoke": {"from": ["active"], "to": "revoked", "event": "api_key.revoked",
        "description": "Ends a key from its next use on."},
      "expire": {"from": ["active"], "to": "expired", "event": "api_key.expired"}
    }
  }',
  events => '{"descriptions": {
    "api_key.created": "An API key was made. Its secret is in no event.",
    "api_key.updated": "An API key was given another name.",
    "api_key.revoked": "An API key was revoked, and opens nothing from its next use on.",
    "api_key.expired": "The time of an API key is over, and it opens nothing any more."
  }}',
  creatable => '{}',
  editable => '{name}',
  due => '{"expire": {"column": "expires_at", "states": ["active"]}}',
  across => '{"freehold_resolver": ["select"]}'
);

create or replace trigger _700_follow_principal
  after insert on app.api_key
  for each row execute function identity.follow_principal('api_key');
-- after the record, which verifies the context of the caller: a key may revoke itself
create or replace trigger _950_follow_principal
  after update of scopes, status on app.api_key
  for each row
  when (new.scopes <> old.scopes or new.status <> old.status)
  execute function identity.follow_principal('api_key');

create or replace trigger _800_check_count
  after insert on app.api_key
  for each row execute function platform.check_count('200', '{active}');

do $$
begin
  if to_regtype('app.created_api_key') is null then
    create type app.created_api_key as (id uuid, secret text);
  end if;
end
$$;
comment on type app.created_api_key is 'The id of a new API key, and its secret, which is shown this once.';

create or replace function app.create_api_key(name text, scopes text[], expires_at timestamptz default null)
returns app.created_api_key
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  made app.created_api_key;
  key app.api_key;
  unknown text;
  random text := encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
begin
  perform platform.require('api_key:create');
  select string_agg(coalesce(s, 'null'), ', ' order by s)
  into unknown
  from unnest(create_api_key.scopes) s
  where s is null
    or not platform.allows(s);
  if unknown is not null or create_api_key.scopes is null then
    raise exception using
      errcode = 'ZF003',
      message = 'a key cannot hold what you do not hold yourself',
      detail = format('Not yours to give: %s.', coalesce(unknown, 'null'));
  end if;
  -- beyond year 9999 a time has no form in JSON
  if create_api_key.expires_at not between statement_timestamp() and '9999-12-31 00:00:00+00' then
    raise exception using
      errcode = 'ZF010',
      message = 'expires_at must lie in the future, before the year 9999 ends',
      detail = 'Leave it out for a key that does not expire.';
  end if;
  made.secret := platform.key_prefix() || left(random, 48);
  -- six more digits that follow from the others, for scanners of leaked secrets
  made.secret := made.secret || left(encode(sha256(convert_to(made.secret, 'UTF8')), 'hex'), 6);
  insert into app.api_key (name, prefix, scopes, expires_at)
  values (create_api_key.name, left(made.secret, 14), create_api_key.scopes, create_api_key.expires_at)
  returning * into key;
  insert into identity.api_key_secret (hash, tenant_id, api_key_id)
  values (sha256(convert_to(made.secret, 'UTF8')), key.tenant_id, key.id);
  made.id := key.id;
  return made;
end
$$;
comment on function app.create_api_key(text, text[], timestamptz) is
  'Makes an API key with some of your own permissions. The secret is in this answer and nowhere else. Event: api_key.created.';
grant execute on function app.create_api_key(text, text[], timestamptz) to freehold_user;

create or replace function platform.key_prefix()
returns text
language sql
stable
set search_path = ''
return 'fh_' || coalesce(nullif(current_setting('freehold.key_mode', true), ''), 'test') || '_';
comment on function platform.key_prefix() is
  'fh_live_ where the database is told so (alter database ... set freehold.key_mode = ''live''), fh_test_ elsewhere.';
grant execute on function platform.key_prefix() to freehold_user;
--! EndIncluded api_key/api_key.sql
--! Included subscription/subscription.sql
-- The subscription: one living a tenant; its plan decides the entitlements.

comment on table app.subscription is 'What the tenant pays for.';
comment on column app.subscription.plan is E'@example team\nThe plan that holds now.';
comment on column app.subscription.next_plan is 'The plan from the next period on, when a downgrade is waiting.';
comment on column app.subscription.trial_ends_at is E'@example 2026-02-14T12:00:00+00:00\nWhen the trial turns into a paid subscription by itself.';
comment on column app.subscription.anchor is E'@behavior -*\nStart of the first paid period: the n-th begins n months later, so that the 31st does not drift.';
comment on column app.subscription.period is E'@behavior -*\n@example 0\nNumber of the current period, from 0.';
comment on column app.subscription.current_period_start is 'When the current period began.';
comment on column app.subscription.current_period_end is E'@example 2026-02-14T12:00:00+00:00\nWhen the current period ends, and the next begins.';

select platform.declare_entity(
  'app.subscription',
  permissions => '{"read": "viewer", "upgrade": "billing", "downgrade": "billing", "pause": "billing", "resume": "billing", "cancel": "billing",
    "activate": [], "mark_past_due": [], "recover": [], "renew": []}',
  lifecycle => '{
    "initial": ["trialing", "active"],
    "transitions": {
      "activate": {"from": ["trialing"], "to": "active", "event": "subscription.activated", "handwritten": true},
      "mark_past_due": {"from": ["active"], "to": "past_due", "event": "subscription.past_due"},
      "recover": {"from": ["past_due"], "to": "active", "event": "subscription.activated"},
      "pause": {"from": ["active"], "to": "paused", "event": "subscription.paused",
        "description": "Sets the subscription aside: until it is resumed nothing is charged, and the free plan holds."},
      "resume": {"from": ["paused"], "to": "active", "event": "subscription.resumed", "handwritten": true},
      "cancel": {"from": ["trialing", "active", "past_due", "paused"], "to": "canceled", "event": "subscription.canceled",
        "description": "Ends the subscription now; the free plan holds from then on."}
    }
  }',
  events => '{"updated": "subscription.updated", "changed": [
    {"event": "subscription.upgraded", "when": "new.plan <> old.plan and catalog.plan_rank(new.plan) > catalog.plan_rank(old.plan)",
      "description": "The subscription went to a higher plan."},
    {"event": "subscription.downgraded", "when": "new.plan <> old.plan", "description": "The subscription went to a lower plan."},
    {"event": "subscription.renewed", "when": "new.period > old.period", "description": "A new period of the subscription began."}
  ], "descriptions": {
    "subscription.created": "A subscription began, with a trial when its plan has one.",
    "subscription.updated": "A subscription was changed in a way that has no event of its own: a downgrade waits for the next period.",
    "subscription.activated": "A trial turned into a paid subscription, or what was past due was paid.",
    "subscription.past_due": "A payment failed; the plan still holds.",
    "subscription.paused": "A subscription was set aside: nothing is charged, and the free plan holds.",
    "subscription.resumed": "A paused subscription goes on, and its plan holds again.",
    "subscription.canceled": "A subscription ended, and the free plan holds."
  }}',
  due => '{"activate": {"column": "trial_ends_at", "states": ["trialing"]},
    "renew": {"column": "current_period_end", "states": ["active"]}}'
);

create or replace function app.subscription_follow_plan()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into platform.tenant_plan (tenant_id, plan)
  -- nothing is paid while paused; what is past due is still being asked for
  values (new.tenant_id, case when new.status in ('canceled', 'paused') then 'free' else new.plan end)
  on conflict (tenant_id) do update
    set plan = excluded.plan
    where tenant_plan.plan <> excluded.plan;
  return null;
end
$$;
comment on function app.subscription_follow_plan() is 'Trigger: the plan that holds for the tenant follows its living subscription.';
create or replace trigger _700_follow_plan
  after insert or update of plan, status on app.subscription
  for each row execute function app.subscription_follow_plan();

create or replace function app.entitlement(key text)
returns bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  allowed bigint;
begin
  perform platform.require(null);
  select e.value
  into allowed
  from catalog.plan_entitlement e
  where e.key = entitlement.key
    and e.plan = coalesce((select t.plan from platform.tenant_plan t where t.tenant_id = platform.tenant_id()), 'free');
  -- what a plan does not name is not included
  return case when found then allowed else 0 end;
end
$$;
comment on function app.entitlement(text) is 'What the plan allows of seats, projects, retention_days or a feature; null for no limit, 0 for none.';
grant execute on function app.entitlement(text) to freehold_user;

create or replace function platform.require_feature(feature text)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if app.entitlement(feature) = 0 then
    raise exception using
      errcode = 'ZF014',
      message = format('the plan does not include %s', feature),
      detail = format('Feature: %s.', feature);
  end if;
end
$$;
comment on function platform.require_feature(text) is 'Raises ZF014 unless the plan includes the feature.';
grant execute on function platform.require_feature(text) to freehold_user;

create or replace function platform.month_after(anchor timestamptz, months integer)
returns timestamptz
language sql
immutable
set search_path = ''
return (anchor at time zone 'UTC' + make_interval(months => months)) at time zone 'UTC';
comment on function platform.month_after(timestamptz, integer) is
  'The anchor some months on, in UTC whatever the session''s time zone; the 31st becomes the last day of a shorter month.';

create or replace function app.start_subscription(plan text)
returns app.subscription
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  chosen catalog.plan;
  started app.subscription;
begin
  perform platform.require('subscription:renew');
  select p.* into chosen from catalog.plan p where p.key = start_subscription.plan;
  if not found then
    raise exception using errcode = 'ZF010', message = format('there is no plan %s', plan), detail = 'Plans are listed in catalog.plan.';
  end if;
  insert into app.subscription (plan, status, trial_ends_at, anchor, current_period_start, current_period_end)
  values (
    chosen.key,
    case when chosen.trial_days > 0 then 'trialing' else 'active' end,
    case when chosen.trial_days > 0 then now() + make_interval(days => chosen.trial_days) end,
    now(),
    now(),
    case when chosen.trial_days > 0 then now() + make_interval(days => chosen.trial_days) else platform.month_after(now(), 1) end)
  returning * into started;
  return started;
end
$$;
comment on function app.start_subscription(text) is 'Starts the subscription of a new tenant, in trial where the plan has one. For the system.';
--! EndIncluded subscription/subscription.sql
--! Included invoice/invoice.sql
-- Invoices: numbered without gaps, equal to their lines, and fixed once finalized.

comment on table app.invoice is 'What the tenant is asked to pay. Fixed from the moment it is open.';
comment on column app.invoice.number is 'INV-000001 and on, without gaps in a tenant; given when the invoice is finalized.';
comment on column app.invoice.subscription_id is 'The subscription that it is for.';
comment on column app.invoice.currency is E'@example EUR\nCurrency of all its amounts, as ISO 4217 has it.';
comment on column app.invoice.total is E'@example 4900\nSum of the lines, in minor units of the currency.';
comment on column app.invoice.period_start is 'Start of the time that it is for.';
comment on column app.invoice.period_end is E'@example 2026-02-28T12:00:00+00:00\nEnd of the time that it is for.';
comment on column app.invoice.issued_at is 'When it was finalized.';
comment on column app.invoice.due_at is 'When it should be paid: 14 days after it was finalized.';
comment on column app.invoice.paid_at is 'When it was paid.';

select platform.declare_entity(
  'app.invoice',
  permissions => '{"read": ["billing", "admin"], "finalize": [], "pay": [], "void": [], "mark_uncollectible": []}',
  lifecycle => '{
    "initial": "draft",
    "transitions": {
      "finalize": {"from": ["draft"], "to": "open", "event": "invoice.finalized"},
      "pay": {"from": ["open", "uncollectible"], "to": "paid", "event": "invoice.paid"},
      "void": {"from": ["open", "uncollectible"], "to": "void", "event": "invoice.voided"},
      "mark_uncollectible": {"from": ["open"], "to": "uncollectible", "event": "invoice.marked_uncollectible"}
    }
  }',
  channel => '''subscription:'' || new.subscription_id',
  events => '{"descriptions": {
    "invoice.created": "An invoice was begun as a draft, which may still change.",
    "invoice.updated": "The draft of an invoice was changed.",
    "invoice.finalized": "An invoice got its number and its dates; it is fixed, and waits for payment.",
    "invoice.paid": "An invoice was paid.",
    "invoice.voided": "An invoice was withdrawn; its number stays.",
    "invoice.marked_uncollectible": "An invoice was given up; it can still be paid, or voided."
  }}'
);

comment on table app.invoice_line is 'One position of an invoice.';
comment on column app.invoice_line.amount is 'In minor units of the invoice''s currency; a credit is negative.';
select platform.declare_record('app.invoice_line', permissions => '{"read": ["billing", "admin"]}');

create or replace function platform.next_number(name text)
returns bigint
language sql
volatile
security definer
set search_path = ''
begin atomic
  insert into platform.counter (tenant_id, name, value)
  values (platform.tenant_id(), name, 1)
  on conflict (tenant_id, name) do update
    set value = counter.value + 1
  returning value;
end;
comment on function platform.next_number(text) is
  'The next number of the tenant''s counter, without gaps: the next caller waits until this transaction ends.';

create or replace function app.invoice_finalize()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_tenant(new.tenant_id);
  if new.status = 'paid' then
    new.paid_at := statement_timestamp();
    return new;
  end if;
  new.number := 'INV-' || lpad(platform.next_number('invoice')::text, 6, '0');
  new.issued_at := statement_timestamp();
  new.due_at := new.issued_at + interval '14 days';
  return new;
end
$$;
comment on function app.invoice_finalize() is 'Trigger: a finalized invoice gets its number and dates, a paid one its time.';
create or replace trigger _200_finalize
  before update of status on app.invoice
  for each row
  when (new.status is distinct from old.status and new.status in ('open', 'paid'))
  execute function app.invoice_finalize();

create or replace function app.invoice_freeze()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if (new.number, new.subscription_id, new.currency, new.total, new.period_start, new.period_end, new.issued_at, new.due_at)
    is distinct from
    (old.number, old.subscription_id, old.currency, old.total, old.period_start, old.period_end, old.issued_at, old.due_at)
    or old.paid_at is not null and new.paid_at is distinct from old.paid_at
  then
    raise exception using
      errcode = 'ZF008',
      message = format('invoice %s is final', old.number),
      detail = 'Void it and issue a new one.';
  end if;
  return new;
end
$$;
comment on function app.invoice_freeze() is 'Trigger: of a finalized invoice only the state changes.';
create or replace trigger _300_freeze
  before update on app.invoice
  for each row
  when (old.status <> 'draft')
  execute function app.invoice_freeze();

create or replace function app.invoice_line_freeze()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  line app.invoice_line := case when tg_op = 'DELETE' then old else new end;
begin
  if tg_op = 'DELETE' and platform.is_closed(old.tenant_id) then
    return old;
  end if;
  perform platform.require_tenant(line.tenant_id);
  -- the lock keeps the invoice from being finalized between this line and the commit
  perform from app.invoice i
  where i.tenant_id = line.tenant_id
    and i.id = line.invoice_id
    and i.status = 'draft'
  for no key update;
  if not found then
    raise exception using errcode = 'ZF008', message = 'the lines of a final invoice never change', detail = 'Void it and issue a new one.';
  end if;
  if tg_op = 'UPDATE' and (new.tenant_id, new.invoice_id) is distinct from (old.tenant_id, old.invoice_id) then
    raise exception using errcode = 'ZF008', message = 'a line stays with its invoice', detail = 'Delete it and add another.';
  end if;
  return line;
end
$$;
comment on function app.invoice_line_freeze() is 'Trigger: lines change only while their invoice is a draft.';
create or replace trigger _200_freeze
  before insert or update or delete on app.invoice_line
  for each row execute function app.invoice_line_freeze();
--! EndIncluded invoice/invoice.sql
--! Included project/project.sql
-- Projects: what a tenant works on. The example to copy for an entity of your own.

comment on table app.project is 'Something that the tenant works on.';
comment on column app.project.name is E'@example Rocket\nName, 1 to 200 characters.';
comment on column app.project.description is E'@example To the moon and back.\nWhat it is about, up to 10,000 characters.';
comment on column app.project.lead_id is 'The member who leads it.';

select platform.declare_entity(
  'app.project',
  permissions => '{"read": "viewer", "create": "member", "update": "member", "archive": "member", "restore": "member", "delete": "admin"}',
  lifecycle => '{
    "initial": "active",
    "concealed": ["deleted"],
    "transitions": {
      "archive": {"from": ["active"], "to": "archived", "event": "project.archived",
        "description": "Puts a project away; it can be restored."},
      "restore": {"from": ["archived"], "to": "active", "event": "project.restored",
        "description": "Takes an archived project up again."},
      "delete": {"from": ["active", "archived"], "to": "deleted", "event": "project.deleted",
        "description": "Removes a project from view for good."}
    }
  }',
  events => '{"descriptions": {
    "project.created": "A project was begun.",
    "project.updated": "The name, the description or the lead of a project was changed.",
    "project.archived": "A project was put away; it can be restored.",
    "project.restored": "An archived project was taken up again.",
    "project.deleted": "A project was removed from view for good."
  }}',
  limited_by => '{"entitlement": "projects", "counted": "new.status <> ''deleted''", "usage": "app.projects_used()"}'
);

create or replace function app.projects_used()
returns bigint
language sql
stable
security definer
set search_path = ''
begin atomic
  select count(*)
  from app.project p
  where p.tenant_id = platform.tenant_id()
    and p.status <> 'deleted';
end;
comment on function app.projects_used() is 'Projects that count towards the plan.';
grant execute on function app.projects_used() to freehold_user;
--! EndIncluded project/project.sql
--! Included feature_usage/feature_usage.sql
-- Metering: what was used, by day and feature. Sixteen slots a day, so that many users of one feature do not wait on one row.

comment on table app.feature_usage is E'@behavior -*\nUse of a feature on a day, in sixteen slots; feature_usage_by_day adds them up.';
select platform.declare_record('app.feature_usage', permissions => '{"read": "viewer", "record": "member"}');
select platform.declare_event('feature.used', 'feature_usage', 'The use of a feature was metered.', '{
  "title": "feature_use",
  "description": "One use of a feature.",
  "type": "object",
  "properties": {
    "feature": {"type": "string", "description": "The feature.", "examples": ["search"]},
    "quantity": {"type": "integer", "description": "How often, or how much, in the unit of the feature."},
    "day": {"type": "string", "format": "date", "description": "The day on which it counts, in UTC."}
  },
  "required": ["feature", "quantity", "day"]
}');

create or replace view app.feature_usage_by_day with (security_invoker = true) as
select u.feature, u.day, sum(u.quantity)::bigint as quantity
from app.feature_usage u
where u.tenant_id = platform.tenant_id()
group by u.feature, u.day;
comment on view app.feature_usage_by_day is E'@primaryKey feature,day\nUse of each feature by day (UTC).';
comment on column app.feature_usage_by_day.feature is E'@isIndexed\nThe feature.';
comment on column app.feature_usage_by_day.day is E'@isIndexed\nThe day, in UTC.';
comment on column app.feature_usage_by_day.quantity is 'How often, or how much, in the unit of the feature.';
grant select on app.feature_usage_by_day to freehold_user;

create or replace function app.use_feature(feature text, quantity integer default 1)
returns bigint
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  today date := (statement_timestamp() at time zone 'UTC')::date;
  used bigint;
  usage_id uuid;
begin
  perform platform.require('feature_usage:record');
  if feature is null or feature !~ '^[a-z][a-z0-9_]{0,99}$' then
    raise exception using errcode = 'ZF010', message = 'feature is not a name', detail = 'Lower-case letters, digits and _, up to 100.';
  end if;
  if quantity is null or quantity not between 1 and 1000000 then
    raise exception using errcode = 'ZF010', message = 'quantity is out of range', detail = 'From 1 to 1,000,000.';
  end if;
  insert into app.feature_usage (feature, day, slot, quantity)
  values (use_feature.feature, today, pg_backend_pid() % 16, use_feature.quantity)
  on conflict (tenant_id, feature, day, slot) do update
    set quantity = feature_usage.quantity + excluded.quantity
  returning feature_usage.quantity, feature_usage.id into used, usage_id;
  perform platform.record_event('feature.used', 'feature_usage', usage_id,
    jsonb_build_object('feature', use_feature.feature, 'quantity', use_feature.quantity, 'day', today));
  return use_feature.quantity;
end
$$;
comment on function app.use_feature(text, integer) is
  'Meters the use of a feature today. Event: feature.used. Permission: feature_usage:record. Returns the quantity recorded.';
grant execute on function app.use_feature(text, integer) to freehold_user;
--! EndIncluded feature_usage/feature_usage.sql
--! Included report/report.sql
-- Reports: exports that the worker makes, kept for a week.

comment on table app.report is 'An export of the tenant''s data as newline-delimited JSON, made by the worker.';
comment on column app.report.kind is E'@example invoices\nevents, invoices, members or usage.';
comment on column app.report.since is 'Only what happened from then on; all when null.';
comment on column app.report.row_count is 'Rows in the export.';
comment on column app.report.byte_count is 'Size of the export.';
comment on column app.report.error is 'Why it failed.';
comment on column app.report.expires_at is 'Until when it can be downloaded.';

comment on table app.report_chunk is E'@behavior -*\nContent of a report, 1,000 rows a chunk; read through app.report_content.';
select platform.declare_record('app.report_chunk', permissions => '{}', hidden => '{content,report_id,position}');
select platform.declare_entity(
  'app.report',
  permissions => '{"read": "admin", "create": "admin", "start": [], "finish": [], "fail": [], "expire": []}',
  lifecycle => '{
    "initial": "requested",
    "transitions": {
      "start": {"from": ["requested", "running"], "to": "running", "event": "report.started", "handwritten": true},
      "finish": {"from": ["running"], "to": "exported", "event": "report.exported", "handwritten": true},
      "fail": {"from": ["requested", "running"], "to": "failed", "event": "report.failed", "handwritten": true},
      "expire": {"from": ["exported"], "to": "expired", "event": "report.expired", "handwritten": true}
    }
  }',
  events => '{"created": "report.requested", "descriptions": {
    "report.requested": "A report was asked for, and waits for the worker.",
    "report.started": "The worker began to make a report.",
    "report.exported": "A report is ready, and can be downloaded until expires_at.",
    "report.failed": "A report could not be made; error says why.",
    "report.expired": "The content of a report was deleted; it can no longer be downloaded."
  }}',
  creatable => '{kind,since}',
  due => '{"expire": {"column": "expires_at", "states": ["exported"]}}',
  tasks => '{"report.requested": "export_report"}'
);

create or replace function app.report_check_feature()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform platform.require_feature('reports');
  return new;
end
$$;
comment on function app.report_check_feature() is 'Trigger: reports are a feature of the plan.';
create or replace trigger _200_check_feature
  before insert on app.report
  for each row execute function app.report_check_feature();

-- each copies what it exports
create or replace trigger _800_check_count
  after insert on app.report
  for each row execute function platform.check_count('10', '{requested,running}');
--! EndIncluded report/report.sql
--! Included report/produce.sql
-- How a report comes to be: started, filled chunk by chunk, finished. The worker calls these as the system, in the tenant.

create or replace function app.lock_report(id uuid, verb text, states text[])
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  locked app.report;
begin
  perform platform.require('report:' || verb);
  select r.*
  into locked
  from app.report r
  where r.tenant_id = platform.tenant_id()
    and r.id = lock_report.id
  for no key update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such report', detail = format('report %s', id);
  end if;
  if locked.status <> all (states) then
    perform platform.raise_illegal_transition('report', locked.id, locked.status, verb);
  end if;
  return locked;
end
$$;
comment on function app.lock_report(uuid, text, text[]) is 'The report, locked, after its permission and state were checked.';

create or replace function app.start_report(id uuid)
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  started app.report := app.lock_report(id, 'start', '{requested,running,exported,failed,expired}');
begin
  -- the task may come twice: what was made is not begun again
  if started.status not in ('requested', 'running') then
    return null;
  end if;
  -- a report left running by a worker that died begins anew
  delete from app.report_chunk c
  where c.tenant_id = started.tenant_id
    and c.report_id = started.id;
  update app.report r
  set status = 'running'
  where r.tenant_id = started.tenant_id
    and r.id = started.id
  returning * into started;
  return started;
end
$$;
comment on function app.start_report(uuid) is E'@behavior -mutationField\nTakes a report up; null when it is no longer wanted. For the system.';
grant execute on function app.start_report(uuid) to freehold_user;

create or replace function app.report_rows(report app.report)
returns setof text
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require('report:start');
  case report.kind
    when 'events' then
      -- how many transactions the whole cluster makes is no tenant's business
      return query select (to_jsonb(e) - 'xid')::text from app.event e
        where e.tenant_id = platform.tenant_id() and (report.since is null or e.id >= platform.uuidv7_floor(report.since))
        order by e.id;
    when 'invoices' then
      return query select (to_jsonb(i) || jsonb_build_object('lines', (
          select jsonb_agg(to_jsonb(l) order by l.id) from app.invoice_line l where l.tenant_id = i.tenant_id and l.invoice_id = i.id)))::text
        from app.invoice i
        where i.tenant_id = platform.tenant_id() and (report.since is null or i.created_at >= report.since)
        order by i.id;
    when 'members' then
      return query select to_jsonb(m)::text from app.membership m
        where m.tenant_id = platform.tenant_id() and (report.since is null or m.created_at >= report.since)
        order by m.id;
    else
      return query select to_jsonb(u)::text from app.feature_usage_by_day u
        where report.since is null or u.day >= (report.since at time zone 'UTC')::date
        order by u.day, u.feature;
  end case;
end
$$;
comment on function app.report_rows(app.report) is 'The rows of a report, one JSON object each.';

create or replace function app.finish_report(id uuid)
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  running app.report := app.lock_report(finish_report.id, 'finish', '{running}');
begin
  insert into app.report_chunk (report_id, position, content)
  select running.id, (n - 1) / 1000, string_agg(row_text || E'\n', '' order by n)
  from app.report_rows(running) with ordinality r (row_text, n)
  group by (n - 1) / 1000;
  update app.report
  set status = 'exported',
    expires_at = statement_timestamp() + interval '7 days',
    (row_count, byte_count) = (
      select coalesce(sum(length(content) - length(replace(content, E'\n', ''))), 0), coalesce(sum(octet_length(content)), 0)
      from app.report_chunk c
      where c.tenant_id = running.tenant_id and c.report_id = running.id)
  where tenant_id = running.tenant_id
    and id = running.id
  returning * into running;
  return running;
end
$$;
comment on function app.finish_report(uuid) is
  E'@behavior -mutationField\nFills a running report from one snapshot, 1,000 rows a chunk, and makes it downloadable for 7 days. For the system. Event: report.exported.';
grant execute on function app.finish_report(uuid) to freehold_user;

create or replace function app.fail_report(id uuid, error text)
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  failed app.report := app.lock_report(id, 'fail', '{requested,running}');
begin
  update app.report r
  set status = 'failed',
    error = left(fail_report.error, 1000)
  where r.tenant_id = failed.tenant_id
    and r.id = failed.id
  returning * into failed;
  return failed;
end
$$;
comment on function app.fail_report(uuid, text) is E'@behavior -mutationField\nGives a report up, with the reason. For the system. Event: report.failed.';
grant execute on function app.fail_report(uuid, text) to freehold_user;

create or replace function app.expire_report(id uuid)
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  expired app.report := app.lock_report(id, 'expire', '{exported}');
begin
  delete from app.report_chunk c
  where c.tenant_id = expired.tenant_id
    and c.report_id = expired.id;
  update app.report r
  set status = 'expired'
  where r.tenant_id = expired.tenant_id
    and r.id = expired.id
  returning * into expired;
  return expired;
end
$$;
comment on function app.expire_report(uuid) is E'@behavior -mutationField\nForgets the content of a report. For the system. Event: report.expired.';
grant execute on function app.expire_report(uuid) to freehold_user;

select platform.declare_event('report.downloaded', 'report', 'Somebody began to download a report.', '{
  "title": "report_download",
  "description": "The report that was downloaded, in short.",
  "type": "object",
  "properties": {
    "id": {"type": "string", "format": "uuid", "description": "Identifier of the report."},
    "kind": {"type": "string", "description": "events, invoices, members or usage.", "examples": ["invoices"]},
    "row_count": {"type": "integer", "description": "Rows in the export."},
    "byte_count": {"type": "integer", "description": "Size of the export."}
  },
  "required": ["id", "kind", "row_count", "byte_count"]
}');

create or replace function app.report_content(id uuid, after_position integer default -1)
returns table ("position" integer, content text)
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  wanted app.report;
begin
  perform platform.require('report:read');
  select r.*
  into wanted
  from app.report r
  where r.tenant_id = platform.tenant_id()
    and r.id = report_content.id
    and r.status = 'exported';
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such report to download', detail = format('report %s', id);
  end if;
  if after_position = -1 then
    perform platform.record_event('report.downloaded', 'report', wanted.id, jsonb_build_object(
      'id', wanted.id, 'kind', wanted.kind, 'row_count', wanted.row_count, 'byte_count', wanted.byte_count));
  end if;
  return query
    select c.position, c.content
    from app.report_chunk c
    where c.tenant_id = platform.tenant_id()
      and c.report_id = report_content.id
      and c.position > after_position
    order by c.position
    limit 10;
end
$$;
comment on function app.report_content(uuid, integer) is
  E'@behavior -mutationField\nThe next ten chunks of an exported report, for the download. Permission: report:read. Event, at the first: report.downloaded.';
grant execute on function app.report_content(uuid, integer) to freehold_user;
--! EndIncluded report/produce.sql
--! Included webhook_endpoint/failing.sql
-- The warning before an endpoint is disabled. No row changes with it: whoever counts the failures records it.

select platform.declare_event(
  'webhook_endpoint.failing',
  'webhook_endpoint',
  'Nothing but failures at a webhook endpoint, for half of the time after which it is disabled.',
  '{
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "webhook_endpoint_warning",
    "description": "A webhook endpoint at which everything fails.",
    "type": "object",
    "properties": {
      "id": {"type": "string", "format": "uuid", "description": "The endpoint."},
      "url": {"type": "string", "description": "Where it is."},
      "description": {"type": "string", "description": "What it is for."},
      "failing_since": {"type": "string", "format": "date-time", "description": "Since when every delivery to it has failed."},
      "disables_at": {"type": "string", "format": "date-time", "description": "When it is disabled, unless a delivery succeeds before."}
    },
    "required": ["id", "url", "description", "failing_since", "disables_at"],
    "additionalProperties": true
  }'
);
--! EndIncluded webhook_endpoint/failing.sql
--! Included webhook_endpoint/webhook_endpoint.sql
-- Webhook endpoints: where a tenant wants to be told, and of what.

comment on table app.webhook_endpoint is 'An address that is told of events, by signed HTTP posts (Standard Webhooks 1.0).';
comment on column app.webhook_endpoint.url is E'@format uri\n@example https://receiver.example/webhooks\nWhere to post: https, without user, password and fragment.';
comment on column app.webhook_endpoint.description is E'@example Bookkeeping\nWhat it is for.';
comment on column app.webhook_endpoint.event_types is E'@example ["invoice.*"]\nWhat it is told of: exact types, all of an entity (invoice.*), or everything (*).';
comment on column app.webhook_endpoint.channels is
  'Only events of these channels; {} for all. Each event is in the channel of its resource, such as project:<id>, and some in one more, such as subscription:<id>.';
comment on column app.webhook_endpoint.ordered is
  'One message after the other, in the order of events: one that fails holds up those after it until it succeeds or is given up.';
comment on column app.webhook_endpoint.rate_limit is 'Messages a second at most; null for no limit.';
comment on column app.webhook_endpoint.concurrency is 'Messages at a time at most; null for no limit of its own.';
comment on column app.webhook_endpoint.retry_delays is
  'Seconds to wait before each further attempt, each +-20 %; with the first attempt there is one more than delays. {} for no retries.';
comment on column app.webhook_endpoint.disabled_reason is
  'Why the system disabled it: gone (it answered 410) or failing (nothing but failures for days). Null when it is enabled, or its owner disabled it.';

select platform.declare_entity(
  'app.webhook_endpoint',
  permissions => '{"read": "admin", "create": "admin", "update": "admin", "enable": "admin", "disable": "admin", "give_up": []}',
  lifecycle => '{
    "initial": "enabled",
    "transitions": {
      "disable": {"from": ["enabled"], "to": "disabled", "event": "webhook_endpoint.disabled",
        "description": "Stops deliveries to an endpoint; those under way are given up and can be resent."},
      "give_up": {"from": ["enabled"], "to": "disabled", "event": "webhook_endpoint.disabled", "handwritten": true},
      "enable": {"from": ["disabled"], "to": "enabled", "event": "webhook_endpoint.enabled",
        "description": "Begins deliveries of what happens from now on."}
    }
  }',
  events => '{"descriptions": {
    "webhook_endpoint.created": "A webhook endpoint was made. Its signing secret is in no event.",
    "webhook_endpoint.updated": "What a webhook endpoint is told of, where, or how, was changed.",
    "webhook_endpoint.disabled": "A webhook endpoint was disabled, and nothing is delivered to it.",
    "webhook_endpoint.enabled": "A webhook endpoint was enabled, and what happens from now on is delivered to it."
  }}',
  creatable => '{}',
  editable => '{url,description,event_types,channels,ordered,rate_limit,concurrency,retry_delays}',
  tasks => '{"webhook_endpoint.disabled": "notify_endpoint_owners", "webhook_endpoint.failing": "notify_endpoint_owners"}',
  across => '{"freehold_dispatcher": ["select"]}'
);

create or replace function app.webhook_endpoint_check_types()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  unknown text;
begin
  select string_agg(coalesce(quote_literal(w), 'null'), ', ')
  into unknown
  from unnest(new.event_types) w
  where w is null
    or (w <> '*'
      and not exists (select from catalog.event_type t where t.type = w)
      and not (w like '%.*' and exists (select from catalog.event_type t where split_part(t.type, '.', 1) || '.*' = w)));
  if unknown is not null then
    raise exception using
      errcode = 'ZF010',
      message = format('there is no event type %s', left(unknown, 200)),
      detail = format('Use *, or one of: %s.', (
        select string_agg(distinct kind, ', ' order by kind)
        from catalog.event_type t,
          lateral (values (t.type), (split_part(t.type, '.', 1) || '.*')) k (kind)));
  end if;
  return new;
end
$$;
comment on function app.webhook_endpoint_check_types() is 'Trigger: an endpoint subscribes to event types that exist.';
create or replace trigger _200_check_types
  before insert or update of event_types on app.webhook_endpoint
  for each row execute function app.webhook_endpoint_check_types();

create or replace function app.webhook_endpoint_clear_reason()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.disabled_reason := null;
  return new;
end
$$;
comment on function app.webhook_endpoint_clear_reason() is 'Trigger: an endpoint that is enabled again has no reason to be disabled.';
create or replace trigger _200_clear_reason
  before update on app.webhook_endpoint
  for each row when (new.status = 'enabled' and old.status <> 'enabled') execute function app.webhook_endpoint_clear_reason();

-- each event is matched with, and may be written for, every endpoint of its tenant
create or replace trigger _800_check_count
  after insert on app.webhook_endpoint
  for each row execute function platform.check_count('50', '{enabled,disabled}');
--! EndIncluded webhook_endpoint/webhook_endpoint.sql
--! Included webhook_endpoint/keys.sql
-- Signing keys: made, shown once, and replaced without a message that the receiver cannot verify.

comment on table app.webhook_signing_key is
  'A key that signs what an endpoint is sent. After a rotation the former one signs too, until it expires.';
comment on column app.webhook_signing_key.scheme is 'v1: HMAC-SHA256 with a secret (whsec_). v1a: ed25519, verified with the public key (whpk_).';
comment on column app.webhook_signing_key.public_key is 'whpk_ and base64, for scheme v1a; null for v1.';
comment on column app.webhook_signing_key.sealed_key is 'The 32 bytes of the key, sealed.';
comment on column app.webhook_signing_key.expires_at is 'When it stops signing; null for the present key.';

comment on constraint webhook_signing_key_tenant_id_endpoint_id_fkey on app.webhook_signing_key is
  E'@fieldName endpoint\n@foreignFieldName signingKeys';

select platform.declare_record(
  'app.webhook_signing_key',
  permissions => '{"read": "admin"}',
  hidden => '{sealed_key}',
  across => '{"freehold_dispatcher": ["select", "update"]}'
);

create or replace function platform.add_signing_key(endpoint uuid, scheme text, fresh platform.fresh_key)
returns app.webhook_signing_key
language plpgsql
volatile
set search_path = ''
as $$
declare
  made app.webhook_signing_key;
begin
  if fresh is null then
    raise exception using
      errcode = 'ZF010',
      message = 'signing_key is missing',
      detail = 'The application makes it for each call (freshKey in runtime/sealing.ts).';
  end if;
  insert into app.webhook_signing_key (endpoint_id, scheme, sealed_key, public_key)
  values (
    endpoint, add_signing_key.scheme, split_part(fresh, '.', 1) || '.' || split_part(fresh, '.', 2),
    case add_signing_key.scheme when 'v1a' then 'whpk_' || split_part(fresh, '.', 3) end)
  returning * into made;
  return made;
end
$$;
comment on function platform.add_signing_key(uuid, text, platform.fresh_key) is 'Gives an endpoint of the tenant one more key. For definer functions of the owner.';

do $$
begin
  if to_regtype('app.rotated_webhook_signing_key') is null then
    create type app.rotated_webhook_signing_key as (
      id uuid, scheme text, secret platform.signing_secret, public_key text, former_expires_at timestamptz);
  end if;
end
$$;
comment on type app.rotated_webhook_signing_key is
  'A new signing key: its secret (scheme v1), which is shown this once, or its public key (scheme v1a), and when the former key stops signing.';

create or replace function app.rotate_webhook_signing_key(
  endpoint_id uuid,
  scheme text default 'v1',
  grace_hours integer default 24,
  signing_key platform.fresh_key default null
)
returns app.rotated_webhook_signing_key
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  endpoint uuid := rotate_webhook_signing_key.endpoint_id;
  tenant uuid := platform.tenant_id();
  made app.webhook_signing_key;
  result app.rotated_webhook_signing_key;
begin
  perform platform.require('webhook_endpoint:update');
  if coalesce(grace_hours not between 0 and 168, true) then
    raise exception using
      errcode = 'ZF010', message = 'graceHours is 0 to 168', detail = 'For that long both keys sign: long enough to bring the new one to the receiver.';
  end if;
  if coalesce(rotate_webhook_signing_key.scheme, '') not in ('v1', 'v1a') then
    raise exception using errcode = 'ZF010', message = 'scheme is v1 or v1a', detail = 'v1 is HMAC-SHA256 with a secret, v1a is ed25519 with a public key.';
  end if;
  -- one rotation at a time, or two would both be the present key
  perform from app.webhook_endpoint w where w.tenant_id = tenant and w.id = endpoint for update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such webhook_endpoint', detail = format('webhook_endpoint %s', endpoint);
  end if;
  delete from app.webhook_signing_key k
  where k.tenant_id = tenant and k.endpoint_id = endpoint and k.expires_at <= now();
  -- each key is one more signature in the header of each message
  if (select count(*) >= 4 from app.webhook_signing_key k
      where k.tenant_id = tenant and k.endpoint_id = endpoint and k.scheme = rotate_webhook_signing_key.scheme and grace_hours > 0) then
    raise exception using
      errcode = 'ZF008',
      message = 'four keys of this scheme sign already',
      detail = 'Wait until one has expired, or rotate with graceHours 0, which ends all of them.';
  end if;
  result.former_expires_at := now() + make_interval(hours => grace_hours);
  update app.webhook_signing_key k
  set expires_at = least(k.expires_at, result.former_expires_at)
  where k.tenant_id = tenant and k.endpoint_id = endpoint and k.scheme = rotate_webhook_signing_key.scheme;
  if not found then
    result.former_expires_at := null;
  end if;
  made := platform.add_signing_key(endpoint, rotate_webhook_signing_key.scheme, signing_key);
  result.id := made.id;
  result.scheme := made.scheme;
  result.public_key := made.public_key;
  if made.scheme = 'v1' then
    result.secret := made.sealed_key;
  end if;
  perform platform.record_event('webhook_endpoint.key_rotated', 'webhook_endpoint', endpoint,
    jsonb_build_object('id', endpoint, 'scheme', made.scheme, 'key_id', made.id, 'public_key', made.public_key, 'former_expires_at', result.former_expires_at));
  return result;
end
$$;
comment on function app.rotate_webhook_signing_key(uuid, text, integer, platform.fresh_key) is
  'Gives an endpoint a new signing key. The former one of the same scheme signs too for graceHours (0 to 168), so that no message comes that the receiver cannot
verify. With a scheme that the endpoint has no key of, adds it: both schemes then sign side by side.
Event: webhook_endpoint.key_rotated. Permission: webhook_endpoint:update.';
grant execute on function app.rotate_webhook_signing_key(uuid, text, integer, platform.fresh_key) to freehold_user;

select platform.declare_event('webhook_endpoint.key_rotated', 'webhook_endpoint',
  'A webhook endpoint was given a new signing key; the former one signs for some time yet.',
  '{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "webhook_endpoint_key_rotation",
    "description": "A signing key of a webhook endpoint, and until when the former one signs.", "type": "object",
    "properties": {
      "id": {"type": "string", "format": "uuid", "description": "The endpoint."},
      "scheme": {"type": "string", "enum": ["v1", "v1a"], "description": "Signature scheme of the key."},
      "key_id": {"type": "string", "format": "uuid", "description": "The new key."},
      "public_key": {"type": ["string", "null"], "description": "whpk_ and base64, for scheme v1a."},
      "former_expires_at": {"type": ["string", "null"], "format": "date-time", "description": "When the former key stops signing; null when there was none."}
    },
    "required": ["id", "scheme", "key_id", "public_key", "former_expires_at"], "additionalProperties": true}');
--! EndIncluded webhook_endpoint/keys.sql
--! Included webhook_endpoint/create.sql
-- A new endpoint, with the secret that signs what it is sent.

do $$
begin
  if to_regtype('app.created_webhook_endpoint') is null then
    create type app.created_webhook_endpoint as (id uuid, secret platform.signing_secret);
  end if;
end
$$;
comment on type app.created_webhook_endpoint is 'The id of a new webhook endpoint, and its signing secret, which is shown this once.';

create or replace function app.create_webhook_endpoint(
  url text,
  event_types text[] default '{*}',
  description text default '',
  channels text[] default '{}',
  ordered boolean default false,
  rate_limit integer default null,
  concurrency integer default null,
  retry_delays integer[] default null,
  signing_key platform.fresh_key default null
)
returns app.created_webhook_endpoint
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  made app.created_webhook_endpoint;
begin
  perform platform.require('webhook_endpoint:create');
  insert into app.webhook_endpoint (url, event_types, description, channels, ordered, rate_limit, concurrency, retry_delays)
  values (
    create_webhook_endpoint.url, create_webhook_endpoint.event_types, coalesce(create_webhook_endpoint.description, ''),
    coalesce(create_webhook_endpoint.channels, '{}'),
    coalesce(create_webhook_endpoint.ordered, false), create_webhook_endpoint.rate_limit, create_webhook_endpoint.concurrency,
    coalesce(create_webhook_endpoint.retry_delays, '{5,300,1800,7200,18000,36000,50400,72000,86400}'))
  returning id into made.id;
  made.secret := (platform.add_signing_key(made.id, 'v1', signing_key)).sealed_key;
  return made;
end
$$;
comment on function app.create_webhook_endpoint(text, text[], text, text[], boolean, integer, integer, integer[], platform.fresh_key) is
  'Makes a webhook endpoint that is told of the given event types (exact, invoice.*, or *). The secret is in this answer and nowhere else.
Event: webhook_endpoint.created. Permission: webhook_endpoint:create.';
grant execute on function app.create_webhook_endpoint(text, text[], text, text[], boolean, integer, integer, integer[], platform.fresh_key) to freehold_user;
--! EndIncluded webhook_endpoint/create.sql
--! Included webhook_endpoint/headers.sql
-- Headers of their own that owners have sent along, such as a token that their gateway asks for. Values are sealed and never shown.

comment on table app.webhook_header is
  'A header that is sent along with each message to an endpoint. Its value is kept encrypted and is not shown again.';
comment on column app.webhook_header.name is 'Name of the header, in lower case.';
comment on column app.webhook_header.sealed_value is 'Its value, sealed.';

comment on constraint webhook_header_tenant_id_endpoint_id_fkey on app.webhook_header is
  E'@fieldName endpoint\n@foreignFieldName headers';

select platform.declare_record(
  'app.webhook_header',
  permissions => '{"read": "admin"}',
  hidden => '{sealed_value}',
  across => '{"freehold_dispatcher": ["select", "update"]}'
);

create or replace function app.set_webhook_header(endpoint_id uuid, name text, value platform.sealed)
returns app.webhook_header
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  made app.webhook_header;
begin
  perform platform.require('webhook_endpoint:update');
  perform
  from app.webhook_endpoint w
  where w.tenant_id = platform.tenant_id() and w.id = set_webhook_header.endpoint_id
  for update;
  if not found then
    raise exception using
      errcode = 'ZF004', message = 'there is no such webhook_endpoint', detail = format('webhook_endpoint %s', set_webhook_header.endpoint_id);
  end if;
  insert into app.webhook_header (endpoint_id, name, sealed_value)
  values (set_webhook_header.endpoint_id, lower(set_webhook_header.name), set_webhook_header.value)
  on conflict (tenant_id, endpoint_id, name) do update
    set sealed_value = excluded.sealed_value
  returning * into made;
  if (select count(*) > 20 from app.webhook_header h where h.tenant_id = made.tenant_id and h.endpoint_id = made.endpoint_id) then
    raise exception using errcode = 'ZF007', message = 'an endpoint has at most 20 headers', detail = 'Remove one first.';
  end if;
  made.sealed_value := null;
  return made;
end
$$;
comment on function app.set_webhook_header(uuid, text, platform.sealed) is
  'Sends a header along with each message to an endpoint, or changes its value. The value is kept encrypted and not shown again.
Permission: webhook_endpoint:update.';
grant execute on function app.set_webhook_header(uuid, text, platform.sealed) to freehold_user;

create or replace function app.remove_webhook_header(endpoint_id uuid, name text)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  perform platform.require('webhook_endpoint:update');
  delete from app.webhook_header h
  where h.tenant_id = platform.tenant_id()
    and h.endpoint_id = remove_webhook_header.endpoint_id
    and h.name = lower(remove_webhook_header.name);
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such webhook_header', detail = format('header %s', remove_webhook_header.name);
  end if;
  return true;
end
$$;
comment on function app.remove_webhook_header(uuid, text) is
  'Sends a header no longer. Permission: webhook_endpoint:update.';
grant execute on function app.remove_webhook_header(uuid, text) to freehold_user;
--! EndIncluded webhook_endpoint/headers.sql
--! Included webhook_endpoint/give_up.sql
-- What the system does to an endpoint that fails: warn its owner, and in the end disable it.

create or replace function app.give_up_webhook_endpoint(id uuid, reason text default 'failing', expected_version integer default null)
returns app.webhook_endpoint
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  result app.webhook_endpoint;
  found_status text;
begin
  perform platform.require('webhook_endpoint:give_up');
  update app.webhook_endpoint
  set status = 'disabled',
    disabled_reason = reason,
    version = coalesce(give_up_webhook_endpoint.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = give_up_webhook_endpoint.id
    and status = 'enabled'
  returning * into result;
  if not found then
    select status into found_status from app.webhook_endpoint where tenant_id = platform.tenant_id() and id = give_up_webhook_endpoint.id;
    if not found then
      raise exception using
        errcode = 'ZF004', message = 'there is no such webhook_endpoint', detail = format('webhook_endpoint %s', give_up_webhook_endpoint.id);
    end if;
    perform platform.raise_illegal_transition('webhook_endpoint', give_up_webhook_endpoint.id, found_status, 'give_up');
  end if;
  return result;
end
$$;
comment on function app.give_up_webhook_endpoint(uuid, text, integer) is
  E'@behavior -mutationField\nDisables an endpoint that is gone or failing. Event: webhook_endpoint.disabled. Permission: webhook_endpoint:give_up.';
grant execute on function app.give_up_webhook_endpoint(uuid, text, integer) to freehold_user;

create or replace function app.warn_of_webhook_endpoint(id uuid, failing_since timestamptz, disables_at timestamptz)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  failing app.webhook_endpoint;
begin
  perform platform.require('webhook_endpoint:give_up');
  select * into failing
  from app.webhook_endpoint
  where tenant_id = platform.tenant_id()
    and id = warn_of_webhook_endpoint.id;
  if not found then
    raise exception using
      errcode = 'ZF004', message = 'there is no such webhook_endpoint', detail = format('webhook_endpoint %s', warn_of_webhook_endpoint.id);
  end if;
  if failing.status <> 'enabled' or not platform.mark_warned(failing.id) then
    return false;
  end if;
  perform platform.record_event('webhook_endpoint.failing', 'webhook_endpoint', failing.id, jsonb_build_object(
    'id', failing.id, 'url', failing.url, 'description', failing.description,
    'failing_since', warn_of_webhook_endpoint.failing_since, 'disables_at', warn_of_webhook_endpoint.disables_at));
  return true;
end
$$;
comment on function app.warn_of_webhook_endpoint(uuid, timestamptz, timestamptz) is
  E'@behavior -mutationField\nRecords that an endpoint fails, once while it does. Event: webhook_endpoint.failing. Permission: webhook_endpoint:give_up.';
grant execute on function app.warn_of_webhook_endpoint(uuid, timestamptz, timestamptz) to freehold_user;
--! EndIncluded webhook_endpoint/give_up.sql
--! Included webhook_endpoint/test_event.sql
-- A test event: whether an endpoint can be reached, and whether it verifies.

select platform.declare_event('webhook_endpoint.tested', 'webhook_endpoint',
  'Somebody asked for a test event. It goes to that endpoint alone, whatever it is subscribed to.',
  '{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "webhook_endpoint_test",
    "description": "What was given along with a test.", "type": "object",
    "properties": {
      "id": {"type": "string", "format": "uuid", "description": "The endpoint."},
      "message": {"type": "string", "description": "What the caller gave along."}
    },
    "required": ["id", "message"], "additionalProperties": true}');

create or replace function app.send_test_event(endpoint_id uuid, message text default 'This is a test.')
returns app.delivery
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  endpoint app.webhook_endpoint;
  made app.delivery;
begin
  perform platform.require('webhook_endpoint:update');
  select * into endpoint
  from app.webhook_endpoint
  where tenant_id = platform.tenant_id()
    and id = send_test_event.endpoint_id;
  if not found then
    raise exception using
      errcode = 'ZF004', message = 'there is no such webhook_endpoint', detail = format('webhook_endpoint %s', send_test_event.endpoint_id);
  end if;
  if endpoint.status <> 'enabled' then
    raise exception using errcode = 'ZF005', message = 'the endpoint is not enabled', detail = 'Enable it first.';
  end if;
  if coalesce(length(message) > 1000, true) then
    raise exception using errcode = 'ZF010', message = 'message has at most 1,000 characters', detail = 'Shorten it.';
  end if;
  insert into app.delivery (tenant_id, event_id, endpoint_id, next_attempt_at)
  values (
    endpoint.tenant_id,
    platform.record_event('webhook_endpoint.tested', 'webhook_endpoint', endpoint.id, jsonb_build_object('id', endpoint.id, 'message', message)),
    endpoint.id, statement_timestamp())
  returning * into made;
  insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, attempt)
  values (made.next_attempt_at, made.id, made.tenant_id, made.endpoint_id, 1);
  perform platform.wake_dispatcher();
  return made;
end
$$;
comment on function app.send_test_event(uuid, text) is
  'Sends an endpoint a test event, through the same queue and with the same signature as any other: its delivery tells how it went.
Event: webhook_endpoint.tested. Permission: webhook_endpoint:update.';
grant execute on function app.send_test_event(uuid, text) to freehold_user;
--! EndIncluded webhook_endpoint/test_event.sql
--! Included delivery/delivery.sql
-- Deliveries and their attempts: written by the platform, read by the tenant.

comment on table app.delivery is
  E'@foreignKey (tenant_id, endpoint_id) references app.webhook_endpoint (tenant_id, id)|@fieldName endpoint|@foreignFieldName deliveries\n'
  '@foreignKey (tenant_id, event_id) references app.event (tenant_id, id)|@fieldName event|@foreignFieldName deliveries\n'
  '@foreignKey (status) references app.delivery_status (value)\n'
  'One event on its way to one webhook endpoint, or to one internal task.';
comment on column app.delivery.event_id is 'The event; evt_ and this id is the webhook-id, the same on every attempt.';
comment on column app.delivery.endpoint_id is 'The endpoint that is told; null for an internal task.';
comment on column app.delivery.task is 'The internal task that is run; null for an endpoint.';
comment on column app.delivery.attempt_count is 'Attempts made.';
comment on column app.delivery.schedule_start is 'Attempts made before it was last resent: its retries are counted from there.';
comment on column app.delivery.next_attempt_at is 'When the next attempt is due; null when there is none.';
comment on column app.delivery.last_error is 'Why the last attempt failed.';
comment on table app.delivery_attempt is
  E'@foreignKey (tenant_id, delivery_id) references app.delivery (tenant_id, id)|@fieldName delivery|@foreignFieldName attempts\n'
  '@foreignKey (tenant_id, endpoint_id) references app.webhook_endpoint (tenant_id, id)|@fieldName endpoint|@foreignFieldName attempts\n'
  'One attempt of a delivery: what was answered, and how long it took.';
comment on column app.delivery_attempt.attempt is 'Number of the attempt, from 1.';
comment on column app.delivery_attempt.endpoint_id is 'The endpoint that was told; null for an internal task.';
comment on column app.delivery_attempt.succeeded is 'Whether the receiver accepted it.';
comment on column app.delivery_attempt.status_code is 'HTTP status of the answer; null when there was none.';
comment on column app.delivery_attempt.error is 'Why it failed; null when it succeeded.';
comment on column app.delivery_attempt.latency_ms is 'From the start of the request to the end of the answer.';
comment on column app.delivery_attempt.response_excerpt is 'The beginning of the answer.';

select platform.declare_record(
  'app.delivery',
  permissions => '{"read": "admin", "resend": "admin"}',
  across => '{"freehold_dispatcher": ["select", "insert", "update"]}',
  retained => true
);
select platform.declare_record(
  'app.delivery_attempt',
  permissions => '{"read": "admin"}',
  across => '{"freehold_dispatcher": ["select", "insert"]}',
  retained => true
);

grant select on platform.event_task to freehold_dispatcher;
grant select, insert, delete on platform.delivery_queue to freehold_dispatcher;
-- "select for update skip locked" asks for UPDATE
grant update on platform.delivery_queue to freehold_dispatcher;
grant select, insert, update, delete on platform.delivery_batch to freehold_dispatcher;
grant select, insert, update, delete on platform.endpoint_flow, platform.lane_queue to freehold_dispatcher;
--! EndIncluded delivery/delivery.sql
--! Included delivery/fan_out.sql
-- From events to deliveries, in the transaction that wrote the event.
--
-- CPU of one update with its event, in the backend: 250 µs without this trigger, 280 with it and nobody subscribed, 330 with one
-- subscriber; 357 were the deliveries tied by foreign keys to endpoint, event and state. At 32 clients with durable commits, updates
-- of a subscribed tenant run at 0.86 of the rate of one that is not (median of five interleaved pairs on two noisy cores).
-- Tried without effect: asking first whether anybody subscribes, a loop instead of one statement, no index for endpoints.

create or replace function platform.wants_event(event_types text[], channels text[], type text, channel text, entity text, entity_id uuid)
returns boolean
language sql
immutable
parallel safe
-- no SET: it inlines
return event_types && array[type, split_part(type, '.', 1) || '.*', '*']
  and (channels = '{}' or channels && array[channel, entity || ':' || entity_id])
  -- goes to one endpoint alone: app.send_test_event
  and type <> 'webhook_endpoint.tested';
comment on function platform.wants_event(text[], text[], text, text, text, uuid) is
  'Whether an endpoint with these event types and channels is told of an event. Each event is in the channel entity:id, and in the one that its entity declares.';
grant execute on function platform.wants_event(text[], text[], text, text, text, uuid) to freehold_dispatcher;

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.fan_out()
returns trigger
language plpgsql
security definer
set search_path = ''
as $fan$
declare
  written integer;
begin
  with added as (
    insert into app.delivery (tenant_id, event_id, endpoint_id, task, next_attempt_at)
    select r.tenant_id, r.id, w.id, null, statement_timestamp()
    from recorded r
    join app.webhook_endpoint w on w.tenant_id = r.tenant_id
    where w.status = 'enabled'
      and platform.wants_event(w.event_types, w.channels, r.type, r.channel, r.entity, r.entity_id)
    union all
    select r.tenant_id, r.id, null, t.task, statement_timestamp()
    from recorded r
    join platform.event_task t on t.type = r.type
    returning tenant_id, id, endpoint_id, task, next_attempt_at
  )
  insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, task, attempt)
  select a.next_attempt_at, a.id, a.tenant_id, a.endpoint_id, a.task, 1
  from added a;
  get diagnostics written = row_count;
  -- What the function asks first, asked here: each write would pay for the call, and few need it.
  if written > 0 and not pg_try_advisory_xact_lock_shared(7100040) then
    perform platform.wake_dispatcher();
  end if;
  return null;
end
$fan$;
comment on function platform.fan_out() is
  'Trigger: one pending delivery for each enabled endpoint and internal task that wants the event. Nobody subscribed, nothing written.';
grant execute on function platform.fan_out() to freehold_owner;
$sql$);

-- a statement trigger: one query for all events of a statement
create or replace trigger _500_fan_out
  after insert on app.event
  referencing new table as recorded
  for each statement execute function platform.fan_out();
--! EndIncluded delivery/fan_out.sql
--! Included delivery/retry.sql
-- When a failed delivery is tried again.

create or replace function platform.retry_delay(delays integer[], failed_attempts integer, retry_after integer default null)
returns interval
language sql
volatile
parallel safe
set search_path = ''
return make_interval(secs => delays[failed_attempts] * greatest(
  0.8 + 0.4 * random(),
  -- RFC 9110, section 10.2.3: not before; and a day at most, whatever is asked
  case when retry_after is not null then least(retry_after, 86400) end::double precision / delays[failed_attempts]));
comment on function platform.retry_delay(integer[], integer, integer) is
  'How long to wait after so many failed attempts: the delay of that number in seconds, +-20 % so that a receiver that comes back is not met by all at once, and at
least what its Retry-After asked for, up to a day. Null after the last: the delivery has failed.';
grant execute on function platform.retry_delay(integer[], integer, integer) to freehold_dispatcher;
--! EndIncluded delivery/retry.sql
--! Included delivery/flow.sql
-- Lanes. What is due goes straight into batches, except for an endpoint whose owner asked for order, a rate or a concurrency, or that is slow
-- or failing: then it waits in platform.lane_queue, and one batch at a time is taken out. So one dead receiver costs the others a row or two.

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.follow_endpoint()
returns trigger
language plpgsql
security definer
set search_path = ''
as $follow$
declare
  asks constant boolean := new.ordered or new.rate_limit is not null or new.concurrency is not null;
begin
  if tg_op = 'INSERT' then
    if asks then
      insert into platform.endpoint_flow (tenant_id, endpoint_id, asked, laned)
      values (new.tenant_id, new.id, true, true);
    end if;
    return null;
  end if;
  insert into platform.endpoint_flow as f (tenant_id, endpoint_id, asked, laned)
  select new.tenant_id, new.id, asks, asks
  where asks
  on conflict (tenant_id, endpoint_id) do update
    set asked = true,
      laned = true;
  -- With another status or another address it begins anew: what waits is given out at once, to be sent or to be given up.
  update platform.endpoint_flow f
  set asked = asks,
    not_before = '-infinity',
    failures = 0,
    failing_since = null,
    last_failure_at = null,
    warned_at = null,
    gone = false,
    trips = 0,
    waiting = f.laned
  where f.tenant_id = new.tenant_id
    and f.endpoint_id = new.id
    and ((new.status, new.url, new.ordered, new.rate_limit, new.concurrency)
      is distinct from (old.status, old.url, old.ordered, old.rate_limit, old.concurrency));
  if found then
    perform platform.wake_dispatcher();
  end if;
  return null;
end
$follow$;
comment on function platform.follow_endpoint() is 'Trigger: what an owner asks of an endpoint, or a change of its status, decides how its deliveries flow.';
grant execute on function platform.follow_endpoint() to freehold_owner;

create or replace function platform.to_lane(tenants uuid[], endpoints uuid[], deliveries uuid[], attempts integer[])
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $lane$
begin
  -- in one order, here and wherever several are locked
  perform
  from platform.endpoint_flow f
  where (f.tenant_id, f.endpoint_id) in (select * from unnest(tenants, endpoints))
  order by f.tenant_id, f.endpoint_id
  for update;
  insert into platform.endpoint_flow as f (tenant_id, endpoint_id, laned, waiting)
  select distinct u.tenant_id, u.endpoint_id, true, true
  from unnest(tenants, endpoints) u (tenant_id, endpoint_id)
  order by 1, 2
  on conflict (tenant_id, endpoint_id) do update
    set laned = true,
      waiting = true
    where not (f.laned and f.waiting);
  insert into platform.lane_queue (tenant_id, endpoint_id, delivery_id, attempt)
  select *
  from unnest(tenants, endpoints, deliveries, attempts)
  on conflict do nothing;
end
$lane$;
comment on function platform.to_lane(uuid[], uuid[], uuid[], integer[]) is 'Puts deliveries into the lanes of their endpoints, which are made where they are missing.';

create or replace function platform.isolate_endpoints(tenants uuid[], endpoints uuid[])
returns void
language sql
volatile
security definer
set search_path = ''
begin atomic
  insert into platform.endpoint_flow as f (tenant_id, endpoint_id, laned)
  select distinct u.tenant_id, u.endpoint_id, true
  from unnest(tenants, endpoints) u (tenant_id, endpoint_id)
  order by 1, 2
  on conflict (tenant_id, endpoint_id) do update
    set laned = true
    where not f.laned;
end;
comment on function platform.isolate_endpoints(uuid[], uuid[]) is
  'These endpoints keep a worker waiting at this moment: what comes for them goes through a lane, until they are quick again.';
grant execute on function platform.isolate_endpoints(uuid[], uuid[]) to freehold_worker;

create or replace function platform.next_due(most interval default '1 second', in_flight integer default 200)
returns integer
language sql
volatile
security definer
set search_path = ''
begin atomic
  select case
    -- No room: the end of a batch makes some, and tells nobody.
    when (select count(*) from platform.delivery_batch) >= in_flight then 10
    else ceil(extract(epoch from greatest(interval '0', least(most,
      (select min(q.due_at) from platform.delivery_queue q) - clock_timestamp(),
      (select min(f.not_before)
       from platform.endpoint_flow f
       where f.laned
         and f.waiting
         -- what was due before was looked at: there was no place for it, and the end of a batch makes one
         and f.not_before > statement_timestamp() - interval '50 ms'
         and not exists (select from platform.delivery_batch b where b.id = f.batch_id)) - clock_timestamp()))) * 1000)::integer
    end;
end;
comment on function platform.next_due(interval, integer) is 'Milliseconds until something is due, at most that long; ten while so many batches are out.';
grant execute on function platform.next_due(interval, integer) to freehold_worker;
$sql$);

create or replace trigger _500_follow
  after insert or update on app.webhook_endpoint
  for each row execute function platform.follow_endpoint();
--! EndIncluded delivery/flow.sql
--! Included delivery/claim.sql
-- The dispatcher's query. First attempts, retries and what a dead worker left are all the same to it.

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.claim_deliveries(
  most integer default 1000,
  batch_size integer default 100,
  lease interval default '30 seconds',
  in_flight integer default 200
)
returns table (identifier text, payload json, job_key text, max_attempts smallint)
language plpgsql
volatile
security definer
set search_path = ''
as $claim$
declare
  busy integer;
  due platform.delivery_queue[];
begin
  -- One dispatcher at a time: of two, the second could give out a later delivery of an ordered endpoint while the first still holds an
  -- earlier one. A round takes milliseconds.
  perform pg_advisory_xact_lock(7100041);

  -- What nobody holds any more: the worker died, or its job never ran.
  return query
    update platform.delivery_batch b
    set claim = b.claim + 1,
      expires_at = statement_timestamp() + lease
    where b.id = any (array(
      select e.id
      from platform.delivery_batch e
      where e.expires_at <= statement_timestamp()
      order by e.expires_at
      limit in_flight
      for update skip locked))
    returning 'deliver', json_build_object('batch', b.id, 'claim', b.claim), 'deliver:' || b.id, 3::smallint;

  -- No more than the workers can begin within a lease: a batch that waits longer would be given out twice.
  select count(*) into busy from platform.delivery_batch;
  if busy >= in_flight then
    return;
  end if;

  with taken as (
    delete from platform.delivery_queue q
    -- by place, not by key: a join lets the planner hash the whole queue
    where q.ctid = any (array(
      select d.ctid
      from platform.delivery_queue d
      where d.due_at <= statement_timestamp()
      order by d.due_at, d.delivery_id
      limit most
      for update skip locked))
    returning q.*
  )
  select array_agg(t::platform.delivery_queue) into due from taken t;

  perform platform.to_lane(array_agg(d.tenant_id), array_agg(d.endpoint_id), array_agg(d.delivery_id), array_agg(d.attempt))
  from unnest(due) d
  join platform.endpoint_flow f on f.tenant_id = d.tenant_id and f.endpoint_id = d.endpoint_id
  where f.laned
  having count(*) > 0;

  return query
    -- An endpoint with much to receive, or that failed before, has batches of its own: it keeps nobody else waiting. The
    -- rest share theirs, or a round over a thousand tenants would be a thousand jobs.
    with shared as (
      select d.*,
        case when d.attempt = 1 and count(*) over (partition by d.tenant_id, d.endpoint_id) < 10 then null else d.endpoint_id end as own
      from unnest(due) d
      where d.task is null
        and not exists (
          select from platform.endpoint_flow f where f.tenant_id = d.tenant_id and f.endpoint_id = d.endpoint_id and f.laned)
    ),
    numbered as (
      select s.*, (row_number() over (partition by s.own order by s.due_at, s.delivery_id) - 1) / batch_size as part
      from shared s
    ),
    batch as (
      insert into platform.delivery_batch (expires_at, tenant_ids, delivery_ids, attempts)
      select statement_timestamp() + lease,
        array_agg(n.tenant_id order by n.due_at, n.delivery_id),
        array_agg(n.delivery_id order by n.due_at, n.delivery_id),
        array_agg(n.attempt order by n.due_at, n.delivery_id)
      from numbered n
      group by n.own, n.part
      returning id, claim
    )
    select 'deliver', json_build_object('batch', b.id, 'claim', b.claim), 'deliver:' || b.id, 3::smallint
    from batch b
    union all
    -- From here the job holds an internal task: it is written in this transaction, and its key admits it once.
    select d.task, json_build_object('tenant', d.tenant_id, 'delivery', d.delivery_id), 'task:' || d.delivery_id, 10::smallint
    from unnest(due) d
    where d.task is not null;

  return query select * from platform.claim_lanes(batch_size, lease, greatest(in_flight / 20, 2));
end
$claim$;
comment on function platform.claim_deliveries(integer, integer, interval, integer) is
  'Takes at most that many due deliveries of all tenants under a lease, and returns the jobs to add for them in this same transaction.';
grant execute on function platform.claim_deliveries(integer, integer, interval, integer) to freehold_worker;

create or replace function platform.claim_lanes(batch_size integer, lease interval, most_unwell integer)
returns table (identifier text, payload json, job_key text, max_attempts smallint)
language plpgsql
volatile
security definer
set search_path = ''
as $lanes$
declare
  places integer;
begin
  if not exists (select from platform.endpoint_flow f where f.laned and f.waiting and f.not_before <= statement_timestamp()) then
    return;
  end if;

  -- A lane that has run empty waits no more. Who was in one for being slow or failing, and is well again, needs none.
  delete from platform.endpoint_flow f
  where f.laned and f.waiting and not f.asked and f.failures = 0
    and f.not_before <= statement_timestamp()
    and not exists (select from platform.lane_queue q where q.tenant_id = f.tenant_id and q.endpoint_id = f.endpoint_id)
    and not exists (select from platform.delivery_batch b where b.id = f.batch_id);
  update platform.endpoint_flow f
  set waiting = false
  where f.laned and f.waiting
    and f.not_before <= statement_timestamp()
    and not exists (select from platform.lane_queue q where q.tenant_id = f.tenant_id and q.endpoint_id = f.endpoint_id)
    and not exists (select from platform.delivery_batch b where b.id = f.batch_id);

  select greatest(0, most_unwell - count(distinct f.batch_id))
  into places
  from platform.endpoint_flow f
  join platform.delivery_batch b on b.id = f.batch_id
  where f.laned and (not f.asked or f.failures > 0);

  return query
    with ready as materialized (
      select f.tenant_id, f.endpoint_id,
        -- one that tripped the breaker is only probed; its probes share a batch with those of others
        f.trips > 0 and w.status = 'enabled' as probe,
        not f.asked or f.failures > 0 as unwell,
        w.ordered,
        case when w.ordered then 1 else coalesce(w.concurrency, 25) end as parallel,
        case
          when w.status <> 'enabled' then batch_size
          when f.trips > 0 then 1
          when w.rate_limit is not null then least(greatest(w.rate_limit / 10, 1), batch_size)
          else batch_size
        end as most,
        w.rate_limit
      from platform.endpoint_flow f
      join app.webhook_endpoint w on w.tenant_id = f.tenant_id and w.id = f.endpoint_id
      where f.laned
        and f.waiting
        and f.not_before <= statement_timestamp()
        and not exists (select from platform.delivery_batch b where b.id = f.batch_id)
      order by f.not_before
      limit 1000
    ),
    lane as (
      select r.*, r.endpoint_id as own from ready r where not r.unwell
      union all
      -- Slow or failing ones together hold at most so many of the workers' places, however many they are.
      (select r.*, r.endpoint_id from ready r where r.unwell and not r.probe limit places)
      union all
      (select r.*, null from ready r where r.probe limit places * 25)
    ),
    taken as (
      delete from platform.lane_queue q
      using (
        select l.tenant_id, l.endpoint_id, l.own, l.parallel, l.ordered, x.delivery_id
        from lane l
        cross join lateral (
          select c.delivery_id
          from platform.lane_queue c
          where c.tenant_id = l.tenant_id and c.endpoint_id = l.endpoint_id
          order by c.delivery_id
          limit l.most
        ) x
      ) t
      where q.tenant_id = t.tenant_id and q.endpoint_id = t.endpoint_id and q.delivery_id = t.delivery_id
      returning q.*, t.own, t.parallel, t.ordered
    ),
    grouped as materialized (
      select uuidv7() as id, t.own, coalesce(max(t.parallel) filter (where t.own is not null), 25) as parallel,
        bool_or(t.ordered) filter (where t.own is not null) as ordered,
        array_agg(t.tenant_id order by t.delivery_id) as tenant_ids,
        array_agg(t.endpoint_id order by t.delivery_id) as endpoint_ids,
        array_agg(t.delivery_id order by t.delivery_id) as delivery_ids,
        array_agg(t.attempt order by t.delivery_id) as attempts
      from taken t
      group by t.own
    ),
    marked as (
      update platform.endpoint_flow f
      set batch_id = g.id,
        not_before = case
          when l.rate_limit is null then f.not_before
          else statement_timestamp() + make_interval(secs => g.share::double precision / l.rate_limit)
        end
      from (
        select x.id, u.tenant_id, u.endpoint_id, count(*) as share
        from grouped x, unnest(x.tenant_ids, x.endpoint_ids) u (tenant_id, endpoint_id)
        group by x.id, u.tenant_id, u.endpoint_id
      ) g
      join lane l on l.tenant_id = g.tenant_id and l.endpoint_id = g.endpoint_id
      where f.tenant_id = g.tenant_id
        and f.endpoint_id = g.endpoint_id
    ),
    batch as (
      insert into platform.delivery_batch (id, expires_at, tenant_ids, delivery_ids, attempts, parallel, ordered, lane)
      select g.id, statement_timestamp() + lease, g.tenant_ids, g.delivery_ids, g.attempts, g.parallel, coalesce(g.ordered, false), true
      from grouped g
      returning id, claim
    )
    select 'deliver', json_build_object('batch', b.id, 'claim', b.claim), 'deliver:' || b.id, 3::smallint
    from batch b;
end
$lanes$;
comment on function platform.claim_lanes(integer, interval, integer) is
  'The next batch of each lane whose time has come: one at a time for each endpoint, as many as its rate allows, one alone while its breaker is open.';
$sql$);
--! EndIncluded delivery/claim.sql
--! Included delivery/load.sql
-- All that a worker needs to send a batch.

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.load_deliveries(batch uuid, claim integer, lease interval default '30 seconds')
returns table (
  tenant_id uuid,
  delivery_id uuid,
  attempt integer,
  endpoint_id uuid,
  enabled boolean,
  url text,
  keys text[],
  headers text[],
  message_id text,
  body text,
  traceparent text,
  entity_id uuid,
  parallel integer,
  ordered boolean
)
language plpgsql
volatile
security definer
set search_path = ''
-- Planned once: 0.57 ms for a batch of one, where planning each time made it 1.84.
set plan_cache_mode = force_generic_plan
as $load$
declare
  held platform.delivery_batch;
begin
  update platform.delivery_batch b
  set expires_at = statement_timestamp() + lease
  where b.id = batch
    and b.claim = load_deliveries.claim
  returning b.* into held;
  if not found then
    return;
  end if;
  -- Each row by its key, whatever the planner knows of the tables (offset 0 keeps each look-up to itself): queues fill and empty faster than
  -- statistics follow, and a plan for a short one would read a whole backlog for each batch.
  return query
    with wanted as materialized (
      select d.tenant_id, d.id, d.event_id, d.endpoint_id, h.attempt
      from unnest(held.tenant_ids, held.delivery_ids, held.attempts) h (tenant_id, delivery_id, attempt)
      cross join lateral (
        select x.* from app.delivery x where x.tenant_id = h.tenant_id and x.id = h.delivery_id offset 0
      ) d
      -- what an earlier holder of the batch has settled is not sent again
      where d.status = 'pending'
        and d.attempt_count = h.attempt - 1
    ),
    target as materialized (
      select w.tenant_id, w.id, w.status = 'enabled' as enabled, w.url,
        array(
          select k.scheme || ' ' || k.sealed_key
          from app.webhook_signing_key k
          where k.tenant_id = w.tenant_id and k.endpoint_id = w.id and (k.expires_at is null or k.expires_at > statement_timestamp())
          -- the present key first
          order by k.id desc) as keys,
        array(
          select x.name || ' ' || x.sealed_value
          from app.webhook_header x
          where x.tenant_id = w.tenant_id and x.endpoint_id = w.id
          order by x.name) as headers
      from (select distinct d.tenant_id, d.endpoint_id from wanted d) t
      cross join lateral (
        select x.* from app.webhook_endpoint x where x.tenant_id = t.tenant_id and x.id = t.endpoint_id offset 0
      ) w
    )
    select d.tenant_id, d.id, d.attempt, w.id, w.enabled, w.url, w.keys, w.headers,
      'evt_' || e.id,
      -- Built here, where numbers keep their digits; the text is what is signed and what is sent.
      '{"id":"evt_' || e.id || '","type":' || to_json(e.type)
        || ',"timestamp":"' || to_char(e.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
        || '","tenant":"' || e.tenant_id || '","entity":' || to_json(e.entity) || ',"entity_id":"' || e.entity_id
        || '","entity_version":' || coalesce(e.entity_version::text, 'null') || ',"api_version":"v1","data":' || e.data || '}',
      e.traceparent, e.entity_id, held.parallel, held.ordered
    from wanted d
    join target w on w.tenant_id = d.tenant_id and w.id = d.endpoint_id
    cross join lateral (
      select x.* from app.event x where x.tenant_id = d.tenant_id and x.id = d.event_id offset 0
    ) e
    -- ids are of the time of the event: of one resource, the earlier version goes first
    order by d.id;
end
$load$;
comment on function platform.load_deliveries(uuid, integer, interval) is
  'Renews the lease of a batch and returns what of it is still to be sent: URL, webhook-id and the bytes of the body; keys as "v1 <sealed>", headers as
"<name> <sealed>", which the worker opens. Nothing when the lease was lost. The only reader of both.';
grant execute on function platform.load_deliveries(uuid, integer, interval) to freehold_worker;

create or replace function platform.renew_batch(batch uuid, claim integer, lease interval default '30 seconds')
returns boolean
language sql
volatile
security definer
set search_path = ''
begin atomic
  with renewed as (
    update platform.delivery_batch b
    set expires_at = statement_timestamp() + lease
    where b.id = batch
      and b.claim = renew_batch.claim
    returning 1
  )
  select exists (select from renewed);
end;
comment on function platform.renew_batch(uuid, integer, interval) is 'Keeps a batch while its slowest receiver is waited for. False when the lease was lost.';
grant execute on function platform.renew_batch(uuid, integer, interval) to freehold_worker;
$sql$);
--! EndIncluded delivery/load.sql
--! Included delivery/health.sql
-- The health of endpoints: the breaker, the warning, and the end.

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.follow_health(told json)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $health$
begin
  insert into platform.endpoint_flow (tenant_id, endpoint_id)
  select t.tenant_id, t.endpoint_id
  from json_to_recordset(told) t (tenant_id uuid, endpoint_id uuid)
  order by 1, 2
  on conflict do nothing;
  perform
  from platform.endpoint_flow f
  where (f.tenant_id, f.endpoint_id) in (select t.tenant_id, t.endpoint_id from json_to_recordset(told) t (tenant_id uuid, endpoint_id uuid))
  order by f.tenant_id, f.endpoint_id
  for update;

  update platform.endpoint_flow f
  set failures = case when t.well then 0 else f.failures + t.failures end,
    failing_since = case when not t.well then coalesce(f.failing_since, t.first_at) end,
    last_failure_at = case when not t.well then t.last_at end,
    warned_at = case when not t.well then f.warned_at end,
    gone = f.gone or t.gone,
    -- Ten in a row open the breaker; each probe that fails doubles the time until the next, from 10 s to 5 min.
    trips = case
      when t.well then 0
      when f.failures + t.failures >= 10 and f.not_before <= statement_timestamp() then f.trips + 1
      else f.trips
    end,
    laned = f.laned or f.failures + t.failures >= 10,
    not_before = case
      when t.failures = 0 and f.trips > 0 then statement_timestamp()
      else greatest(f.not_before,
        -- the failed one holds up those after it
        case when w.ordered and t.failures > 0 then t.next_attempt_at end,
        case when not t.well and f.failures + t.failures >= 10 and f.not_before <= statement_timestamp()
          then statement_timestamp() + least(interval '10 s' * power(2, least(f.trips, 10)), interval '5 min') * (0.8 + 0.4 * random())
        end)
    end
  from json_to_recordset(told) t (
    tenant_id uuid, endpoint_id uuid, well boolean, failures integer, first_at timestamptz, last_at timestamptz, gone boolean, next_attempt_at timestamptz)
  join app.webhook_endpoint w on w.tenant_id = t.tenant_id and w.id = t.endpoint_id
  where f.tenant_id = t.tenant_id
    and f.endpoint_id = t.endpoint_id;
end
$health$;
comment on function platform.follow_health(json) is
  'Counts failures of endpoints, and opens and closes their breakers. For platform.finish_deliveries, which says what came of a batch, by endpoint:
[{tenant_id, endpoint_id, well, failures, first_at, last_at, gone, next_attempt_at}]. well: something was accepted.';

create or replace function platform.failing_endpoints(disable_after interval default '5 days', least_failures integer default 10)
returns table (tenant_id uuid, endpoint_id uuid, verdict text, failing_since timestamptz, disables_at timestamptz)
language sql
stable
security definer
set search_path = ''
begin atomic
  select f.tenant_id, f.endpoint_id,
    case
      when f.gone then 'gone'
      when f.last_failure_at - f.failing_since >= disable_after and f.failures >= least_failures then 'failing'
      else 'warning'
    end,
    f.failing_since,
    f.failing_since + disable_after
  from platform.endpoint_flow f
  join app.webhook_endpoint w on w.tenant_id = f.tenant_id and w.id = f.endpoint_id
  where f.failing_since is not null
    and w.status = 'enabled'
    and (f.gone
      or (f.last_failure_at - f.failing_since >= disable_after and f.failures >= least_failures)
      or (f.warned_at is null and f.last_failure_at - f.failing_since >= disable_after / 2 and f.failures >= least_failures / 2));
end;
comment on function platform.failing_endpoints(interval, integer) is
  'Enabled endpoints of which something must be said: gone (answered 410), failing (nothing but failures for so long, and so many at least), or warning (for half of it).';
grant execute on function platform.failing_endpoints(interval, integer) to freehold_worker;

create or replace function platform.mark_warned(endpoint uuid)
returns boolean
language sql
volatile
security definer
set search_path = ''
begin atomic
  with marked as (
    update platform.endpoint_flow f
    set warned_at = statement_timestamp()
    from platform.verified_context v
    where f.tenant_id = v.tenant_id
      and f.endpoint_id = endpoint
      and f.failing_since is not null
      and f.warned_at is null
    returning 1
  )
  select exists (select from marked);
end;
comment on function platform.mark_warned(uuid) is 'Whether its owner is to be warned now: true once while it fails.';
grant execute on function platform.mark_warned(uuid) to freehold_owner;

create or replace function platform.endpoint_health(endpoint uuid)
returns table (failing_since timestamptz, resumes_at timestamptz)
language sql
stable
security definer
set search_path = ''
begin atomic
  select f.failing_since, case when f.trips > 0 then f.not_before end
  from platform.endpoint_flow f
  join platform.verified_context v on v.tenant_id = f.tenant_id
  where f.endpoint_id = endpoint;
end;
comment on function platform.endpoint_health(uuid) is 'What the delivery machinery knows of an endpoint of the tenant of the verified context.';
grant execute on function platform.endpoint_health(uuid) to freehold_owner;
$sql$);
--! EndIncluded delivery/health.sql
--! Included delivery/finish.sql
-- What came of a batch: attempts in bulk, and for each delivery its end or its next attempt.

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.finish_deliveries(batch uuid, claim integer, results json, last boolean default true)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
-- the same statement for each batch: planned once, and for keys (queues fill and empty faster than statistics follow)
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $finish$
declare
  held boolean;
  lane boolean;
  told record;
begin
  select b.lane
  into lane
  from platform.delivery_batch b
  where b.id = batch
    and b.claim = finish_deliveries.claim
  for update;
  held := found;

  with result as materialized (
    select r.*
    from json_to_recordset(results) r (
      tenant_id uuid, delivery_id uuid, endpoint_id uuid, attempt integer, succeeded boolean, final boolean, released boolean,
      status_code integer, error text, latency_ms integer, response_excerpt text, retry_after integer, occurred_at timestamptz)
  ),
  attempted as (
    insert into app.delivery_attempt (
      tenant_id, delivery_id, endpoint_id, attempt, succeeded, status_code, error, latency_ms, response_excerpt, occurred_at)
    select r.tenant_id, r.delivery_id, r.endpoint_id, r.attempt, r.succeeded, r.status_code, r.error, r.latency_ms, r.response_excerpt, r.occurred_at
    from result r
    where r.latency_ms is not null
  ),
  verdict as materialized (
    select r.*, w.ordered,
      case when not r.succeeded and not coalesce(r.final, false)
        then statement_timestamp() + platform.retry_delay(w.retry_delays, r.attempt - d.schedule_start, r.retry_after)
      end as next_attempt_at
    from result r
    -- by key, and for failures alone: a success needs to know nothing
    left join lateral (
      select x.schedule_start from app.delivery x where not r.succeeded and x.tenant_id = r.tenant_id and x.id = r.delivery_id offset 0
    ) d on true
    left join lateral (
      select x.ordered, x.retry_delays from app.webhook_endpoint x where not r.succeeded and x.tenant_id = r.tenant_id and x.id = r.endpoint_id offset 0
    ) w on true
    where not coalesce(r.released, false)
      -- who lost the lease still tells of a success, and leaves a failure to the new holder
      and (held or r.succeeded)
  ),
  settled as (
    update app.delivery d
    set attempt_count = v.attempt,
      status = case when v.succeeded then 'succeeded' when v.next_attempt_at is null then 'failed' else 'pending' end,
      next_attempt_at = v.next_attempt_at,
      last_error = v.error,
      updated_at = statement_timestamp()
    from verdict v
    where d.tenant_id = v.tenant_id
      and d.id = v.delivery_id
      and d.status = 'pending'
      and d.attempt_count = v.attempt - 1
    returning d.tenant_id, d.id, d.endpoint_id, d.attempt_count, d.next_attempt_at, v.ordered
  ),
  queued as (
    insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, attempt)
    select s.next_attempt_at, s.id, s.tenant_id, s.endpoint_id, s.attempt_count + 1
    from settled s
    where s.next_attempt_at is not null
      and not s.ordered
  ),
  -- What goes back to a lane: the failed one of an ordered endpoint, which holds up the rest, and what was not sent at all.
  back as (
    select s.tenant_id, s.endpoint_id, s.id as delivery_id, s.attempt_count + 1 as attempt
    from settled s
    where s.next_attempt_at is not null
      and s.ordered
    union all
    select r.tenant_id, r.endpoint_id, r.delivery_id, r.attempt
    from result r
    where r.released
      and held
  ),
  health as (
    select v.tenant_id, v.endpoint_id, bool_or(v.succeeded) as well,
      count(*) filter (where not v.succeeded) as failures,
      min(v.occurred_at) as first_at, max(v.occurred_at) as last_at,
      coalesce(bool_or(v.status_code = 410), false) as gone,
      max(v.next_attempt_at) as next_attempt_at
    from verdict v
    where v.latency_ms is not null
    group by v.tenant_id, v.endpoint_id
  )
  select
    (select json_agg(b) from back b) as back,
    -- Where all went well and nobody had failed before there is nothing to follow: one look-up an endpoint.
    (select json_agg(h)
     from health h
     where not h.well
       or exists (
         select from platform.endpoint_flow f
         where f.tenant_id = h.tenant_id and f.endpoint_id = h.endpoint_id and (f.laned or f.failures > 0))) as health
  into told;

  if told.back is not null then
    perform platform.to_lane(array_agg(b.tenant_id), array_agg(b.endpoint_id), array_agg(b.delivery_id), array_agg(b.attempt))
    from json_to_recordset(told.back) b (tenant_id uuid, endpoint_id uuid, delivery_id uuid, attempt integer);
  end if;
  if held and told.health is not null then
    perform platform.follow_health(told.health);
  end if;
  if last and held then
    delete from platform.delivery_batch b where b.id = batch;
  end if;
  -- A lane may give out its next batch, or has got something.
  if last and lane or told.back is not null or told.health is not null then
    perform platform.wake_dispatcher();
  end if;
  return held;
end
$finish$;
comment on function platform.finish_deliveries(uuid, integer, json, boolean) is
  'Records results of a batch, some or the last: [{tenant_id, delivery_id, endpoint_id, attempt, succeeded, final, released, status_code, error, latency_ms,
response_excerpt, retry_after, occurred_at}]. final gives up without further attempts; released was not sent, and waits in its lane; without latency_ms
no attempt was made; retry_after is in seconds. False when the lease was lost.';
grant execute on function platform.finish_deliveries(uuid, integer, json, boolean) to freehold_worker;
$sql$);
--! EndIncluded delivery/finish.sql
--! Included delivery/dispatch.sql
-- One look of a dispatcher: a round trip and a transaction, whatever is due.

create or replace function platform.dispatch(
  most integer,
  batch_size integer,
  lease interval,
  in_flight integer,
  poll interval,
  inout resting text,
  out jobs integer,
  out due_in integer
)
language plpgsql
volatile
-- as the worker: the jobs are graphile-worker's
set search_path = ''
as $$
begin
  -- Before it looks: who falls asleep and then finds nothing has missed nothing. The lock is that of platform.wake_dispatcher.
  if resting is distinct from 'asleep' then
    resting := case
      when pg_try_advisory_lock(7100040) then 'asleep'
      -- Writers hold it shared, a sleeper does not. That one may be gone by the next look, and writers would notify nobody.
      when not pg_try_advisory_lock_shared(7100040) then 'beside'
    end;
    if resting is null then
      perform pg_advisory_unlock_shared(7100040);
    end if;
  end if;

  select count(*)
  into jobs
  from (
    select array_agg(row(c.identifier, c.payload, null, null, c.max_attempts, c.job_key, null, null)::graphile_worker.job_spec) as specs
    from platform.claim_deliveries(most, batch_size, lease, in_flight) c
  ) claimed
  cross join lateral graphile_worker.add_jobs(claimed.specs, true)
  where claimed.specs is not null;

  if jobs > 0 then
    -- Awake while there is work, or each writer would notify.
    if resting = 'asleep' then
      perform pg_advisory_unlock(7100040);
    end if;
    resting := null;
  end if;
  if resting is not null then
    due_in := platform.next_due(poll, in_flight);
  end if;
end
$$;
comment on function platform.dispatch(integer, integer, interval, integer, interval, text) is
  'Adds jobs for what is due, and says how to rest: resting is asleep (this session holds the lock, and is notified), beside (another does, and its notifications
wake us too) or null (look again soon: there were jobs, or transactions that have written deliveries are about to commit); due_in is how many milliseconds until
something is due, at most poll. Takes the resting that it last returned, in the same session.';
grant execute on function platform.dispatch(integer, integer, interval, integer, interval, text) to freehold_worker;
--! EndIncluded delivery/dispatch.sql
--! Included delivery/seal.sql
-- Sealing anew what an earlier FREEHOLD_SECRET_KEY sealed: the worker opens and seals, the database says what is left and keeps the result.

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.sealed_otherwise(key_id text, most integer default 500, skip integer default 0)
returns table (tenant_id uuid, id uuid, sealed text)
language sql
stable
security definer
set search_path = ''
begin atomic
  select v.tenant_id, v.id, v.sealed
  from (
    select k.tenant_id, k.id, k.sealed_key as sealed from app.webhook_signing_key k
    union all
    select h.tenant_id, h.id, h.sealed_value from app.webhook_header h
  ) v
  where split_part(v.sealed, '.', 1) <> key_id
  order by v.id
  limit most
  offset skip;
end;
comment on function platform.sealed_otherwise(text, integer, integer) is
  'Signing keys and header values that were sealed with another key than that one, without those that the caller was told of and could not open.';
grant execute on function platform.sealed_otherwise(text, integer, integer) to freehold_worker;

create or replace function platform.seal_anew(former text[], sealed text[])
returns integer
language plpgsql
volatile
security definer
set search_path = ''
as $seal$
#variable_conflict use_variable
declare
  keys integer;
  headers integer;
begin
  -- A sealed text is unique, and nobody but the key's owner can make another: whoever names the former may replace it.
  update app.webhook_signing_key k
  set sealed_key = v.sealed
  from unnest(former, sealed) v (former, sealed)
  where k.sealed_key = v.former;
  get diagnostics keys = row_count;
  update app.webhook_header h
  set sealed_value = v.sealed
  from unnest(former, sealed) v (former, sealed)
  where h.sealed_value = v.former;
  get diagnostics headers = row_count;
  return keys + headers;
end
$seal$;
comment on function platform.seal_anew(text[], text[]) is
  'Replaces sealed texts by others of the same content; what was changed meanwhile is left alone. Returns how many were replaced.';
grant execute on function platform.seal_anew(text[], text[]) to freehold_worker;
$sql$);
--! EndIncluded delivery/seal.sql
--! Included delivery/resend.sql
-- Sending once more, at the tenant's wish.

create or replace function app.resend_delivery(id uuid)
returns app.delivery
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  found_delivery app.delivery;
  moved boolean;
begin
  perform platform.require('delivery:resend');
  select *
  into found_delivery
  from app.delivery
  where tenant_id = platform.tenant_id()
    and id = resend_delivery.id
    and endpoint_id is not null
  for no key update;
  if not found then
    raise exception using
      errcode = 'ZF004',
      message = 'there is no such delivery',
      detail = format('delivery %s', resend_delivery.id);
  end if;
  if not exists (
    select from app.webhook_endpoint w
    where w.tenant_id = found_delivery.tenant_id and w.id = found_delivery.endpoint_id and w.status = 'enabled'
  ) then
    raise exception using
      errcode = 'ZF005',
      message = 'the endpoint of the delivery is disabled',
      detail = 'Enable the endpoint first.';
  end if;

  if found_delivery.status = 'pending' then
    update platform.delivery_queue
    set due_at = statement_timestamp()
    where due_at = found_delivery.next_attempt_at
      and delivery_id = found_delivery.id;
    moved := found;
  else
    insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, attempt)
    values (statement_timestamp(), found_delivery.id, found_delivery.tenant_id, found_delivery.endpoint_id, found_delivery.attempt_count + 1);
    moved := true;
  end if;
  -- not in the queue: it is being sent at this moment, or waits in the lane of its endpoint
  if moved then
    update app.delivery
    set status = 'pending',
      next_attempt_at = statement_timestamp(),
      schedule_start = attempt_count,
      updated_at = statement_timestamp()
    where tenant_id = found_delivery.tenant_id
      and id = found_delivery.id
    returning * into found_delivery;
  end if;
  -- whoever asks has mended something: the breaker is tried at once
  update platform.endpoint_flow
  set not_before = '-infinity'
  where tenant_id = found_delivery.tenant_id
    and endpoint_id = found_delivery.endpoint_id
    and laned;
  perform platform.wake_dispatcher();
  return found_delivery;
end
$$;
comment on function app.resend_delivery(uuid) is
  'Sends a delivery again now, under the same webhook-id: one that succeeded or failed, or one that waits for its next attempt.
Permission: delivery:resend.';
grant execute on function app.resend_delivery(uuid) to freehold_user;
--! EndIncluded delivery/resend.sql
--! Included delivery/task.sql
-- Internal subscribers: what the worker does itself when something has happened.

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.load_task(tenant uuid, delivery uuid)
returns table (
  event_id uuid,
  type text,
  entity text,
  entity_id uuid,
  data text,
  actor_type text,
  occurred_at timestamptz,
  request_id text,
  traceparent text
)
language sql
stable
security definer
set search_path = ''
begin atomic
  select e.id, e.type, e.entity, e.entity_id, e.data::text, e.actor_type, e.occurred_at, e.request_id, e.traceparent
  from app.delivery d
  join app.event e on e.tenant_id = d.tenant_id and e.id = d.event_id
  where d.tenant_id = tenant
    and d.id = delivery
    and d.task is not null
    and d.status = 'pending';
end;
comment on function platform.load_task(uuid, uuid) is 'The event of a task that is still to be done; nothing when it was done already.';
grant execute on function platform.load_task(uuid, uuid) to freehold_worker;

create or replace function platform.finish_task(tenant uuid, delivery uuid, error text, final boolean, latency_ms integer)
returns void
language sql
volatile
security definer
set search_path = ''
begin atomic
  with settled as (
    update app.delivery d
    set attempt_count = d.attempt_count + 1,
      status = case when finish_task.error is null then 'succeeded' when final then 'failed' else 'pending' end,
      next_attempt_at = null,
      last_error = left(finish_task.error, 1000),
      updated_at = statement_timestamp()
    where d.tenant_id = tenant
      and d.id = delivery
      and d.task is not null
      and d.status = 'pending'
    returning d.tenant_id, d.id, d.attempt_count
  )
  insert into app.delivery_attempt (tenant_id, delivery_id, attempt, succeeded, error, latency_ms)
  select s.tenant_id, s.id, s.attempt_count, finish_task.error is null, left(finish_task.error, 1000), finish_task.latency_ms
  from settled s;
end;
comment on function platform.finish_task(uuid, uuid, text, boolean, integer) is
  'Records how a task went: done when error is null, given up when final, and otherwise left to the job''s next attempt.';
grant execute on function platform.finish_task(uuid, uuid, text, boolean, integer) to freehold_worker;
$sql$);
--! EndIncluded delivery/task.sql
--! Included delivery/statistics.sql
-- How an endpoint does: what its owner looks at first.

do $$
begin
  if to_regtype('app.webhook_endpoint_performance') is null then
    create type app.webhook_endpoint_performance as (
      attempts integer, succeeded integer, success_rate double precision, latency_p50_ms integer, latency_p95_ms integer,
      backlog integer, failed integer, failing_since timestamptz, resumes_at timestamptz);
  end if;
end
$$;
comment on type app.webhook_endpoint_performance is 'How an endpoint does. Attempts are those of the hours asked for, and at most the last 10,000.';
comment on column app.webhook_endpoint_performance.attempts is 'Attempts made.';
comment on column app.webhook_endpoint_performance.succeeded is 'Attempts that the receiver accepted.';
comment on column app.webhook_endpoint_performance.success_rate is 'Share of attempts that it accepted, 0 to 1; null without attempts.';
comment on column app.webhook_endpoint_performance.latency_p50_ms is 'Half of the attempts took no longer.';
comment on column app.webhook_endpoint_performance.latency_p95_ms is '95 of 100 attempts took no longer.';
comment on column app.webhook_endpoint_performance.backlog is 'Deliveries that wait for their first or next attempt; counted up to 100,000.';
comment on column app.webhook_endpoint_performance.failed is 'Deliveries that were given up, of all that are in sight; counted up to 100,000.';
comment on column app.webhook_endpoint_performance.failing_since is 'Since when nothing but failures came of it; null while it does well.';
comment on column app.webhook_endpoint_performance.resumes_at is 'When it is tried again, if it failed so often that its deliveries are held back.';

create or replace function app.webhook_endpoint_statistics(endpoint app.webhook_endpoint, hours integer default 24)
returns app.webhook_endpoint_performance
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  tenant uuid := platform.tenant_id();
  told app.webhook_endpoint_performance;
begin
  perform platform.require('delivery:read');
  select count(*), count(*) filter (where a.succeeded), (count(*) filter (where a.succeeded))::double precision / nullif(count(*), 0),
    percentile_disc(0.5) within group (order by a.latency_ms), percentile_disc(0.95) within group (order by a.latency_ms)
  into told.attempts, told.succeeded, told.success_rate, told.latency_p50_ms, told.latency_p95_ms
  from (
    select t.succeeded, t.latency_ms
    from app.delivery_attempt t
    where t.tenant_id = tenant
      and t.endpoint_id = endpoint.id
      and t.id >= platform.uuidv7_floor(statement_timestamp() - make_interval(hours => least(greatest(hours, 1), 8760)))
    order by t.id desc
    limit 10000
  ) a;
  told.backlog := (select count(*) from (
    select from app.delivery d where d.tenant_id = tenant and d.status = 'pending' and d.endpoint_id = endpoint.id limit 100000) p);
  told.failed := (select count(*) from (
    select from app.delivery d
    where d.tenant_id = tenant and d.status = 'failed' and d.endpoint_id = endpoint.id and d.id >= platform.retention_floor()
    limit 100000) f);
  select h.failing_since, h.resumes_at
  into told.failing_since, told.resumes_at
  from platform.endpoint_health(endpoint.id) h;
  return told;
end
$$;
comment on function app.webhook_endpoint_statistics(app.webhook_endpoint, integer) is
  'How the endpoint does, over the last hours (1 to 8,760; 24 when not given). Permission: delivery:read.';
grant execute on function app.webhook_endpoint_statistics(app.webhook_endpoint, integer) to freehold_user;
--! EndIncluded delivery/statistics.sql
--! Included webhook_replay/webhook_replay.sql
-- Replays: what an endpoint should be sent once more, or for the first time although it happened before the endpoint was made.

comment on table app.webhook_replay is
  'Events of a time that an endpoint is sent again, under the same webhook-id: all that it is subscribed to, or only what failed. Made part by part by the worker.';
comment on column app.webhook_replay.endpoint_id is 'The endpoint that is told; it must be enabled.';
comment on column app.webhook_replay.since is 'Events from then on, as far back as the plan keeps them in sight.';
comment on column app.webhook_replay.until is 'Events before that; the time of the request when not given.';
comment on column app.webhook_replay.failed_only is 'Only deliveries that were given up.';
comment on constraint webhook_replay_tenant_id_endpoint_id_fkey on app.webhook_replay is E'@fieldName endpoint\n@foreignFieldName replays';

select platform.declare_entity(
  'app.webhook_replay',
  permissions => '{"read": "admin", "create": "admin", "cancel": "admin", "complete": [], "fail": []}',
  lifecycle => '{
    "initial": "running",
    "transitions": {
      "complete": {"from": ["running"], "to": "completed", "event": "webhook_replay.completed",
        "description": "All of it was queued for delivery."},
      "cancel": {"from": ["running"], "to": "canceled", "event": "webhook_replay.canceled",
        "description": "Stops a replay; what it has queued already is delivered."},
      "fail": {"from": ["running"], "to": "failed", "event": "webhook_replay.failed",
        "description": "The replay could not be gone on with; a new one may begin where it ended."}
    }
  }',
  events => '{"created": "webhook_replay.requested"}',
  creatable => '{endpoint_id,since,until,failed_only}',
  tasks => '{"webhook_replay.requested": "replay_events"}'
);

create or replace function app.webhook_replay_check()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform platform.require_tenant(new.tenant_id);
  if not exists (
    select from app.webhook_endpoint w
    where w.tenant_id = new.tenant_id and w.id = new.endpoint_id and w.status = 'enabled'
  ) then
    raise exception using
      errcode = 'ZF005', message = 'the endpoint is not enabled', detail = 'Enable it first; events that happened meanwhile can be replayed.';
  end if;
  new.until := least(new.until, statement_timestamp());
  if new.since >= new.until then
    raise exception using errcode = 'ZF010', message = 'since must lie before until, and in the past', detail = format('since %s', new.since);
  end if;
  return new;
end
$$;
comment on function app.webhook_replay_check() is 'Trigger: a replay has an endpoint that is enabled, and a time that is past.';
create or replace trigger _200_check
  before insert on app.webhook_replay
  for each row execute function app.webhook_replay_check();

-- each fills the queue
create or replace trigger _800_check_count
  after insert on app.webhook_replay
  for each row execute function platform.check_count('5', '{running}');

create or replace function app.webhook_replay_queued(replay app.webhook_replay)
returns bigint
language sql
stable
security definer
set search_path = ''
begin atomic
  select coalesce((
    select p.queued
    from platform.replay_progress p
    join platform.verified_context v on v.tenant_id = p.tenant_id
    where p.replay_id = replay.id), 0);
end;
comment on function app.webhook_replay_queued(app.webhook_replay) is 'Deliveries that the replay has queued so far.';
grant execute on function app.webhook_replay_queued(app.webhook_replay) to freehold_user;
--! EndIncluded webhook_replay/webhook_replay.sql
--! Included webhook_replay/advance.sql
-- A replay goes on from where it is: a part in each transaction, so that it can be interrupted anywhere and costs nobody else much.

create or replace function app.advance_webhook_replay(id uuid, most integer default 1000)
returns text
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  replay app.webhook_replay;
  endpoint app.webhook_endpoint;
  place platform.replay_progress;
  seen uuid[];
  added bigint;
begin
  perform platform.require('webhook_replay:complete');
  select *
  into replay
  from app.webhook_replay
  where tenant_id = platform.tenant_id()
    and id = advance_webhook_replay.id
  for no key update;
  if not found then
    raise exception using
      errcode = 'ZF004', message = 'there is no such webhook_replay', detail = format('webhook_replay %s', advance_webhook_replay.id);
  end if;
  if replay.status <> 'running' then
    return 'over';
  end if;
  select * into endpoint from app.webhook_endpoint where tenant_id = replay.tenant_id and id = replay.endpoint_id;
  if endpoint.status <> 'enabled' then
    perform app.cancel_webhook_replay(replay.id);
    return 'over';
  end if;
  -- no more in the queue than the worker sends in some seconds: whoever cancels does not wait for a hundred thousand
  if (select count(*) >= 10 * most from (
      select from app.delivery
      where tenant_id = replay.tenant_id and status = 'pending' and endpoint_id = replay.endpoint_id
      limit 10 * most) p) then
    return 'full';
  end if;

  insert into platform.replay_progress (tenant_id, replay_id, place)
  values (replay.tenant_id, replay.id, platform.uuidv7_floor(replay.since))
  on conflict do nothing;
  select * into place from platform.replay_progress where tenant_id = replay.tenant_id and replay_id = replay.id;

  -- The next events by id, which is by time; those that match are few or many, the part is of the same size.
  select array_agg(e.id order by e.id)
  into seen
  from (
    select id
    from app.event
    where tenant_id = replay.tenant_id
      and id > place.place
      and id >= platform.retention_floor()
      and id < platform.uuidv7_floor(replay.until)
    order by id
    limit most
  ) e;
  if seen is null then
    perform app.complete_webhook_replay(replay.id);
    return 'over';
  end if;

  with wanted as (
    select e.id
    from app.event e
    where e.tenant_id = replay.tenant_id
      and e.id = any (seen)
      and platform.wants_event(endpoint.event_types, endpoint.channels, e.type, e.channel, e.entity, e.entity_id)
  ),
  again as (
    update app.delivery d
    set status = 'pending',
      next_attempt_at = statement_timestamp(),
      schedule_start = d.attempt_count,
      updated_at = statement_timestamp()
    from wanted w
    where d.tenant_id = replay.tenant_id
      and d.event_id = w.id
      and d.endpoint_id = replay.endpoint_id
      and (d.status = 'failed' or (d.status = 'succeeded' and not replay.failed_only))
    returning d.id, d.attempt_count + 1 as attempt
  ),
  first as (
    insert into app.delivery (tenant_id, event_id, endpoint_id, next_attempt_at)
    select replay.tenant_id, w.id, replay.endpoint_id, statement_timestamp()
    from wanted w
    where not replay.failed_only
      and not exists (
        select from app.delivery d
        where d.tenant_id = replay.tenant_id and d.event_id = w.id and d.endpoint_id = replay.endpoint_id)
    order by w.id
    returning id, 1 as attempt
  )
  insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, attempt)
  select statement_timestamp(), q.id, replay.tenant_id, replay.endpoint_id, q.attempt
  from (select * from again union all select * from first) q;
  get diagnostics added = row_count;
  update platform.replay_progress
  set place = seen[cardinality(seen)],
    queued = queued + added
  where tenant_id = replay.tenant_id
    and replay_id = replay.id;
  if added > 0 then
    perform platform.wake_dispatcher();
  end if;
  return 'more';
end
$$;
comment on function app.advance_webhook_replay(uuid, integer) is
  E'@behavior -mutationField\nTakes a replay on by so many events. Returns more, full (the endpoint has enough to receive: come back later) or over. For the system.';
grant execute on function app.advance_webhook_replay(uuid, integer) to freehold_user;
--! EndIncluded webhook_replay/advance.sql
--! Included delivery/notice.sql
-- Who was told of an event by mail, so that a task that is repeated leaves out those whom it has reached.

grant select, insert, delete on platform.notice to freehold_dispatcher;

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.told_members(tenant uuid, event uuid)
returns setof uuid
language sql
stable
security definer
set search_path = ''
begin atomic
  select n.membership_id
  from platform.notice n
  where n.tenant_id = tenant
    and n.event_id = event;
end;
comment on function platform.told_members(uuid, uuid) is 'The members who were told of an event by mail, in the last days.';
grant execute on function platform.told_members(uuid, uuid) to freehold_worker;

create or replace function platform.note_told(tenant uuid, event uuid, member uuid)
returns void
language sql
volatile
security definer
set search_path = ''
begin atomic
  -- a task is over after ten attempts in some hours: what is older nobody asks for
  delete from platform.notice n
  where n.tenant_id = tenant
    and n.told_at < statement_timestamp() - interval '7 days';
  insert into platform.notice (tenant_id, membership_id, event_id)
  values (tenant, member, event)
  on conflict do nothing;
end;
comment on function platform.note_told(uuid, uuid, uuid) is 'Notes that a member was told of an event by mail, and forgets notes of former weeks.';
grant execute on function platform.note_told(uuid, uuid, uuid) to freehold_worker;
$sql$);
--! EndIncluded delivery/notice.sql
--! Included tenant/purge.sql
-- The end of a tenant: what is left of a closed one is deleted, a part at a time, inside its own context.

select platform.execute_as('freehold_janitor', $sql$
create or replace function platform.closed_tenants()
returns setof uuid
language sql
stable
security definer
set search_path = ''
begin atomic
  select t.id
  from app.tenant t
  where t.status = 'closed'
  order by t.id;
end;
comment on function platform.closed_tenants() is 'Tenants that are closed and not yet purged.';
grant execute on function platform.closed_tenants() to freehold_worker;
$sql$);

create or replace function platform.purge_tenant(tenant uuid, most integer default 10000)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  part record;
  deleted bigint;
begin
  -- Policies hold this to the tenant, as they hold everybody.
  perform platform.enter_as_system(tenant, 'purge');
  if not platform.is_closed(tenant) then
    raise exception using
      errcode = 'ZF005',
      message = 'a tenant that is not closed is not purged',
      detail = 'Close it, and wait for its grace period to end.';
  end if;
  -- Who refers to others goes first.
  for part in
    with recursive declared as (
      select e.relation::regclass as relation
      from platform.entity e
      where e.kind in ('entity', 'record')
    ),
    depth as (
      select d.relation, 0 as depth
      from declared d
      union all
      select k.conrelid::regclass, n.depth + 1
      from depth n
      join pg_catalog.pg_constraint k on k.confrelid = n.relation and k.contype = 'f' and k.conrelid <> k.confrelid
      join declared d on d.relation = k.conrelid
      where n.depth < 50
    )
    select n.relation
    from depth n
    where n.relation <> 'app.tenant'::regclass
    group by n.relation
    order by max(n.depth) desc, n.relation::text
  loop
    execute format('delete from %1$s where (tenant_id, id) in (select tenant_id, id from %1$s where tenant_id = $1 limit $2)', part.relation)
    using tenant, most;
    get diagnostics deleted = row_count;
    if deleted > 0 then
      return true;
    end if;
  end loop;

  delete from platform.delivery_queue q where q.tenant_id = tenant;
  delete from platform.lane_queue q where q.tenant_id = tenant;
  delete from platform.replay_progress p where p.tenant_id = tenant;
  delete from platform.endpoint_flow f where f.tenant_id = tenant;
  delete from platform.counter c where c.tenant_id = tenant;
  delete from platform.tenant_plan p where p.tenant_id = tenant;
  delete from identity.api_key_secret s where s.tenant_id = tenant;
  delete from identity.session s where s.tenant_id = tenant;
  -- people stay who belong to another tenant
  with left_tenant as (
    delete from identity.person_principal m where m.tenant_id = tenant returning m.person_id
  )
  delete from identity.person p
  using left_tenant l
  where p.id = l.person_id
    and not exists (select from identity.person_principal o where o.person_id = p.id and o.tenant_id <> tenant);
  delete from app.tenant t where t.tenant_id = tenant;
  delete from identity.principal p where p.tenant_id = tenant;
  -- identity.tenant_slug stays: nobody else may answer under the name of a tenant that was
  return false;
end
$$;
comment on function platform.purge_tenant(uuid, integer) is
  'Deletes rows of a closed tenant, at most that many, and in the end the tenant with its keys, sessions and people. Returns whether there is more.
What remains are its slug and platform.system_entry. Errors: ZF004 when it is gone, ZF005 when it is not closed.';
grant execute on function platform.purge_tenant(uuid, integer) to freehold_worker;
--! EndIncluded tenant/purge.sql

-- month by month ahead; the worker's crontab goes on from here
select platform.make_partitions('app.delivery');
select platform.make_partitions('app.delivery_attempt');
