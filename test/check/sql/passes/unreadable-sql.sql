--! Message: readable

do $$
begin
  execute 'select 1';
  execute format('comment on table app.note is %L', 'Notes of ' || current_user);
end
$$;
