--! Message: a colour, filled

alter table app.note add column colour text;
update app.note set colour = 'red'; -- caught
