--! Message: an index

--! no-transaction
create index concurrently note_read on app.note (tenant_id, read_at, number, title);
