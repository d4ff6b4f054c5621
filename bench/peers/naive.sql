-- The naive design, on a copy of the product's database: one job a delivery, added in the writer's transaction. Event, endpoint and
-- delivery are the product's own tables; only what happens at the event is another trigger.
drop trigger _500_fan_out on app.event;

create schema naive;

-- without the product's sealing
create table naive.secret (
  endpoint_id uuid primary key,
  key bytea not null
);

create function naive.fan_out()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  added record;
begin
  for added in
    insert into app.delivery (tenant_id, event_id, endpoint_id, next_attempt_at)
    select r.tenant_id, r.id, w.id, statement_timestamp()
    from recorded r
    join app.webhook_endpoint w on w.tenant_id = r.tenant_id
    where w.status = 'enabled'
      and w.event_types && array[r.type, split_part(r.type, '.', 1) || '.*', '*']
    returning tenant_id, id
  loop
    perform graphile_worker.add_job('deliver_one', json_build_object('tenant', added.tenant_id, 'delivery', added.id));
  end loop;
  return null;
end
$$;

create trigger _500_fan_out
  after insert on app.event
  referencing new table as recorded
  for each statement execute function naive.fan_out();
