create table platform.land (
  id serial primary key -- caught
);
