create table app.note (
  tenant_id uuid not null,
  id uuid not null default uuidv7(),
  number integer not null,
  primary key (tenant_id, id),
  unique (tenant_id, number)
);
comment on table app.note is 'A note.';
create sequence platform.key_number;
