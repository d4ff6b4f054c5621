-- What the worker keeps in order, without owning anything.

grant select, insert, update, delete on platform.worker_process to freehold_worker;

create or replace function platform.make_all_partitions()
returns setof text
language plpgsql
volatile
security definer
set search_path = ''
-- A new partition locks its parent for a moment: better to fail and come back than to have every writer wait behind us.
set lock_timeout = '2s'
as $$
declare
  parent regclass;
begin
  for parent in
    select c.oid
    from pg_catalog.pg_class c
    join platform.entity e on e.relation = c.oid::regclass::text
    where c.relkind = 'p'
    order by c.relname
  loop
    return query select platform.make_partitions(parent);
  end loop;
end
$$;
comment on function platform.make_all_partitions() is
  'Makes the partitions of this and the next three months for every declared table that has partitions. Takes no argument, so that it can be the worker''s.';
grant execute on function platform.make_all_partitions() to freehold_worker;
