--! Undoes: sha1:0edfb24ec11b482073f698ef7dda6c775b36b09f
--! Loses: the rows of platform.deployment

-- Undoes "live keys".
set local check_function_bodies = off;
create or replace function platform.key_prefix()
returns text
language sql
stable
set search_path = ''
return 'fh_' || coalesce(nullif(current_setting('freehold.key_mode', true), ''), 'test') || '_';
comment on function platform.key_prefix() is 'fh_live_ where the database is told so (alter database ... set freehold.key_mode = ''live''), fh_test_ elsewhere.';
drop table platform.deployment;
