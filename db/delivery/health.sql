-- The health of endpoints: the breaker, the warning, and the end.

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.follow_health(told json)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $health$
begin
  insert into platform.endpoint_flow (tenant_id, endpoint_id)
  select t.tenant_id, t.endpoint_id
  from json_to_recordset(told) t (tenant_id uuid, endpoint_id uuid)
  order by 1, 2
  on conflict do nothing;
  perform
  from platform.endpoint_flow f
  where (f.tenant_id, f.endpoint_id) in (select t.tenant_id, t.endpoint_id from json_to_recordset(told) t (tenant_id uuid, endpoint_id uuid))
  order by f.tenant_id, f.endpoint_id
  for update;

  update platform.endpoint_flow f
  set failures = case when t.well then 0 else f.failures + t.failures end,
    failing_since = case when not t.well then coalesce(f.failing_since, t.first_at) end,
    last_failure_at = case when not t.well then t.last_at end,
    warned_at = case when not t.well then f.warned_at end,
    gone = f.gone or t.gone,
    -- Ten in a row open the breaker; each probe that fails doubles the time until the next, from 10 s to 5 min.
    trips = case
      when t.well then 0
      when f.failures + t.failures >= 10 and f.not_before <= statement_timestamp() then f.trips + 1
      else f.trips
    end,
    laned = f.laned or f.failures + t.failures >= 10,
    not_before = case
      when t.failures = 0 and f.trips > 0 then statement_timestamp()
      else greatest(f.not_before,
        -- the failed one holds up those after it
        case when w.ordered and t.failures > 0 then t.next_attempt_at end,
        case when not t.well and f.failures + t.failures >= 10 and f.not_before <= statement_timestamp()
          then statement_timestamp() + least(interval '10 s' * power(2, least(f.trips, 10)), interval '5 min') * (0.8 + 0.4 * random())
        end)
    end
  from json_to_recordset(told) t (
    tenant_id uuid, endpoint_id uuid, well boolean, failures integer, first_at timestamptz, last_at timestamptz, gone boolean, next_attempt_at timestamptz)
  join app.webhook_endpoint w on w.tenant_id = t.tenant_id and w.id = t.endpoint_id
  where f.tenant_id = t.tenant_id
    and f.endpoint_id = t.endpoint_id;
end
$health$;
comment on function platform.follow_health(json) is
  'Counts failures of endpoints, and opens and closes their breakers. For platform.finish_deliveries, which says what came of a batch, by endpoint:
[{tenant_id, endpoint_id, well, failures, first_at, last_at, gone, next_attempt_at}]. well: something was accepted.';

create or replace function platform.failing_endpoints(disable_after interval default '5 days', least_failures integer default 10)
returns table (tenant_id uuid, endpoint_id uuid, verdict text, failing_since timestamptz, disables_at timestamptz)
language sql
stable
security definer
set search_path = ''
begin atomic
  select f.tenant_id, f.endpoint_id,
    case
      when f.gone then 'gone'
      when f.last_failure_at - f.failing_since >= disable_after and f.failures >= least_failures then 'failing'
      else 'warning'
    end,
    f.failing_since,
    f.failing_since + disable_after
  from platform.endpoint_flow f
  join app.webhook_endpoint w on w.tenant_id = f.tenant_id and w.id = f.endpoint_id
  where f.failing_since is not null
    and w.status = 'enabled'
    and (f.gone
      or (f.last_failure_at - f.failing_since >= disable_after and f.failures >= least_failures)
      or (f.warned_at is null and f.last_failure_at - f.failing_since >= disable_after / 2 and f.failures >= least_failures / 2));
end;
comment on function platform.failing_endpoints(interval, integer) is
  'Enabled endpoints of which something must be said: gone (answered 410), failing (nothing but failures for so long, and so many at least), or warning (for half of it).';
grant execute on function platform.failing_endpoints(interval, integer) to freehold_worker;

create or replace function platform.mark_warned(endpoint uuid)
returns boolean
language sql
volatile
security definer
set search_path = ''
begin atomic
  with marked as (
    update platform.endpoint_flow f
    set warned_at = statement_timestamp()
    from platform.verified_context v
    where f.tenant_id = v.tenant_id
      and f.endpoint_id = endpoint
      and f.failing_since is not null
      and f.warned_at is null
    returning 1
  )
  select exists (select from marked);
end;
comment on function platform.mark_warned(uuid) is 'Whether its owner is to be warned now: true once while it fails.';
grant execute on function platform.mark_warned(uuid) to freehold_owner;

create or replace function platform.endpoint_health(endpoint uuid)
returns table (failing_since timestamptz, resumes_at timestamptz)
language sql
stable
security definer
set search_path = ''
begin atomic
  select f.failing_since, case when f.trips > 0 then f.not_before end
  from platform.endpoint_flow f
  join platform.verified_context v on v.tenant_id = f.tenant_id
  where f.endpoint_id = endpoint;
end;
comment on function platform.endpoint_health(uuid) is 'What the delivery machinery knows of an endpoint of the tenant of the verified context.';
grant execute on function platform.endpoint_health(uuid) to freehold_owner;
$sql$);
