--! Message: references

alter table app.note add column created_at timestamptz not null default now();
alter table app.note add column colour text not null default lower('RED');
alter table app.note add column reference uuid;
alter table app.note alter column reference set default uuidv7();
create table platform.colour (key text primary key);
comment on table platform.colour is 'Colours.';
alter table platform.colour add column reference uuid default uuidv7();
