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
