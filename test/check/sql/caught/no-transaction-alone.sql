--! Message: two at once

--! no-transaction
drop index concurrently if exists app.note_title;
create index concurrently note_title on app.note (tenant_id, title); -- caught
