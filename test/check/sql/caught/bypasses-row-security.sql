alter table app.note disable row level security; -- caught
alter table app.note no force row level security; -- caught
create role freehold_reporting bypassrls; -- caught
alter role freehold_app superuser; -- caught
set local row_security = off; -- caught
