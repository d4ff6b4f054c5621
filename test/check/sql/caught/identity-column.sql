--! Message: numbered

alter table platform.queue add column number bigint generated always as identity; -- caught
alter table platform.queue add column other bigserial; -- caught
