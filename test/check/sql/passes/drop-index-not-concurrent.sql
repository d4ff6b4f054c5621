--! Message: an index less

--! no-transaction
drop index concurrently if exists app.note_number;
