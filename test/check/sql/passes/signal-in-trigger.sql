create function app.tell() returns trigger language plpgsql set search_path = '' as $$
begin
  insert into app.delivery (tenant_id, event_id) values (new.tenant_id, new.id);
  return null;
end
$$;
comment on function app.tell() is 'Writes a row.';
create function platform.wake_dispatcher() returns void language sql set search_path = ''
begin atomic
  select pg_notify('dispatcher', '');
end;
comment on function platform.wake_dispatcher() is 'Not in a trigger: its caller knows that the dispatcher sleeps.';
