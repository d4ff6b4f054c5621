--! Message: fill

update app.note set body = ''; -- caught
update app.note set body = '' where body is null; -- caught
delete from app.note where number = 5; -- caught
update app.note set body = '' where id = '01900000-0000-7000-8000-000000000000'; -- caught
insert into platform.setting (key, value) select n.id::text, n.body from app.note n; -- caught
with gone as (delete from app.note returning id) select g.id from gone g; -- caught
update app.note n set body = (select p.name from app.project p where p.id = n.id limit 1); -- caught
insert into platform.setting (key, value) select n.id::text, (select p.name from app.project p limit 1) from app.note n; -- caught
do $$
begin
  update app.project set name = ''; -- caught
  execute 'delete from app.project where ' || 'name is null'; -- caught
end
$$;
