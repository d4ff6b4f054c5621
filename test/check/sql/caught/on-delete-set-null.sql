create table app.note (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid,
  primary key (tenant_id, id),
  foreign key (tenant_id, project_id) references app.project on delete set null -- caught
);
comment on table app.note is 'A note.';
alter table app.note
  add constraint note_owner foreign key (tenant_id, owner_id) references app.membership on update set default; -- caught
