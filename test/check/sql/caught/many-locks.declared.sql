--! Message: declared anew

--!include label/rest.sql
select 1; -- caught line -1
