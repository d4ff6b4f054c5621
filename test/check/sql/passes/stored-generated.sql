--! Message: computed

alter table app.note add column double integer generated always as (number * 2);
alter table app.note add column triple integer generated always as (number * 3) virtual;
alter table app.note alter column length set expression as (number * 3);
