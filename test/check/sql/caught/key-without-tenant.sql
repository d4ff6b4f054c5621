create table app.note (
  tenant_id uuid not null,
  id uuid primary key, -- caught
  slug text unique, -- caught
  starts date not null,
  unique (slug, tenant_id), -- caught
  exclude using gist (starts with =) -- caught
);
comment on table app.note is 'A note.';

create index note_starts on app.note (starts); -- caught
create unique index note_lower on app.note (lower(slug)); -- caught
alter table app.note add constraint note_slug unique (slug); -- caught
