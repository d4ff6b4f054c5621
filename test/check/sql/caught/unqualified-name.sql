create function app.rename_note(id uuid) returns void language plpgsql set search_path = '' as $$
declare
  found_note app.note;
begin
  select n.* into found_note from note n; -- caught
  update note set title = 'x'; -- caught
  perform touch_note(id); -- caught
end
$$;
comment on function app.rename_note(uuid) is 'Names things.';
create function touch_note(id uuid) returns void language sql begin atomic end; -- caught
create table app.note (
  tenant_id uuid not null,
  id uuid not null
);
comment on table note is 'Which note?'; -- caught
create function app.first_note() returns note language sql set search_path = '' -- caught
begin atomic
  with newest as (select n.* from app.note n)
  select w.* from newest w;
end;
grant execute on function first_note() to freehold_user; -- caught
comment on function app.first_note() is 'Returns the type of a table.';
create trigger _100_touch before update on app.note for each row execute function touch(); -- caught
