-- How a report comes to be: started, filled chunk by chunk, finished. The worker calls these as the system, in the tenant.

create or replace function app.lock_report(id uuid, verb text, states text[])
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  locked app.report;
begin
  perform platform.require('report:' || verb);
  select r.*
  into locked
  from app.report r
  where r.tenant_id = platform.tenant_id()
    and r.id = lock_report.id
  for no key update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such report', detail = format('report %s', id);
  end if;
  if locked.status <> all (states) then
    perform platform.raise_illegal_transition('report', locked.id, locked.status, verb);
  end if;
  return locked;
end
$$;
comment on function app.lock_report(uuid, text, text[]) is 'The report, locked, after its permission and state were checked.';

create or replace function app.start_report(id uuid)
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  started app.report := app.lock_report(id, 'start', '{requested,running,exported,failed,expired}');
begin
  -- the task may come twice: what was made is not begun again
  if started.status not in ('requested', 'running') then
    return null;
  end if;
  -- a report left running by a worker that died begins anew
  delete from app.report_chunk c
  where c.tenant_id = started.tenant_id
    and c.report_id = started.id;
  update app.report r
  set status = 'running'
  where r.tenant_id = started.tenant_id
    and r.id = started.id
  returning * into started;
  return started;
end
$$;
comment on function app.start_report(uuid) is E'@behavior -mutationField\nTakes a report up; null when it is no longer wanted. For the system.';
grant execute on function app.start_report(uuid) to freehold_user;

create or replace function app.report_rows(report app.report)
returns setof text
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require('report:start');
  case report.kind
    when 'events' then
      -- how many transactions the whole cluster makes is no tenant's business
      return query select (to_jsonb(e) - 'xid')::text from app.event e
        where e.tenant_id = platform.tenant_id() and (report.since is null or e.id >= platform.uuidv7_floor(report.since))
        order by e.id;
    when 'audit' then
      return query select a::text from app.audit_rows(report.since) a;
    when 'invoices' then
      return query select (to_jsonb(i) || jsonb_build_object('lines', (
          select jsonb_agg(to_jsonb(l) order by l.id) from app.invoice_line l where l.tenant_id = i.tenant_id and l.invoice_id = i.id)))::text
        from app.invoice i
        where i.tenant_id = platform.tenant_id() and (report.since is null or i.created_at >= report.since)
        order by i.id;
    when 'members' then
      return query select to_jsonb(m)::text from app.membership m
        where m.tenant_id = platform.tenant_id() and (report.since is null or m.created_at >= report.since)
        order by m.id;
    else
      return query select to_jsonb(u)::text from app.feature_usage_by_day u
        where report.since is null or u.day >= (report.since at time zone 'UTC')::date
        order by u.day, u.feature;
  end case;
end
$$;
comment on function app.report_rows(app.report) is 'The rows of a report, one JSON object each.';

create or replace function app.finish_report(id uuid)
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  running app.report := app.lock_report(finish_report.id, 'finish', '{running}');
begin
  with lines as materialized (
    select l.line, l.n
    from app.report_lines(running) with ordinality l (line, n)
  ),
  stored as (
    insert into app.report_chunk (report_id, position, content)
    select running.id, (n - 1) / 1000, string_agg(line || E'\n', '' order by n)
    from lines
    group by (n - 1) / 1000
    returning octet_length(content) as bytes
  )
  update app.report
  set status = 'exported',
    expires_at = statement_timestamp() + interval '7 days',
    -- the header is no row
    row_count = greatest(0, (select count(*) from lines) - case running.format when 'csv' then 1 else 0 end),
    byte_count = (select coalesce(sum(bytes), 0) from stored)
  where tenant_id = running.tenant_id
    and id = running.id
  returning * into running;
  return running;
end
$$;
comment on function app.finish_report(uuid) is
  E'@behavior -mutationField\nFills a running report from one snapshot, 1,000 rows a chunk, and makes it downloadable for 7 days. For the system. Event: report.exported.';
grant execute on function app.finish_report(uuid) to freehold_user;

create or replace function app.fail_report(id uuid, error text)
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  failed app.report := app.lock_report(id, 'fail', '{requested,running}');
begin
  update app.report r
  set status = 'failed',
    error = left(fail_report.error, 1000)
  where r.tenant_id = failed.tenant_id
    and r.id = failed.id
  returning * into failed;
  return failed;
end
$$;
comment on function app.fail_report(uuid, text) is E'@behavior -mutationField\nGives a report up, with the reason. For the system. Event: report.failed.';
grant execute on function app.fail_report(uuid, text) to freehold_user;

create or replace function app.expire_report(id uuid)
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  expired app.report := app.lock_report(id, 'expire', '{exported}');
begin
  delete from app.report_chunk c
  where c.tenant_id = expired.tenant_id
    and c.report_id = expired.id;
  update app.report r
  set status = 'expired'
  where r.tenant_id = expired.tenant_id
    and r.id = expired.id
  returning * into expired;
  return expired;
end
$$;
comment on function app.expire_report(uuid) is E'@behavior -mutationField\nForgets the content of a report. For the system. Event: report.expired.';
grant execute on function app.expire_report(uuid) to freehold_user;

select platform.declare_event('report.downloaded', 'report', 'Somebody began to download a report.', '{
  "title": "report_download",
  "description": "The report that was downloaded, in short.",
  "type": "object",
  "properties": {
    "id": {"type": "string", "format": "uuid", "description": "Identifier of the report."},
    "kind": {"type": "string", "description": "events, invoices, members or usage.", "examples": ["invoices"]},
    "row_count": {"type": "integer", "description": "Rows in the export."},
    "byte_count": {"type": "integer", "description": "Size of the export."}
  },
  "required": ["id", "kind", "row_count", "byte_count"]
}');

create or replace function app.report_content(id uuid, after_position integer default -1)
returns table ("position" integer, content text, format text)
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  wanted app.report;
begin
  perform platform.require('report:read');
  select r.*
  into wanted
  from app.report r
  where r.tenant_id = platform.tenant_id()
    and r.id = report_content.id
    and r.status = 'exported';
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such report to download', detail = format('report %s', id);
  end if;
  if after_position = -1 then
    perform platform.record_event('report.downloaded', 'report', wanted.id, jsonb_build_object(
      'id', wanted.id, 'kind', wanted.kind, 'row_count', wanted.row_count, 'byte_count', wanted.byte_count));
  end if;
  return query
    select c.position, c.content, wanted.format
    from app.report_chunk c
    where c.tenant_id = platform.tenant_id()
      and c.report_id = report_content.id
      and c.position > after_position
    order by c.position
    limit 10;
end
$$;
comment on function app.report_content(uuid, integer) is
  E'@behavior -mutationField\nThe next ten chunks of an exported report, for the download. Permission: report:read. Event, at the first: report.downloaded.';
grant execute on function app.report_content(uuid, integer) to freehold_user;
