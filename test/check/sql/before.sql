-- What is there before the migrations of the fixtures run.
create table app.note_status (value text primary key, description text not null);
create table app.project (
  tenant_id uuid not null,
  id uuid not null default uuidv7(),
  name text not null,
  primary key (tenant_id, id)
);
create table app.note (
  tenant_id uuid not null,
  id uuid not null default uuidv7(),
  title varchar(20) not null,
  body text,
  number integer,
  price numeric(10, 2),
  labels text[],
  place cidr,
  read_at timestamptz(3),
  checked text,
  proven text,
  later text,
  half text,
  "Odd Name" varchar(10),
  length integer generated always as (number * 2),
  size integer generated always as (number * 2) stored,
  primary key (tenant_id, id),
  constraint note_proven check (proven is not null and proven <> '')
);
alter table app.note add constraint note_half check (half is not null) not valid;
alter table app.note add constraint note_later not null later not valid;
create index note_number on app.note (tenant_id, number);
create table app.happening (
  tenant_id uuid not null,
  id uuid not null,
  primary key (tenant_id, id)
) partition by range (id);
create table app.happening_old (like app.happening including all);
create index happening_number on app.happening (tenant_id, id);
create view app.shown with (security_invoker = true) as select n.id from app.note n;
create table catalog.plan (key text primary key, rank integer not null);
comment on table catalog.plan is E'@reference\nPlans.';
create table platform.setting (key text primary key, value text not null);
create table platform.queue (id bigint not null);
