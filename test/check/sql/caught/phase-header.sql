--! Message: drop a note's body
--! Phase: contarct -- caught

select 1;
