--! Message: wider types

alter table app.note alter column title type varchar(40);
alter table app.note alter column title type text using title::text;
alter table app.note alter column title type varchar;
alter table app.note alter column price type numeric(12, 2);
alter table app.note alter column price type numeric;
alter table app.note alter column read_at type timestamptz(6);
alter table app.note alter column read_at type timestamptz;
alter table app.note alter column place type inet;
alter table app.note alter "Odd Name" type text using "Odd Name";
alter table app.note alter column number type integer;
