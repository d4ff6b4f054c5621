create policy mine on app.note for select to freehold_user using (true); -- caught
alter policy mine on app.note using (false); -- caught

create function platform.open_up() returns void language plpgsql set search_path = '' as $$
begin
  execute 'create policy everyone on app.note to freehold_user using (true)'; -- caught
end
$$;
comment on function platform.open_up() is 'Never.';
