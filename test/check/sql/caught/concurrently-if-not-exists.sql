--! Message: an index

--! no-transaction
create index concurrently if not exists note_title on app.note (tenant_id, title); -- caught
