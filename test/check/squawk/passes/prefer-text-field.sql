create table platform.land (
  name text not null check (length(name) <= 200)
);
