create function platform.write_policies(entity text) returns void language plpgsql set search_path = '' as $$
begin
  execute format('create policy %I on %s using (true)', 'request_select', entity);
end
$$;
comment on function platform.write_policies(text) is 'The one place.';

drop policy if exists old_policy on app.note;
do $$
begin
  execute 'create policy worker on graphile_worker._private_jobs to freehold_worker using (true)';
end
$$;
