--! Message: drop what a note had
--! Phase: contract

alter table app.note drop column body;
