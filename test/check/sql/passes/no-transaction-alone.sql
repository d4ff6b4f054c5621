--! Message: an index

--! no-transaction
-- what it is for
create index concurrently note_title on app.note (tenant_id, title);
