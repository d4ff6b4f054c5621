--! Message: the lock on another table is held as well

alter table app.project add column colour text;
alter table app.note validate constraint note_half; -- caught
