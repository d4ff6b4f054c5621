create function app.sync() returns void language plpgsql set search_path = '' as $$
begin
  merge into app.note n using app.draft d on n.id = d.id when matched then delete; -- caught
end
$$;
comment on function app.sync() is 'Merges.';
