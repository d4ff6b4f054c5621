-- A replay goes on from where it is: a part in each transaction, so that it can be interrupted anywhere and costs nobody else much.

create or replace function app.advance_webhook_replay(id uuid, most integer default 1000)
returns text
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  replay app.webhook_replay;
  endpoint app.webhook_endpoint;
  place platform.replay_progress;
  seen uuid[];
  added bigint;
begin
  perform platform.require('webhook_replay:complete');
  select *
  into replay
  from app.webhook_replay
  where tenant_id = platform.tenant_id()
    and id = advance_webhook_replay.id
  for no key update;
  if not found then
    raise exception using
      errcode = 'ZF004', message = 'there is no such webhook_replay', detail = format('webhook_replay %s', advance_webhook_replay.id);
  end if;
  if replay.status <> 'running' then
    return 'over';
  end if;
  select * into endpoint from app.webhook_endpoint where tenant_id = replay.tenant_id and id = replay.endpoint_id;
  if endpoint.status <> 'enabled' then
    perform app.cancel_webhook_replay(replay.id);
    return 'over';
  end if;
  -- no more in the queue than the worker sends in some seconds: whoever cancels does not wait for a hundred thousand
  if (select count(*) >= 10 * most from (
      select from app.delivery
      where tenant_id = replay.tenant_id and status = 'pending' and endpoint_id = replay.endpoint_id
      limit 10 * most) p) then
    return 'full';
  end if;

  insert into platform.replay_progress (tenant_id, replay_id, place)
  values (replay.tenant_id, replay.id, platform.uuidv7_floor(replay.since))
  on conflict do nothing;
  select * into place from platform.replay_progress where tenant_id = replay.tenant_id and replay_id = replay.id;

  -- The next events by id, which is by time; those that match are few or many, the part is of the same size.
  select array_agg(e.id order by e.id)
  into seen
  from (
    select id
    from app.event
    where tenant_id = replay.tenant_id
      and id > place.place
      and id >= platform.retention_floor()
      and id < platform.uuidv7_floor(replay.until)
    order by id
    limit most
  ) e;
  if seen is null then
    perform app.complete_webhook_replay(replay.id);
    return 'over';
  end if;

  with wanted as (
    select e.id
    from app.event e
    where e.tenant_id = replay.tenant_id
      and e.id = any (seen)
      and platform.wants_event(endpoint.event_types, endpoint.channels, e.type, e.channel, e.entity, e.entity_id)
  ),
  again as (
    update app.delivery d
    set status = 'pending',
      next_attempt_at = statement_timestamp(),
      schedule_start = d.attempt_count,
      updated_at = statement_timestamp()
    from wanted w
    where d.tenant_id = replay.tenant_id
      and d.event_id = w.id
      and d.endpoint_id = replay.endpoint_id
      and (d.status = 'failed' or (d.status = 'succeeded' and not replay.failed_only))
    returning d.id, d.attempt_count + 1 as attempt
  ),
  first as (
    insert into app.delivery (tenant_id, event_id, endpoint_id, next_attempt_at)
    select replay.tenant_id, w.id, replay.endpoint_id, statement_timestamp()
    from wanted w
    where not replay.failed_only
      and not exists (
        select from app.delivery d
        where d.tenant_id = replay.tenant_id and d.event_id = w.id and d.endpoint_id = replay.endpoint_id)
    order by w.id
    returning id, 1 as attempt
  )
  insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, attempt)
  select statement_timestamp(), q.id, replay.tenant_id, replay.endpoint_id, q.attempt
  from (select * from again union all select * from first) q;
  get diagnostics added = row_count;
  update platform.replay_progress
  set place = seen[cardinality(seen)],
    queued = queued + added
  where tenant_id = replay.tenant_id
    and replay_id = replay.id;
  if added > 0 then
    perform platform.wake_dispatcher();
  end if;
  return 'more';
end
$$;
comment on function app.advance_webhook_replay(uuid, integer) is
  E'@behavior -mutationField\nTakes a replay on by so many events. Returns more, full (the endpoint has enough to receive: come back later) or over. For the system.';
grant execute on function app.advance_webhook_replay(uuid, integer) to freehold_user;
