--! Message: bodies

update app.note set body = '' where body is null; -- caught
do $$
begin
  delete from app.note n where n.id in (select o.id from app.note o where o.body is null limit 100); -- caught
end
$$;
