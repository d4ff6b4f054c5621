-- A new endpoint, with the secret that signs what it is sent.

do $$
begin
  if to_regtype('app.created_webhook_endpoint') is null then
    create type app.created_webhook_endpoint as (id uuid, secret text);
  end if;
end
$$;
comment on type app.created_webhook_endpoint is 'The id of a new webhook endpoint, and its signing secret, which is shown this once.';

create or replace function app.create_webhook_endpoint(url text, event_types text[] default '{*}', description text default '')
returns app.created_webhook_endpoint
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  made app.created_webhook_endpoint;
  endpoint app.webhook_endpoint;
  -- 32 bytes from 366 random bits
  secret bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
begin
  perform platform.require('webhook_endpoint:create');
  insert into app.webhook_endpoint (url, event_types, description)
  values (create_webhook_endpoint.url, create_webhook_endpoint.event_types, coalesce(create_webhook_endpoint.description, ''))
  returning * into endpoint;
  insert into platform.webhook_secret (tenant_id, endpoint_id, secret)
  values (endpoint.tenant_id, endpoint.id, secret);
  made.id := endpoint.id;
  made.secret := 'whsec_' || translate(encode(secret, 'base64'), E'\n', '');
  return made;
end
$$;
comment on function app.create_webhook_endpoint(text, text[], text) is
  'Makes a webhook endpoint that is told of the given event types (exact, invoice.*, or *). The secret is in this answer and nowhere else.
Event: webhook_endpoint.created. Permission: webhook_endpoint:create.';
grant execute on function app.create_webhook_endpoint(text, text[], text) to freehold_user;
