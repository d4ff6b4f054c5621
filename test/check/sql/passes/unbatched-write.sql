--! Message: few rows

update platform.setting set value = 'on' where key = 'colours';
update platform.setting set value = 'on' where key in ('colours', 'shades');
delete from platform.setting where key = lower('SHADES') and value = 'off';
insert into platform.setting (key, value) values ('colours', 'on') on conflict (key) do nothing;
insert into platform.setting (key, value) select s.key, 'on' from unnest(array['a', 'b']) s (key);
update catalog.plan set rank = rank + 1;
insert into app.note_status (value, description) select v.value, v.value from (values ('open')) v (value);
create table platform.colour (key text primary key);
comment on table platform.colour is 'Colours.';
insert into platform.colour select n.body from app.note n;
update platform.colour set key = lower(key);
