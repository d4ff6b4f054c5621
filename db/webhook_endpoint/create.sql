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
select platform.expose_function(
  'app.create_webhook_endpoint(text, text[], text, text[], boolean, integer, integer, integer[], platform.fresh_key)', 'POST webhook_endpoints', 'webhook_endpoints');
