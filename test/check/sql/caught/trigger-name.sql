create trigger note_guard before update on app.note for each row execute function app.guard(); -- caught
create trigger _10_guard before update on app.note for each row execute function app.guard(); -- caught
