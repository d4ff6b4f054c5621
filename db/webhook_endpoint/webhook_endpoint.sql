-- Webhook endpoints: where a tenant wants to be told, and of what.

comment on table app.webhook_endpoint is 'An address that is told of events, by signed HTTP posts (Standard Webhooks 1.0).';
comment on column app.webhook_endpoint.url is 'Where to post: https, without user, password and fragment.';
comment on column app.webhook_endpoint.description is 'What it is for.';
comment on column app.webhook_endpoint.event_types is 'What it is told of: exact types, all of an entity (invoice.*), or everything (*).';

select platform.declare_entity(
  'app.webhook_endpoint',
  permissions => '{"read": "admin", "create": "admin", "update": "admin", "enable": "admin", "disable": "admin"}',
  lifecycle => '{
    "initial": "enabled",
    "transitions": {
      "disable": {"from": ["enabled"], "to": "disabled", "event": "webhook_endpoint.disabled",
        "description": "Stops deliveries to an endpoint; those under way are given up and can be resent."},
      "enable": {"from": ["disabled"], "to": "enabled", "event": "webhook_endpoint.enabled",
        "description": "Begins deliveries of what happens from now on."}
    }
  }',
  creatable => '{}',
  editable => '{url,description,event_types}',
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
      and not exists (select from platform.event_type t where t.type = w)
      and not (w like '%.*' and exists (select from platform.event_type t where split_part(t.type, '.', 1) || '.*' = w)));
  if unknown is not null then
    raise exception using
      errcode = 'ZF010',
      message = format('there is no event type %s', left(unknown, 200)),
      detail = format('Use *, or one of: %s.', (
        select string_agg(distinct kind, ', ' order by kind)
        from platform.event_type t,
          lateral (values (t.type), (split_part(t.type, '.', 1) || '.*')) k (kind)));
  end if;
  return new;
end
$$;
comment on function app.webhook_endpoint_check_types() is 'Trigger: an endpoint subscribes to event types that exist.';
create or replace trigger _200_check_types
  before insert or update of event_types on app.webhook_endpoint
  for each row execute function app.webhook_endpoint_check_types();

-- each event is matched with, and may be written for, every endpoint of its tenant
create or replace trigger _800_check_count
  after insert on app.webhook_endpoint
  for each row execute function platform.check_count('50', '{enabled,disabled}');
