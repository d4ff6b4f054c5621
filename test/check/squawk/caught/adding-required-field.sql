alter table app.note add column colour text not null; -- caught
