--! Message: keys

alter table app.note add constraint note_title_key unique (tenant_id, title); -- caught
alter table platform.queue add primary key (id); -- caught
alter table platform.queue add column code text unique; -- caught
alter table platform.queue add exclude using btree (id with =); -- caught
