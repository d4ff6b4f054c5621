create table app.note ( -- caught
  id uuid primary key, -- also: key-without-tenant
  body text not null
);
comment on table app.note is 'A note.';

create table app.label ( -- caught
  tenant_id uuid,
  id uuid not null
);
comment on table app.label is 'A tenant that may be null is none.';

create table app.tag ( -- caught
  tenant_id text not null,
  id uuid not null
);
comment on table app.tag is 'A tenant is a uuid.';
