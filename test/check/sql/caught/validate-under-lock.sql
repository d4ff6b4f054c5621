--! Message: a check

alter table app.note add constraint note_number_check check (number > 0) not valid;
alter table app.note validate constraint note_number_check; -- caught
