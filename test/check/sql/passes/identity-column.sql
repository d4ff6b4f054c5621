--! Message: numbered

create sequence platform.queue_number;
alter table platform.queue add column number bigint;
alter table platform.queue alter column number set default nextval('platform.queue_number');
