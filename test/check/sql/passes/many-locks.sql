--! Message: a colour, and a table beside it

alter table app.note add column colour text;
alter table app.note alter column colour set default 'red';
create table platform.colour (key text primary key);
comment on table platform.colour is 'Colours.';
alter table platform.colour add column shade text;
