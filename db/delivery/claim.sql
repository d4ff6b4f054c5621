-- The dispatcher's query. First attempts, retries and what a dead worker left are all the same to it.

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.claim_deliveries(
  most integer default 1000,
  batch_size integer default 100,
  lease interval default '30 seconds',
  in_flight integer default 200
)
returns table (identifier text, payload json, job_key text, max_attempts smallint)
language plpgsql
volatile
security definer
set search_path = ''
as $claim$
declare
  busy integer;
  due platform.delivery_queue[];
begin
  -- One dispatcher at a time: of two, the second could give out a later delivery of an ordered endpoint while the first still holds an
  -- earlier one. A round takes milliseconds.
  perform pg_advisory_xact_lock(7100041);

  -- What nobody holds any more: the worker died, or its job never ran.
  return query
    update platform.delivery_batch b
    set claim = b.claim + 1,
      expires_at = statement_timestamp() + lease
    where b.id = any (array(
      select e.id
      from platform.delivery_batch e
      where e.expires_at <= statement_timestamp()
      order by e.expires_at
      limit in_flight
      for update skip locked))
    returning 'deliver', json_build_object('batch', b.id, 'claim', b.claim), 'deliver:' || b.id, 3::smallint;

  -- No more than the workers can begin within a lease: a batch that waits longer would be given out twice.
  select count(*) into busy from platform.delivery_batch;
  if busy >= in_flight then
    return;
  end if;

  with taken as (
    delete from platform.delivery_queue q
    -- by place, not by key: a join lets the planner hash the whole queue
    where q.ctid = any (array(
      select d.ctid
      from platform.delivery_queue d
      where d.due_at <= statement_timestamp()
      order by d.due_at, d.delivery_id
      limit most
      for update skip locked))
    returning q.*
  )
  select array_agg(t::platform.delivery_queue) into due from taken t;

  perform platform.to_lane(array_agg(d.tenant_id), array_agg(d.endpoint_id), array_agg(d.delivery_id), array_agg(d.attempt))
  from unnest(due) d
  join platform.endpoint_flow f on f.tenant_id = d.tenant_id and f.endpoint_id = d.endpoint_id
  where f.laned
  having count(*) > 0;

  return query
    -- An endpoint with much to receive, or that failed before, has batches of its own: it keeps nobody else waiting. The
    -- rest share theirs, or a round over a thousand tenants would be a thousand jobs.
    with shared as (
      select d.*,
        case when d.attempt = 1 and count(*) over (partition by d.tenant_id, d.endpoint_id) < 10 then null else d.endpoint_id end as own
      from unnest(due) d
      where d.task is null
        and not exists (
          select from platform.endpoint_flow f where f.tenant_id = d.tenant_id and f.endpoint_id = d.endpoint_id and f.laned)
    ),
    numbered as (
      select s.*, (row_number() over (partition by s.own order by s.due_at, s.delivery_id) - 1) / batch_size as part
      from shared s
    ),
    batch as (
      insert into platform.delivery_batch (expires_at, tenant_ids, delivery_ids, attempts)
      select statement_timestamp() + lease,
        array_agg(n.tenant_id order by n.due_at, n.delivery_id),
        array_agg(n.delivery_id order by n.due_at, n.delivery_id),
        array_agg(n.attempt order by n.due_at, n.delivery_id)
      from numbered n
      group by n.own, n.part
      returning id, claim
    )
    select 'deliver', json_build_object('batch', b.id, 'claim', b.claim), 'deliver:' || b.id, 3::smallint
    from batch b
    union all
    -- From here the job holds an internal task: it is written in this transaction, and its key admits it once.
    select d.task, json_build_object('tenant', d.tenant_id, 'delivery', d.delivery_id), 'task:' || d.delivery_id, 10::smallint
    from unnest(due) d
    where d.task is not null;

  return query select * from platform.claim_lanes(batch_size, lease, greatest(in_flight / 20, 2));
end
$claim$;
comment on function platform.claim_deliveries(integer, integer, interval, integer) is
  'Takes at most that many due deliveries of all tenants under a lease, and returns the jobs to add for them in this same transaction.';
grant execute on function platform.claim_deliveries(integer, integer, interval, integer) to freehold_worker;

create or replace function platform.claim_lanes(batch_size integer, lease interval, most_unwell integer)
returns table (identifier text, payload json, job_key text, max_attempts smallint)
language plpgsql
volatile
security definer
set search_path = ''
as $lanes$
declare
  places integer;
