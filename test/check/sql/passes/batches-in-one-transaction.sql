--! Message: in batches

--! no-transaction
do $$
begin
  loop
    update platform.queue
    set plan = 'free'
    where id in (
      select n.id
      from platform.queue n
      where n.plan is null
      limit 5000
      for update skip locked);
    exit when not found;
    commit;
  end loop;
end
$$;
