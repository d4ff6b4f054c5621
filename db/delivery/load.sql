-- All that a worker needs to send a batch.

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.load_deliveries(batch uuid, claim integer, lease interval default '30 seconds')
returns table (
  tenant_id uuid,
  delivery_id uuid,
  attempt integer,
  endpoint_id uuid,
  enabled boolean,
  url text,
  keys text[],
  headers text[],
  message_id text,
  body text,
  traceparent text,
  entity_id uuid,
  parallel integer,
  ordered boolean,
  lane boolean,
  entity text,
  request_id text,
  waited_ms double precision
)
language plpgsql
volatile
security definer
set search_path = ''
-- Planned once: 0.57 ms for a batch of one, where planning each time made it 1.84.
set plan_cache_mode = force_generic_plan
as $load$
declare
  held platform.delivery_batch;
begin
  update platform.delivery_batch b
  set expires_at = statement_timestamp() + lease
  where b.id = batch
    and b.claim = load_deliveries.claim
  returning b.* into held;
  if not found then
    return;
  end if;
  -- Each row by its key, whatever the planner knows of the tables (offset 0 keeps each look-up to itself): queues fill and empty faster than
  -- statistics follow, and a plan for a short one would read a whole backlog for each batch.
  return query
    with wanted as materialized (
      select d.tenant_id, d.id, d.event_id, d.endpoint_id, h.attempt
      from unnest(held.tenant_ids, held.delivery_ids, held.attempts) h (tenant_id, delivery_id, attempt)
      cross join lateral (
        select x.* from app.delivery x where x.tenant_id = h.tenant_id and x.id = h.delivery_id offset 0
      ) d
      -- what an earlier holder of the batch has settled is not sent again
      where d.status = 'pending'
        and d.attempt_count = h.attempt - 1
    ),
    target as materialized (
      select w.tenant_id, w.id, w.status = 'enabled' as enabled, w.url,
        array(
          select k.scheme || ' ' || k.sealed_key
          from app.webhook_signing_key k
          where k.tenant_id = w.tenant_id and k.endpoint_id = w.id and (k.expires_at is null or k.expires_at > statement_timestamp())
          -- the present key first
          order by k.id desc) as keys,
        array(
          select x.name || ' ' || x.sealed_value
          from app.webhook_header x
          where x.tenant_id = w.tenant_id and x.endpoint_id = w.id
          order by x.name) as headers
      from (select distinct d.tenant_id, d.endpoint_id from wanted d) t
      cross join lateral (
        select x.* from app.webhook_endpoint x where x.tenant_id = t.tenant_id and x.id = t.endpoint_id offset 0
      ) w
    )
    select d.tenant_id, d.id, d.attempt, w.id, w.enabled, w.url, w.keys, w.headers,
      'evt_' || e.id,
      -- Built here, where numbers keep their digits; the text is what is signed and what is sent.
      '{"id":"evt_' || e.id || '","type":' || to_json(e.type)
        || ',"timestamp":"' || to_char(e.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
        || '","tenant":"' || e.tenant_id || '","entity":' || to_json(e.entity) || ',"entity_id":"' || e.entity_id
        || '","entity_version":' || coalesce(e.entity_version::text, 'null') || ',"api_version":"v1","data":' || e.data || '}',
      e.traceparent, e.entity_id, held.parallel, held.ordered, held.lane, e.entity, e.request_id,
      -- by one clock, whichever the worker's is
      extract(epoch from statement_timestamp() - uuid_extract_timestamp(d.id))::double precision * 1000
    from wanted d
    join target w on w.tenant_id = d.tenant_id and w.id = d.endpoint_id
    cross join lateral (
      select x.* from app.event x where x.tenant_id = d.tenant_id and x.id = d.event_id offset 0
    ) e
    -- ids are of the time of the event: of one resource, the earlier version goes first
    order by d.id;
end
$load$;
comment on function platform.load_deliveries(uuid, integer, interval) is
  'Renews the lease of a batch and returns what of it is still to be sent: URL, webhook-id and the bytes of the body; keys as "v1 <sealed>", headers as
"<name> <sealed>", which the worker opens. Nothing when the lease was lost. The only reader of both.';
grant execute on function platform.load_deliveries(uuid, integer, interval) to freehold_worker;

create or replace function platform.renew_batch(batch uuid, claim integer, lease interval default '30 seconds')
returns boolean
language sql
volatile
security definer
set search_path = ''
begin atomic
  with renewed as (
    update platform.delivery_batch b
    set expires_at = statement_timestamp() + lease
    where b.id = batch
      and b.claim = renew_batch.claim
    returning 1
  )
  select exists (select from renewed);
end;
comment on function platform.renew_batch(uuid, integer, interval) is 'Keeps a batch while its slowest receiver is waited for. False when the lease was lost.';
grant execute on function platform.renew_batch(uuid, integer, interval) to freehold_worker;
$sql$);
