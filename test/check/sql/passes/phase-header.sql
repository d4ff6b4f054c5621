--! Message: a note's colour
--! Phase: expand

alter table app.note add column colour text;
