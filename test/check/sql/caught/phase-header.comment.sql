--! Message: drop a note's body
-- phase: contract -- caught

select 1;
