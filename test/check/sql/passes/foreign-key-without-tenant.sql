create table app.note (
  tenant_id uuid not null references app.tenant (tenant_id),
  id uuid not null,
  status text not null references app.note_status,
  person_id uuid references identity.person,
  project_id uuid,
  primary key (tenant_id, id),
  foreign key (tenant_id, project_id) references app.project
);
comment on table app.note is 'A note.';
alter table app.note add constraint note_author foreign key (tenant_id, author_id) references app.membership;
