-- The audit trail in rows that people read: who did what, when, to what; and rows as CSV.

create or replace function app.audit_rows(since timestamptz)
returns setof jsonb
language sql
stable
security definer
set search_path = ''
begin atomic
  select jsonb_build_object(
    'occurred_at', e.occurred_at, 'type', e.type, 'entity', e.entity, 'entity_id', e.entity_id, 'entity_version', e.entity_version,
    'actor_type', e.actor_type, 'actor_id', e.actor_id, 'actor_name', coalesce(m.name, k.name), 'actor_email', m.email,
    'impersonator_email', i.email, 'impersonator_reason', i.reason, 'request_id', e.request_id, 'id', e.id, 'data', e.data, 'previous', e.previous)
  from app.event e
  left join app.membership m on m.tenant_id = e.tenant_id and m.id = e.actor_id
  left join app.api_key k on k.tenant_id = e.tenant_id and k.id = e.actor_id
  left join app.impersonation i on i.tenant_id = e.tenant_id and i.id = e.impersonator_id
  where e.tenant_id = platform.tenant_id()
    and exists (select from platform.verified_context)
    and (since is null or e.id >= platform.uuidv7_floor(since))
  order by e.id;
end;
comment on function app.audit_rows(timestamptz) is E'@behavior -*\nThe events of the tenant with the names of who did it, and of support who acted as them. Inside the tenant.';

create or replace function platform.csv_value(value jsonb)
returns text
language sql
stable
set search_path = ''
begin atomic
  with plain as (
    select case jsonb_typeof(value)
      when 'null' then ''
      -- a spreadsheet takes what begins so for a formula (OWASP, CSV injection)
      when 'string' then regexp_replace(value #>> '{}', '^([=+@\t\r-])', '''\1')
      else value::text
    end as text
  )
  -- RFC 4180, section 2
  select case when p.text ~ '[",\r\n]' then '"' || replace(p.text, '"', '""') || '"' else p.text end
  from plain p;
end;
comment on function platform.csv_value(jsonb) is 'A value as a field of CSV (RFC 4180); a text that a spreadsheet would run is given a quote.';

create or replace function app.report_lines(report app.report)
returns setof text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  line text;
  keys text[];
begin
  if report.format = 'ndjson' then
    return query select r from app.report_rows(report) r;
    return;
  end if;
  for line in select r from app.report_rows(report) r loop
    if keys is null then
      keys := case report.kind
        when 'audit' then '{occurred_at,type,entity,entity_id,entity_version,actor_type,actor_id,actor_name,actor_email,impersonator_email,impersonator_reason,request_id,id,data,previous}'
        else array(select k from jsonb_object_keys(line::jsonb) k order by k)
      end;
      return next array_to_string(keys, ',');
    end if;
    return next (
      select string_agg(platform.csv_value(coalesce(line::jsonb -> k, 'null')), ',' order by n)
      from unnest(keys) with ordinality u (k, n));
  end loop;
end
$$;
comment on function app.report_lines(app.report) is E'@behavior -*\nThe lines of a report in its format: JSON objects, or CSV with a header.';
