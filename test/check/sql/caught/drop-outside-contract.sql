--! Message: drop what a note had

alter table app.note drop column body; -- caught
alter table only app.note
  add column colour text,
  drop column if exists number; -- caught line -2
drop table if exists app.project cascade; -- caught
drop view app.shown; -- caught
drop function app.rename_note(uuid, text); -- caught
drop type app.colour; -- caught
drop schema old_app; -- caught
do $$
begin
  alter table app.note drop column title; -- caught
  execute format('drop table %I.%I', 'app', 'note'); -- caught
  execute 'drop function ' || 'app.f'::regproc; -- caught
end
$$;
select platform.execute_as('freehold_dispatcher', 'drop function platform.claim(integer)'); -- caught
