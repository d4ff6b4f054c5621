--! Message: in batches that are none

do $$
begin
  loop
    delete from app.note n where n.id in (select o.id from app.note o where o.body is null limit 100); -- caught
    exit when not found;
    commit;
  end loop;
end
$$;
