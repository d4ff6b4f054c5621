-- What the worker's login needs of the schema that graphile-worker makes. Run by db/migrate.ts as freehold_owner after
-- graphile-worker's own migrations; idempotent.
grant usage on schema graphile_worker to freehold_worker;
grant select, insert, update, delete on all tables in schema graphile_worker to freehold_worker;
grant usage on all sequences in schema graphile_worker to freehold_worker;
grant execute on all functions in schema graphile_worker to freehold_worker;

-- graphile-worker enables row-level security on its tables and writes no policy: only their owner could work.
do $$
declare
  name text;
begin
  for name in
    select c.relname
    from pg_catalog.pg_class c
    where c.relnamespace = 'graphile_worker'::pg_catalog.regnamespace
      and c.relkind = 'r'
      and c.relrowsecurity
      and not exists (select from pg_catalog.pg_policy p where p.polrelid = c.oid and p.polname = 'worker')
  loop
    execute pg_catalog.format(
      'create policy worker on graphile_worker.%I to freehold_worker using (true) with check (true)', name
    );
  end loop;
end
$$;

-- Server and worker compare at boot what has been migrated with what they were built for.
grant usage on schema graphile_migrate to freehold_app, freehold_worker;
grant select on graphile_migrate.migrations to freehold_app, freehold_worker;
