--! Message: concurrently

--! no-transaction
do $$
begin
  execute 'create index concurrently note_title on app.note (tenant_id, title)'; -- caught
end
$$;
