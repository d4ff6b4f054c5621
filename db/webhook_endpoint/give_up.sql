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
