create table platform.land (
  code text not null check (length(code) = 2)
);
