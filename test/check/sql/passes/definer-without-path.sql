create function app.peek() returns integer language sql stable security definer set search_path = ''
return (select count(*) from app.note);
comment on function app.peek() is 'Pinned.';
create function app.look() returns integer language sql stable
return (select count(*) from app.note);
comment on function app.look() is 'Runs as its caller.';

alter function app.count_projects() security definer set search_path = '';
alter function app.count_projects() security invoker;
alter function app.count_projects() stable;
