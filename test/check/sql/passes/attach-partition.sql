--! Message: a new partition

create table app.happening_new (like app.happening including all);
comment on table app.happening_new is 'Happenings of 2027.';
alter table app.happening attach partition app.happening_new for values from ('10000000-0000-0000-0000-000000000000') to ('20000000-0000-0000-0000-000000000000');
alter index app.happening_number attach partition app.happening_new_number;
