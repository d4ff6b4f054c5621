truncate app.note cascade; -- caught
