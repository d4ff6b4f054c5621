--! Message: colours

alter table app.note add column colour text;
alter table app.project add column colour text; -- caught
