--! Message: a colour, and a setting

alter table app.note add column colour text;
insert into platform.setting (key, value) values ('colours', 'on');
update platform.setting set value = 'off' where key = 'shades';
create table platform.copy (id uuid not null);
comment on table platform.copy is 'Copies.';
insert into platform.copy (id) values (uuidv7());
