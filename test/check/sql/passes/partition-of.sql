--! Message: a table with its first partition

create table platform.measure (id uuid not null) partition by range (id);
comment on table platform.measure is 'Measures.';
create table platform.measure_first partition of platform.measure default;
comment on table platform.measure_first is 'The first of them.';
