create function app.notes_after(floor integer)
returns setof app.note
language sql
stable
set search_path = ''
begin atomic
  select n.*
  from app.note n
  where n.number > notes_after.floor
    and n.title = 'a';
end;
comment on function app.notes_after(integer) is 'Later notes.';
