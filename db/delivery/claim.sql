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
begin
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

  return query
    with due as (
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
    ),
    -- An endpoint with much to receive, or that failed before, has batches of its own: it keeps nobody else waiting. The
    -- rest share theirs, or a round over a thousand tenants would be a thousand jobs.
    lane as (
      select d.*,
        case when d.attempt = 1 and count(*) over (partition by d.tenant_id, d.endpoint_id) < 10 then null else d.endpoint_id end as own
      from due d
      where d.task is null
    ),
    numbered as (
      select l.*, (row_number() over (partition by l.own order by l.due_at, l.delivery_id) - 1) / batch_size as part
      from lane l
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
    from due d
    where d.task is not null;
end
$claim$;
comment on function platform.claim_deliveries(integer, integer, interval, integer) is
  'Takes at most that many due deliveries of all tenants under a lease, and returns the jobs to add for them in this same transaction.';
grant execute on function platform.claim_deliveries(integer, integer, interval, integer) to freehold_worker;
$sql$);
