create function app.tell() returns trigger language plpgsql set search_path = '' as $$
begin
  perform pg_notify('events', new.id::text); -- caught
  perform graphile_worker.add_job('deliver', '{}'); -- caught
  notify events; -- caught
  return null;
end
$$;
comment on function app.tell() is 'Serialises every commit.';
