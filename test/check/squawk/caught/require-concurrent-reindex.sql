reindex table app.note; -- caught
reindex index app.note_number; -- caught
