--! Message: in batches

--! no-transaction
do $$
begin
  loop
    update app.note
    set body = ''
    where (tenant_id, id) in (
      select n.tenant_id, n.id
      from app.note n
      where n.body is null
      limit 5000
      for update skip locked);
    exit when not found;
    commit;
  end loop;
end
$$;
