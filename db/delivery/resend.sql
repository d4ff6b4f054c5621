-- Sending once more, at the tenant's wish.

create or replace function app.resend_delivery(id uuid)
returns app.delivery
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  found_delivery app.delivery;
  moved boolean;
begin
  perform platform.require('delivery:resend');
  select *
  into found_delivery
  from app.delivery
  where tenant_id = platform.tenant_id()
    and id = resend_delivery.id
    and endpoint_id is not null
  for no key update;
  if not found then
    raise exception using
      errcode = 'ZF004',
      message = 'there is no such delivery',
      detail = format('delivery %s', resend_delivery.id);
  end if;
  if not exists (
    select from app.webhook_endpoint w
    where w.tenant_id = found_delivery.tenant_id and w.id = found_delivery.endpoint_id and w.status = 'enabled'
  ) then
    raise exception using
      errcode = 'ZF005',
      message = 'the endpoint of the delivery is disabled',
      detail = 'Enable the endpoint first.';
  end if;

  if found_delivery.status = 'pending' then
    update platform.delivery_queue
    set due_at = statement_timestamp()
    where due_at = found_delivery.next_attempt_at
      and delivery_id = found_delivery.id;
    moved := found;
  else
    insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, attempt)
    values (statement_timestamp(), found_delivery.id, found_delivery.tenant_id, found_delivery.endpoint_id, found_delivery.attempt_count + 1);
    moved := true;
  end if;
  -- not in the queue: it is being sent at this moment, or waits in the lane of its endpoint
  if moved then
    update app.delivery
    set status = 'pending',
      next_attempt_at = statement_timestamp(),
      schedule_start = attempt_count,
      updated_at = statement_timestamp()
    where tenant_id = found_delivery.tenant_id
      and id = found_delivery.id
    returning * into found_delivery;
  end if;
  -- whoever asks has mended something: the breaker is tried at once
  update platform.endpoint_flow
  set not_before = '-infinity'
  where tenant_id = found_delivery.tenant_id
    and endpoint_id = found_delivery.endpoint_id
    and laned;
  perform platform.wake_dispatcher();
  return found_delivery;
end
$$;
comment on function app.resend_delivery(uuid) is
  'Sends a delivery again now, under the same webhook-id: one that succeeded or failed, or one that waits for its next attempt.
Permission: delivery:resend.';
grant execute on function app.resend_delivery(uuid) to freehold_user;
select platform.expose_function('app.resend_delivery(uuid)', 'POST deliveries/{id}/resend');
