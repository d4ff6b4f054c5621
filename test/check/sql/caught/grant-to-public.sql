grant select on app.note to public; -- caught
grant usage on schema app to freehold_user, public; -- caught
alter default privileges in schema app grant execute on functions to public; -- caught

do $$
begin
  execute format('grant select on %I.%I to public', 'app', 'project'); -- caught
  execute 'alter default privileges in schema app grant execute on functions to public'; -- caught
end
$$;
