--! Message: checks

alter table app.note add constraint note_number_check check (number > 0) not valid;
alter table app.note add constraint note_hint check (number > 1) not enforced;
create table platform.colour (key text primary key);
comment on table platform.colour is 'Colours.';
alter table platform.colour add check (key <> '');
