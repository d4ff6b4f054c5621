--! Message: copies

cluster app.note using note_number; -- caught
vacuum full app.note; -- caught
vacuum (full, analyze) app.note; -- caught
alter table app.note set unlogged; -- caught
alter table app.note set tablespace fast; -- caught
