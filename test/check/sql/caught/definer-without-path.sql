create function app.peek() returns integer language sql stable security definer -- caught
return (select count(*) from app.note);
comment on function app.peek() is 'Pins nothing.';
-- a path that names a schema can be written to
create function app.peek_again() returns integer language plpgsql security definer set search_path = 'public' as $$ -- caught
begin
  return 1;
end
$$;
comment on function app.peek_again() is 'Pins the wrong thing.';

alter function app.count_projects() security definer; -- caught
alter function app.count_projects() reset search_path; -- caught
alter function app.count_projects() reset all; -- caught
alter function app.count_projects() set search_path = app; -- caught
