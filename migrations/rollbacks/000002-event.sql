--! Undoes: sha1:c02747ea4b594030a68ced421b79f8e5a1a22102
--! Loses: the rows of app.event

-- Undoes "event".
set local check_function_bodies = off;
delete from platform.entity where (name) in (('event'));
delete from platform.permission where (key) in (('event:read'));
delete from platform.role_permission where (role, permission) in (('admin', 'event:read'));
drop table app.event;
