--! Message: keys

alter table app.note add constraint note_number_key unique using index note_number;
create table platform.colour (key text not null);
comment on table platform.colour is 'Colours.';
alter table platform.colour add primary key (key);
