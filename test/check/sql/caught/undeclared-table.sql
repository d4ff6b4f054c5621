--! Message: a table of its own

create table app.label ( -- caught
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  primary key (tenant_id, id)
);
alter table app.label enable row level security;
