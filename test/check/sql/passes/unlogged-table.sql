create table platform.cache (key text primary key);
comment on table platform.cache is 'Stays.';
create temporary table work (key text primary key);
