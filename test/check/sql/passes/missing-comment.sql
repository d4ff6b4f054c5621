create table app.note (
  tenant_id uuid not null
);
comment on table app.note is 'A note.';
create function app.archive_note(id uuid) returns void language sql set search_path = '' begin atomic end;
comment on function app.archive_note(uuid) is 'Archives it.';
create function generated.note_guard() returns void language sql set search_path = '' begin atomic end;
create table app.note_2026 partition of app.note for values in ('a');