begin
  if not exists (select from platform.endpoint_flow f where f.laned and f.waiting and f.not_before <= statement_timestamp()) then
    return;
  end if;

  -- A lane that has run empty waits no more. Who was in one for being slow or failing, and is well again, needs none.
  delete from platform.endpoint_flow f
  where f.laned and f.waiting and not f.asked and f.failures = 0
    and f.not_before <= statement_timestamp()
    and not exists (select from platform.lane_queue q where q.tenant_id = f.tenant_id and q.endpoint_id = f.endpoint_id)
    and not exists (select from platform.delivery_batch b where b.id = f.batch_id);
  update platform.endpoint_flow f
  set waiting = false
  where f.laned and f.waiting
    and f.not_before <= statement_timestamp()
    and not exists (select from platform.lane_queue q where q.tenant_id = f.tenant_id and q.endpoint_id = f.endpoint_id)
    and not exists (select from platform.delivery_batch b where b.id = f.batch_id);

  select greatest(0, most_unwell - count(distinct f.batch_id))
  into places
  from platform.endpoint_flow f
  join platform.delivery_batch b on b.id = f.batch_id
  where f.laned and (not f.asked or f.failures > 0);

  return query
    with ready as materialized (
      select f.tenant_id, f.endpoint_id,
        -- one that tripped the breaker is only probed; its probes share a batch with those of others
        f.trips > 0 and w.status = 'enabled' as probe,
        not f.asked or f.failures > 0 as unwell,
        w.ordered,
        case when w.ordered then 1 else coalesce(w.concurrency, 25) end as parallel,
        case
          when w.status <> 'enabled' then batch_size
          when f.trips > 0 then 1
          when w.rate_limit is not null then least(greatest(w.rate_limit / 10, 1), batch_size)
          else batch_size
        end as most,
        w.rate_limit
      from platform.endpoint_flow f
      join app.webhook_endpoint w on w.tenant_id = f.tenant_id and w.id = f.endpoint_id
      where f.laned
        and f.waiting
        and f.not_before <= statement_timestamp()
        and not exists (select from platform.delivery_batch b where b.id = f.batch_id)
      order by f.not_before
      limit 1000
    ),
    lane as (
      select r.*, r.endpoint_id as own from ready r where not r.unwell
      union all
      -- Slow or failing ones together hold at most so many of the workers' places, however many they are.
      (select r.*, r.endpoint_id from ready r where r.unwell and not r.probe limit places)
      union all
      (select r.*, null from ready r where r.probe limit places * 25)
    ),
    taken as (
      delete from platform.lane_queue q
      using (
        select l.tenant_id, l.endpoint_id, l.own, l.parallel, l.ordered, x.delivery_id
        from lane l
        cross join lateral (
          select c.delivery_id
          from platform.lane_queue c
          where c.tenant_id = l.tenant_id and c.endpoint_id = l.endpoint_id
          order by c.delivery_id
          limit l.most
        ) x
      ) t
      where q.tenant_id = t.tenant_id and q.endpoint_id = t.endpoint_id and q.delivery_id = t.delivery_id
      returning q.*, t.own, t.parallel, t.ordered
    ),
    grouped as materialized (
      select uuidv7() as id, t.own, coalesce(max(t.parallel) filter (where t.own is not null), 25) as parallel,
        bool_or(t.ordered) filter (where t.own is not null) as ordered,
        array_agg(t.tenant_id order by t.delivery_id) as tenant_ids,
        array_agg(t.endpoint_id order by t.delivery_id) as endpoint_ids,
        array_agg(t.delivery_id order by t.delivery_id) as delivery_ids,
        array_agg(t.attempt order by t.delivery_id) as attempts
      from taken t
      group by t.own
    ),
    marked as (
      update platform.endpoint_flow f
      set batch_id = g.id,
        not_before = case
          when l.rate_limit is null then f.not_before
          else statement_timestamp() + make_interval(secs => g.share::double precision / l.rate_limit)
        end
      from (
        select x.id, u.tenant_id, u.endpoint_id, count(*) as share
        from grouped x, unnest(x.tenant_ids, x.endpoint_ids) u (tenant_id, endpoint_id)
        group by x.id, u.tenant_id, u.endpoint_id
      ) g
      join lane l on l.tenant_id = g.tenant_id and l.endpoint_id = g.endpoint_id
      where f.tenant_id = g.tenant_id
        and f.endpoint_id = g.endpoint_id
    ),
    batch as (
      insert into platform.delivery_batch (id, expires_at, tenant_ids, delivery_ids, attempts, parallel, ordered, lane)
      select g.id, statement_timestamp() + lease, g.tenant_ids, g.delivery_ids, g.attempts, g.parallel, coalesce(g.ordered, false), true
      from grouped g
      returning id, claim
    )
    select 'deliver', json_build_object('batch', b.id, 'claim', b.claim), 'deliver:' || b.id, 3::smallint
    from batch b;
end
$lanes$;
comment on function platform.claim_lanes(integer, interval, integer) is
  'The next batch of each lane whose time has come: one at a time for each endpoint, as many as its rate allows, one alone while its breaker is open.';
$sql$);
