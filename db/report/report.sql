-- Reports: exports that the worker makes, kept for a week.

comment on table app.report is 'An export of the tenant''s data as newline-delimited JSON or CSV, made by the worker.';
comment on column app.report.kind is E'@example invoices\nevents, audit (events with the names of who did it), invoices, members or usage.';
comment on column app.report.format is E'@example csv\nndjson, one JSON object a line; or csv, with a header.';
comment on column app.report.since is 'Only what happened from then on; all when null.';
comment on column app.report.row_count is 'Rows in the export.';
comment on column app.report.byte_count is 'Size of the export.';
comment on column app.report.error is 'Why it failed.';
comment on column app.report.expires_at is 'Until when it can be downloaded.';

comment on table app.report_chunk is E'@behavior -*\nContent of a report, 1,000 rows a chunk; read through app.report_content.';
select platform.declare_record('app.report_chunk', permissions => '{}', hidden => '{content,report_id,position}');
select platform.declare_entity(
  'app.report',
  permissions => '{"read": "admin", "create": "admin", "start": [], "finish": [], "fail": [], "expire": []}',
  lifecycle => '{
    "initial": "requested",
    "transitions": {
      "start": {"from": ["requested", "running"], "to": "running", "event": "report.started", "handwritten": true},
      "finish": {"from": ["running"], "to": "exported", "event": "report.exported", "handwritten": true},
      "fail": {"from": ["requested", "running"], "to": "failed", "event": "report.failed", "handwritten": true},
      "expire": {"from": ["exported"], "to": "expired", "event": "report.expired", "handwritten": true}
    }
  }',
  events => '{"created": "report.requested", "descriptions": {
    "report.requested": "A report was asked for, and waits for the worker.",
    "report.started": "The worker began to make a report.",
    "report.exported": "A report is ready, and can be downloaded until expires_at.",
    "report.failed": "A report could not be made; error says why.",
    "report.expired": "The content of a report was deleted; it can no longer be downloaded."
  }}',
  creatable => '{kind,since,format}',
  due => '{"expire": {"column": "expires_at", "states": ["exported"]}}',
  tasks => '{"report.requested": "export_report"}'
);

create or replace function app.report_check_feature()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform platform.require_feature('reports');
  return new;
end
$$;
comment on function app.report_check_feature() is 'Trigger: reports are a feature of the plan.';
create or replace trigger _200_check_feature
  before insert on app.report
  for each row execute function app.report_check_feature();

-- each copies what it exports
create or replace trigger _800_check_count
  after insert on app.report
  for each row execute function platform.check_count('10', '{requested,running}');
