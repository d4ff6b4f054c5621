--! Message: never null

alter table app.note alter column body set not null; -- caught
alter table app.note alter column half set not null; -- caught
alter table app.note alter column later set not null; -- caught
alter table app.note add constraint note_number_not_null not null number; -- caught
alter table app.note
  add column colour text, -- caught line -1
  alter column colour set not null;
alter table app.unheard_of alter column body set not null; -- caught
