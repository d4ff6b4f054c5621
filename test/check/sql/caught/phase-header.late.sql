--! Message: drop a note's body

--! Phase: contract -- caught
select 1;
