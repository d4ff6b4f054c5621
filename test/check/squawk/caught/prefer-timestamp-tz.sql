create table platform.land (
  founded_at timestamp not null -- caught
);
