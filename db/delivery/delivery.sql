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
comment on column app.delivery_attempt.delivery_id is 'The delivery that it was of.';
comment on column app.delivery_attempt.occurred_at is 'When it was made.';
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
  retained => true,
  resource => '{}'
);
select platform.declare_record(
  'app.delivery_attempt',
  permissions => '{"read": "admin"}',
  across => '{"freehold_dispatcher": ["select", "insert"]}',
  retained => true,
  resource => '{}'
);

grant select on platform.event_task to freehold_dispatcher;
grant select, insert, delete on platform.delivery_queue to freehold_dispatcher;
-- "select for update skip locked" asks for UPDATE
grant update on platform.delivery_queue to freehold_dispatcher;
grant select, insert, update, delete on platform.delivery_batch to freehold_dispatcher;
grant select, insert, update, delete on platform.endpoint_flow, platform.lane_queue to freehold_dispatcher;
