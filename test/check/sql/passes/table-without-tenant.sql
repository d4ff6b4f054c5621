create table app.note (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  primary key (tenant_id, id)
);
comment on table app.note is 'A note.';

create table app.note_status (
  value text primary key,
  description text not null
);
comment on table app.note_status is E'@enum\nStates of a note.';

create table catalog.country (
  code text primary key
);
comment on table catalog.country is 'Global, so not in app.';

create table app.event_2026 partition of app.event for values from ('a') to ('b');
