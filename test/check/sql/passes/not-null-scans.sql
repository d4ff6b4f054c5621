--! Message: never null

alter table app.note validate constraint note_half;
alter table app.note validate constraint note_later;
alter table app.note alter column half set not null;
alter table app.note alter column later set not null;
alter table app.note alter column proven set not null;
alter table app.note alter column title set not null;
alter table app.note add constraint note_body_not_null not null body not valid;
alter table app.note add column colour text not null default 'red';
create table platform.colour (key text);
comment on table platform.colour is 'Colours.';
alter table platform.colour alter column key set not null;
