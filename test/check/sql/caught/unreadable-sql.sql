--! Message: who knows

do $$
declare
  relation text;
begin
  execute relation; -- caught
  for relation in execute concat('select ', 1) loop -- caught
    null;
  end loop;
end
$$;
