--! Message: other types

alter table app.note alter column number type bigint; -- caught
alter table app.note alter column title type varchar(10); -- caught
alter table app.note alter column body set data type varchar(200); -- caught
alter table app.note alter column price type numeric(10, 3); -- caught
alter table app.note alter column read_at type timestamp; -- caught
alter table app.note alter column title type text using upper(title); -- caught
alter table app.note alter column title type text collate "C"; -- caught
alter table app.note alter column labels type varchar(5)[]; -- caught
alter table app.note alter column unheard_of type text; -- caught
alter table app.note alter "Odd Name" type integer using "Odd Name"::integer; -- caught
