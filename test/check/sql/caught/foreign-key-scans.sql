--! Message: keys

alter table app.note add constraint note_project foreign key (tenant_id, body) references app.project (tenant_id, id); -- caught
alter table platform.queue add column plan text default 'free' references catalog.plan; -- caught
