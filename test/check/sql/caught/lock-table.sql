--! Message: lock

lock table app.note; -- caught
lock app.project in share row exclusive mode; -- caught
do $$
begin
  lock table app.note in exclusive mode; -- caught
end
$$;
