alter table app.note enable row level security, force row level security;
create role freehold_reporting nologin nobypassrls nosuperuser;
set local lock_timeout = '5s';
