--! Message: computed

alter table app.note add column double integer generated always as (number * 2) stored; -- caught
alter table app.note alter column size set expression as (number * 3); -- caught
