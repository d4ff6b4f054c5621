--! Previous: sha1:a6a90900634f357fa6d27a8f7bdbc794df1797c9
--! Hash: sha1:c02747ea4b594030a68ced421b79f8e5a1a22102
--! Message: event

-- The one record of what happened. Append-only, partitioned by the time in its id.

create table app.event (
  tenant_id uuid not null,
  id uuid not null default uuidv7(),
  -- the writer's transaction: a feed that reads below the oldest running one never skips a late commit
  xid xid8 not null default pg_current_xact_id(),
  type text not null,
  entity text not null,
  entity_id uuid not null,
  entity_version integer,
  data jsonb not null,
  previous jsonb,
  -- No checks here: one function writes this table, and each check cost 5 µs an event (a leaf's are read from the
  -- catalog's text in every statement).
  actor_type text not null,
  actor_id uuid,
  impersonator_id uuid,
  request_id text,
  traceparent text,
  occurred_at timestamptz not null default statement_timestamp(),
  primary key (tenant_id, id)
) partition by range (id);

create index event_entity on app.event (tenant_id, entity_id, entity_version);
create index event_feed on app.event (tenant_id, xid, id);

--! Included event/event.sql
-- The event: what it shows, who writes it, and that nobody changes it.

comment on table app.event is 'What happened in the tenant: one row for each change, with who did it. Append-only.';
comment on column app.event.type is 'Kind of event, such as project.archived.';
comment on column app.event.xid is 'Transaction that wrote the event; orders the change feed.';
comment on column app.event.entity is 'Name of the entity that changed.';
comment on column app.event.entity_id is 'The resource that changed.';
comment on column app.event.entity_version is 'Version of the resource after the change: the order of events of one resource.';
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
  hidden => '{xid}',
  across => '{"freehold_recorder": ["insert", "select"], "freehold_dispatcher": ["select"]}',
  retained => true
);
--! EndIncluded event/event.sql

-- month by month ahead; the worker's crontab goes on from here
select platform.make_partitions('app.event');
