insert into platform.error (sqlstate, code) values ('ZF010', 'invalid_argument'), ('23505', 'already_exists');
create function app.check_note(id uuid) returns void language plpgsql set search_path = '' as $$
begin
  raise notice 'looking at %', id;
  raise exception using errcode = 'ZF010', message = 'no note';
exception
  when unique_violation then
    raise;
  when others then
    raise exception using errcode = sqlstate, message = 'passed on';
end
$$;
comment on function app.check_note(uuid) is 'Raises.';
