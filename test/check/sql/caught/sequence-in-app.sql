create sequence app.note_number; -- caught
create table app.note (
  tenant_id uuid not null,
  id bigint generated always as identity, -- caught
  number serial, -- caught
  primary key (tenant_id, id)
);
comment on table app.note is 'A note.';
