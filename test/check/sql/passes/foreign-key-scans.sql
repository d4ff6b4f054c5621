--! Message: keys

alter table platform.queue add column plan text references catalog.plan;
alter table platform.queue add constraint queue_next foreign key (next) references catalog.plan not valid;
