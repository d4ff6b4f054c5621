--! Message: an index

--! no-transaction
create index concurrently note_title on app.note (tenant_id, title);
