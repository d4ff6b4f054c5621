-- How an endpoint does: what its owner looks at first.

do $$
begin
  if to_regtype('app.webhook_endpoint_performance') is null then
    create type app.webhook_endpoint_performance as (
      attempts integer, succeeded integer, success_rate double precision, latency_p50_ms integer, latency_p95_ms integer,
      backlog integer, failed integer, failing_since timestamptz, resumes_at timestamptz);
  end if;
end
$$;
comment on type app.webhook_endpoint_performance is 'How an endpoint does. Attempts are those of the hours asked for, and at most the last 10,000.';
comment on column app.webhook_endpoint_performance.attempts is 'Attempts made.';
comment on column app.webhook_endpoint_performance.succeeded is 'Attempts that the receiver accepted.';
comment on column app.webhook_endpoint_performance.success_rate is 'Share of attempts that it accepted, 0 to 1; null without attempts.';
comment on column app.webhook_endpoint_performance.latency_p50_ms is 'Half of the attempts took no longer.';
comment on column app.webhook_endpoint_performance.latency_p95_ms is '95 of 100 attempts took no longer.';
comment on column app.webhook_endpoint_performance.backlog is 'Deliveries that wait for their first or next attempt; counted up to 100,000.';
comment on column app.webhook_endpoint_performance.failed is 'Deliveries that were given up, of all that are in sight; counted up to 100,000.';
comment on column app.webhook_endpoint_performance.failing_since is 'Since when nothing but failures came of it; null while it does well.';
comment on column app.webhook_endpoint_performance.resumes_at is 'When it is tried again, if it failed so often that its deliveries are held back.';

create or replace function app.webhook_endpoint_statistics(endpoint app.webhook_endpoint, hours integer default 24)
returns app.webhook_endpoint_performance
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  tenant uuid := platform.tenant_id();
  told app.webhook_endpoint_performance;
begin
  perform platform.require('delivery:read');
  select count(*), count(*) filter (where a.succeeded), (count(*) filter (where a.succeeded))::double precision / nullif(count(*), 0),
    percentile_disc(0.5) within group (order by a.latency_ms), percentile_disc(0.95) within group (order by a.latency_ms)
  into told.attempts, told.succeeded, told.success_rate, told.latency_p50_ms, told.latency_p95_ms
  from (
    select t.succeeded, t.latency_ms
    from app.delivery_attempt t
    where t.tenant_id = tenant
      and t.endpoint_id = endpoint.id
      and t.id >= platform.uuidv7_floor(statement_timestamp() - make_interval(hours => least(greatest(hours, 1), 8760)))
    order by t.id desc
    limit 10000
  ) a;
  told.backlog := (select count(*) from (
    select from app.delivery d where d.tenant_id = tenant and d.status = 'pending' and d.endpoint_id = endpoint.id limit 100000) p);
  told.failed := (select count(*) from (
    select from app.delivery d
    where d.tenant_id = tenant and d.status = 'failed' and d.endpoint_id = endpoint.id and d.id >= platform.retention_floor()
    limit 100000) f);
  select h.failing_since, h.resumes_at
  into told.failing_since, told.resumes_at
  from platform.endpoint_health(endpoint.id) h;
  return told;
end
$$;
comment on function app.webhook_endpoint_statistics(app.webhook_endpoint, integer) is
  'How the endpoint does, over the last hours (1 to 8,760; 24 when not given). Permission: delivery:read.';
grant execute on function app.webhook_endpoint_statistics(app.webhook_endpoint, integer) to freehold_user;
