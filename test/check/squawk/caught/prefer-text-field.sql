create table platform.land (
  name varchar(200) not null -- caught
);
