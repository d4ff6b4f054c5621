create table platform.land (
  founded_at timestamptz not null
);
