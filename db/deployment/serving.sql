-- Which code serves this database: what a migration that breaks older code must know, and what tells older code that it may serve no longer.
--
-- A process of server or worker reports here every 15 s (db/serving.ts), and is taken for dead when it was silent for a minute. A migration of the
-- phase contract first writes platform.deployment.oldest_code and then looks who serves (db/contract-phase.ts); a process first reports and then reads
-- oldest_code. So of the two one sees the other, whichever came first.

grant select, insert, update, delete on platform.serving_process to freehold_janitor;
grant select on platform.deployment to freehold_janitor;

select platform.execute_as('freehold_janitor', $sql$
create or replace function platform.report_serving(process uuid, kind text, version text, migration text, host text)
returns text
language plpgsql
volatile
security definer
set search_path = ''
as $report$
begin
  insert into platform.serving_process as p (id, kind, version, migration, host)
  values (report_serving.process, report_serving.kind, report_serving.version, report_serving.migration, report_serving.host)
  on conflict (id) do update set beat_at = clock_timestamp();
  delete from platform.serving_process p where p.beat_at < clock_timestamp() - interval '1 day';
  return (select d.oldest_code from platform.deployment d);
end
$report$;
comment on function platform.report_serving(uuid, text, text, text, text) is
  'Says that a process of this code serves. Returns the migration that code must know to serve, or null.';
grant execute on function platform.report_serving(uuid, text, text, text, text) to freehold_app, freehold_worker;

create or replace function platform.end_serving(process uuid)
returns void
language sql
volatile
security definer
set search_path = ''
begin atomic
  delete from platform.serving_process p where p.id = end_serving.process;
end;
comment on function platform.end_serving(uuid) is 'Says that a process serves no longer.';
grant execute on function platform.end_serving(uuid) to freehold_app, freehold_worker;
$sql$);

create or replace function platform.serving_processes(silence interval default '1 minute')
returns setof platform.serving_process
language sql
stable
set search_path = ''
begin atomic
  select p.*
  from platform.serving_process p
  where p.beat_at > clock_timestamp() - serving_processes.silence
  order by p.kind, p.started_at;
end;
comment on function platform.serving_processes(interval) is 'Processes of server and worker that were heard of within the time given.';
