create function app.sync() returns void language plpgsql set search_path = '' as $$
begin
  insert into app.note (id) select d.id from app.draft d on conflict do nothing;
end
$$;
comment on function app.sync() is 'Upserts.';
