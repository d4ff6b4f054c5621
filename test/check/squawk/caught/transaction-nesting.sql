begin; -- caught
select 1;
commit; -- caught
