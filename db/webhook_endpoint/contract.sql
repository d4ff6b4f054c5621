-- What shows deliveries of an endpoint in the public contract, which comes after them: a test, and how it does.

select platform.expose_function('app.send_test_event(uuid, text)', 'POST webhook_endpoints/{id}/test', renamed => '{"endpoint_id": "id"}');

create or replace function api_v1.webhook_endpoint_statistics(id uuid, hours integer default 24)
returns app.webhook_endpoint_performance
language plpgsql
stable
set search_path = ''
as $$
declare
  endpoint app.webhook_endpoint;
begin
  select w.id into endpoint.id from app.webhook_endpoint w where w.id = webhook_endpoint_statistics.id;
  if not found then
    perform platform.require('delivery:read');
    raise exception using
      errcode = 'ZF004', message = 'there is no such webhook_endpoint', detail = format('webhook_endpoint %s', webhook_endpoint_statistics.id);
  end if;
  return app.webhook_endpoint_statistics(endpoint, hours);
end
$$;
comment on function api_v1.webhook_endpoint_statistics(uuid, integer) is E'@route GET webhook_endpoints/{id}/statistics
@argument hours Over the last hours, 1 to 8,760.
How an endpoint does: attempts, success, latency and what waits. Permission: delivery:read.';
grant execute on function api_v1.webhook_endpoint_statistics(uuid, integer) to freehold_user;
