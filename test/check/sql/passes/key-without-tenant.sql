create table app.note (
  tenant_id uuid not null,
  id uuid not null,
  slug text not null,
  starts date not null,
  primary key (tenant_id, id),
  unique (tenant_id, slug),
  exclude using gist (tenant_id with =, starts with =)
);
comment on table app.note is 'A note.';

create index note_starts on app.note (tenant_id, starts);
alter table app.note add constraint note_slug unique using index note_slug_built;
-- lint: allow key-without-tenant: the dispatcher looks for due rows of all tenants; its role alone may
create index delivery_due on app.delivery (next_attempt_at) where status = 'pending';
create unique index person_subject on identity.person (issuer, subject);
