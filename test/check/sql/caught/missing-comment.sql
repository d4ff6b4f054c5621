create table app.note ( -- caught
  tenant_id uuid not null
);
create view app.open_note with (security_invoker) as select n.tenant_id from app.note n; -- caught
create function app.archive_note(id uuid) returns void language sql set search_path = '' begin atomic end; -- caught
