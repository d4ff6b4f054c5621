create function app.dear_notes(floor numeric)
returns setof app.note
language sql
stable
set search_path = ''
begin atomic
  select n.*
  from app.note n
  where n.price > dear_notes.floor; -- caught
end;
comment on function app.dear_notes(numeric) is 'Dear notes.';

create function app.find_notes(part text)
returns bigint
language plpgsql
stable
set search_path = ''
as $$
begin
  return (select count(*) from app.note where note.title like part || '%'); -- caught
end
$$;
comment on function app.find_notes(text) is 'Notes by title.';
