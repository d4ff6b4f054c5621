--! Message: checks

alter table app.note add constraint note_number_check check (number > 0); -- caught
alter table app.note add column colour text constraint note_colour_check check (colour <> ''); -- caught
alter table only app.note
  add column shade text,
  add check (number < 9); -- caught line -2
do $$
begin
  execute format('alter table %s add check (number > 1)', 'app.note'); -- caught
end
$$;
