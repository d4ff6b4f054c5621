--! Message: what the migration makes it may drop

create temporary table pairs (a uuid, b uuid);
drop table pg_temp.pairs;
create table platform.scratch (id uuid);
comment on table platform.scratch is 'For this migration.';
alter table platform.scratch drop column id;
drop table platform.scratch;
create function platform.scratch() returns integer language sql set search_path = '' as 'select 1';
comment on function platform.scratch() is 'For this migration.';
drop function platform.scratch();
drop trigger _200_check on app.note;
alter table app.note alter column body drop default;
