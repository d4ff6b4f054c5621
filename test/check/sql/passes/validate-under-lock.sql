--! Message: valid

alter table app.note validate constraint note_half;
alter table app.note alter column half set not null;
