alter table app.note alter column title drop not null; -- caught
