create table platform.land (
  id bigint generated always as identity primary key
);
