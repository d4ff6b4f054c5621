--! Message: lock

lock table app.note in row exclusive mode;
