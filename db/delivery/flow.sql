-- Lanes. What is due goes straight into batches, except for an endpoint whose owner asked for order, a rate or a concurrency, or that is slow
-- or failing: then it waits in platform.lane_queue, and one batch at a time is taken out. So one dead receiver costs the others a row or two.

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.follow_endpoint()
returns trigger
language plpgsql
security definer
set search_path = ''
as $follow$
declare
  asks constant boolean := new.ordered or new.rate_limit is not null or new.concurrency is not null;
begin
  if tg_op = 'INSERT' then
    if asks then
      insert into platform.endpoint_flow (tenant_id, endpoint_id, asked, laned)
      values (new.tenant_id, new.id, true, true);
    end if;
    return null;
  end if;
  insert into platform.endpoint_flow as f (tenant_id, endpoint_id, asked, laned)
  select new.tenant_id, new.id, asks, asks
  where asks
  on conflict (tenant_id, endpoint_id) do update
    set asked = true,
      laned = true;
  -- With another status or another address it begins anew: what waits is given out at once, to be sent or to be given up.
  update platform.endpoint_flow f
  set asked = asks,
    not_before = '-infinity',
    failures = 0,
    failing_since = null,
    last_failure_at = null,
    warned_at = null,
    gone = false,
    trips = 0,
    waiting = f.laned
  where f.tenant_id = new.tenant_id
    and f.endpoint_id = new.id
    and ((new.status, new.url, new.ordered, new.rate_limit, new.concurrency)
      is distinct from (old.status, old.url, old.ordered, old.rate_limit, old.concurrency));
  if found then
    perform platform.wake_dispatcher();
  end if;
  return null;
end
$follow$;
comment on function platform.follow_endpoint() is 'Trigger: what an owner asks of an endpoint, or a change of its status, decides how its deliveries flow.';
grant execute on function platform.follow_endpoint() to freehold_owner;

create or replace function platform.to_lane(tenants uuid[], endpoints uuid[], deliveries uuid[], attempts integer[])
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $lane$
begin
  -- in one order, here and wherever several are locked
  perform
  from platform.endpoint_flow f
  where (f.tenant_id, f.endpoint_id) in (select * from unnest(tenants, endpoints))
  order by f.tenant_id, f.endpoint_id
  for update;
  insert into platform.endpoint_flow as f (tenant_id, endpoint_id, laned, waiting)
  select distinct u.tenant_id, u.endpoint_id, true, true
  from unnest(tenants, endpoints) u (tenant_id, endpoint_id)
  order by 1, 2
  on conflict (tenant_id, endpoint_id) do update
    set laned = true,
      waiting = true
    where not (f.laned and f.waiting);
  insert into platform.lane_queue (tenant_id, endpoint_id, delivery_id, attempt)
  select *
  from unnest(tenants, endpoints, deliveries, attempts)
  on conflict do nothing;
end
$lane$;
comment on function platform.to_lane(uuid[], uuid[], uuid[], integer[]) is 'Puts deliveries into the lanes of their endpoints, which are made where they are missing.';

create or replace function platform.isolate_endpoints(tenants uuid[], endpoints uuid[])
returns void
language sql
volatile
security definer
set search_path = ''
begin atomic
  insert into platform.endpoint_flow as f (tenant_id, endpoint_id, laned)
  select distinct u.tenant_id, u.endpoint_id, true
  from unnest(tenants, endpoints) u (tenant_id, endpoint_id)
  order by 1, 2
  on conflict (tenant_id, endpoint_id) do update
    set laned = true
    where not f.laned;
end;
comment on function platform.isolate_endpoints(uuid[], uuid[]) is
  'These endpoints keep a worker waiting at this moment: what comes for them goes through a lane, until they are quick again.';
grant execute on function platform.isolate_endpoints(uuid[], uuid[]) to freehold_worker;

create or replace function platform.next_due(most interval default '1 second', in_flight integer default 200)
returns integer
language sql
volatile
security definer
set search_path = ''
begin atomic
  select case
    -- No room: the end of a batch makes some, and tells nobody.
    when (select count(*) from platform.delivery_batch) >= in_flight then 10
    else ceil(extract(epoch from greatest(interval '0', least(most,
      (select min(q.due_at) from platform.delivery_queue q) - clock_timestamp(),
      (select min(f.not_before)
       from platform.endpoint_flow f
       where f.laned
         and f.waiting
         -- what was due before was looked at: there was no place for it, and the end of a batch makes one
         and f.not_before > statement_timestamp() - interval '50 ms'
         and not exists (select from platform.delivery_batch b where b.id = f.batch_id)) - clock_timestamp()))) * 1000)::integer
    end;
end;
comment on function platform.next_due(interval, integer) is 'Milliseconds until something is due, at most that long; ten while so many batches are out.';
grant execute on function platform.next_due(interval, integer) to freehold_worker;
$sql$);

create or replace trigger _500_follow
  after insert or update on app.webhook_endpoint
  for each row execute function platform.follow_endpoint();
