truncate app.note; -- caught
create function app.clear() returns void language plpgsql set search_path = '' as $$
begin
  truncate app.note; -- caught
end
$$;
comment on function app.clear() is 'Truncates.';
