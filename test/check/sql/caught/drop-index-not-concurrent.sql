--! Message: an index less

drop index app.note_number; -- caught
drop index if exists app.unheard_of; -- caught
