create function app.rename_note(id uuid) returns app.note language plpgsql set search_path = '' as $$
declare
  result app.note;
begin
  create temporary table renamed (id uuid);
  with chosen as (
    select n.id from app.note n where n.id = rename_note.id
  )
  update app.note n set title = upper(n.title) from chosen c where n.id = c.id returning n.* into result;
  perform app.touch_note(result.id), now(), count(*) from pg_catalog.pg_class;
  return result;
end
$$;
comment on function app.rename_note(uuid) is 'Qualifies.';
create function app.touch_note(id uuid) returns void language sql set search_path = '' begin atomic end;
comment on function app.touch_note(uuid) is 'Touches.';
create function app.count_fresh() returns trigger language plpgsql set search_path = '' as $$
begin
  insert into app.tally select f.id from fresh f;
  return null;
end
$$;
comment on function app.count_fresh() is 'Reads a transition table.';
create trigger _900_count after insert on app.note referencing new table as fresh
for each statement execute function app.count_fresh();
