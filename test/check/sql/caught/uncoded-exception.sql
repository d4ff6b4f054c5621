insert into platform.error (sqlstate, code) values ('ZF010', 'invalid_argument');
create function app.check_note(id uuid) returns void language plpgsql set search_path = '' as $$
begin
  raise exception 'no note %', id; -- caught
  raise exception using message = 'no note'; -- caught
  raise exception using
    errcode = 'ZF999', message = 'not listed'; -- caught line -1
end
$$;
comment on function app.check_note(uuid) is 'Raises.';
