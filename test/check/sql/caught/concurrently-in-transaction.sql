--! Message: concurrently

create index concurrently note_title on app.note (tenant_id, title); -- caught
drop index concurrently app.note_number; -- caught
reindex (concurrently) table app.note; -- caught
alter table app.happening detach partition app.happening_old concurrently; -- caught
vacuum app.note; -- caught
