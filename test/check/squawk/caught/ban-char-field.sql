create table platform.land (
  code char(2) not null -- caught
);
