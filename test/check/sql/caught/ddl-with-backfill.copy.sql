--! Message: the new table locks the one that it refers to while it is filled from it

create table platform.copy (tenant_id uuid not null, id uuid not null, foreign key (tenant_id, id) references app.note);
comment on table platform.copy is 'Copies.';
insert into platform.copy (tenant_id, id) select n.tenant_id, n.id from app.note n; -- caught
create table platform.other as select n.id from app.note n; -- caught
comment on table platform.other is 'Other copies.';
