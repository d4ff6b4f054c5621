--! Message: a declared table

create table app.label (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  primary key (tenant_id, id)
);
comment on table app.label is 'A label.';
--!include label/label.sql
