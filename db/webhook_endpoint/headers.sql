-- Headers of their own that owners have sent along, such as a token that their gateway asks for. Values are sealed and never shown.

comment on table app.webhook_header is
  'A header that is sent along with each message to an endpoint. Its value is kept encrypted and is not shown again.';
comment on column app.webhook_header.endpoint_id is 'The endpoint that it is sent to.';
comment on column app.webhook_header.name is 'Name of the header, in lower case.';
comment on column app.webhook_header.sealed_value is 'Its value, sealed.';

comment on constraint webhook_header_tenant_id_endpoint_id_fkey on app.webhook_header is
  E'@fieldName endpoint\n@foreignFieldName headers';

select platform.declare_record(
  'app.webhook_header',
  permissions => '{"read": "admin"}',
  hidden => '{sealed_value}',
  across => '{"freehold_dispatcher": ["select", "update"]}',
  resource => '{}'
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
select platform.expose_function('app.set_webhook_header(uuid, text, platform.sealed)', 'PUT webhook_endpoints/{id}/headers/{name}', renamed => '{"endpoint_id": "id"}');

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
select platform.expose_function('app.remove_webhook_header(uuid, text)', 'DELETE webhook_endpoints/{id}/headers/{name}', renamed => '{"endpoint_id": "id"}');
