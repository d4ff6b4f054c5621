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
