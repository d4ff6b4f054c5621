create table app.note (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid references app.project (id), -- caught
  author_id uuid,
  primary key (tenant_id, id),
  foreign key (author_id) references app.membership (id) -- caught
);
comment on table app.note is 'A note.';
alter table app.note add constraint note_project foreign key (project_id) references app.project (id); -- caught
