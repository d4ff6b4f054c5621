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
comment on column app.event.occurred_at is 'When it happened.';
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
  retained => true,
  resource => '{"omit": ["xid"]}'
);
