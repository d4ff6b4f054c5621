--! Message: references

alter table app.note add column reference uuid not null default uuidv7(); -- caught
alter table app.note add column seen_at timestamptz default clock_timestamp(); -- caught
alter table only app.note
  add column colour text,
  add column chance text default (random() * 10)::text; -- caught line -2
alter table app.note add column code text default platform.code(); -- caught
create function platform.code() returns text language sql set search_path = '' as 'select ''a''';
comment on function platform.code() is 'Volatile, for nothing else is said.';
