alter table app.note alter column title drop default;
