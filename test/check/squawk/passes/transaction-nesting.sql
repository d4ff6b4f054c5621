savepoint before;
select 1;
release savepoint before;
