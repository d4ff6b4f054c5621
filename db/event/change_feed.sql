-- The change feed: the events of a tenant in an order to which nothing is ever added behind a reader.
--
-- Ids and times are given out when an event is written and become visible when its transaction commits: a reader who goes by them steps over whoever
-- began first and committed last. The feed goes by (xid, id) and ends below the oldest transaction that still runs. An event's xid is never below its
-- writer's, so of what lies there all has been committed or never will be. And it is never below that of a transaction which had ended when the event
-- was written, so what followed stands behind what it followed: the versions of an entity come in their order.
--
-- xid8 compares leakproof in PostgreSQL 18, so under the policies this is a range of the index event_feed, in each partition that retention leaves
-- (test/plans). A page of 100 of a tenant with 949,000 events in twelve months takes 1.2 ms, first or last, and one with nothing new 0.6.

create or replace function platform.feed_position(after uuid, first integer default 1, types text[] default null, out xid xid8, out id uuid)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  unknown text;
begin
  perform platform.require('event:read');
  if first is null or first not between 1 and 1000 then
    raise exception using errcode = 'ZF010', message = '"first" is out of range', detail = 'From 1 to 1000.';
  end if;
  -- a type that does not exist would be waited for without end
  select string_agg(coalesce(quote_literal(w), 'null'), ', ')
  into unknown
  from unnest(types) w
  where w is null
    or w <> '*' and not exists (select from catalog.event_type t where w in (t.type, split_part(t.type, '.', 1) || '.*'));
  if unknown is not null then
    raise exception using
      errcode = 'ZF010',
      message = format('there is no event type %s', left(unknown, 200)),
      detail = 'Use types of events, all of an entity (invoice.*), or *.';
  end if;
  -- Whatever the plan shows of it: a reader who was here keeps the place. Only what the feed has shown is one: with an event that is still
  -- above the oldest running transaction, what commits before it would be stepped over.
  select e.xid, e.id
  into feed_position.xid, feed_position.id
  from app.event e
  where e.tenant_id = platform.tenant_id()
    and e.id = after
    and e.xid < pg_snapshot_xmin(pg_current_snapshot());
  if found then
    return;
  end if;
  -- an event that retention may have dropped came before everything that is left
  if after is null or uuid_extract_version(after) = 7 and after < platform.retention_floor() then
    xid := '0';
    id := '00000000-0000-0000-0000-000000000000';
    return;
  end if;
  raise exception using
    errcode = 'ZF004',
    message = 'there is no such place in the change feed',
    detail = 'Go on with a cursor that the feed has given, or without one, from the beginning.';
end
$$;
comment on function platform.feed_position(uuid, integer, text[], out xid8, out uuid) is
  'Where in the change feed an event is. Null is the beginning. Raises ZF001, ZF002 and ZF003 as platform.require does, ZF010 for arguments that are not
acceptable, and ZF004 for an id that is of no event which the feed has shown in this tenant.';
grant execute on function platform.feed_position(uuid, integer, text[]) to freehold_user;

create or replace function app.change_feed(after uuid default null, first integer default 100, types text[] default null)
returns setof app.event
language plpgsql
stable
set search_path = ''
-- The range begins at a variable: its value would make a plan look cheaper, and each page would be planned anew over all partitions.
set plan_cache_mode = force_generic_plan
rows 100
as $$
declare
  place record;
begin
  -- By itself, for it refuses: inside the query the planner would not ask for it where a policy leaves nothing to read.
  select f.xid, f.id into place from platform.feed_position(after, first, types) f;
  return query
  select
    p.tenant_id, p.id, p.xid, p.type, p.entity, p.entity_id, p.entity_version,
    -- fetched from where PostgreSQL keeps large values only for those who want them
    case when p.wanted then p.data end, case when p.wanted then p.previous end,
    p.actor_type, p.actor_id, p.impersonator_id, p.request_id, p.traceparent, p.occurred_at, p.channel
  from (
    select e.*, types is null or types && array[e.type, split_part(e.type, '.', 1) || '.*', '*'] as wanted
    from app.event e
    where (e.xid, e.id) > (place.xid, place.id)
      and e.xid < pg_snapshot_xmin(pg_current_snapshot())
    order by e.xid, e.id
    -- A constant: of a limit that it does not know the planner expects a tenth of the rows, and sorts them.
    limit 1000
  ) p
  limit first;
end
$$;
comment on function app.change_feed(uuid, integer, text[]) is E'@behavior -*
The next events after the one with this id, in the order of the change feed. Go on with the id of the last.
after: null is the beginning of what the plan keeps in sight.
first: 1 to 1000.
types: of other events only the envelope is shown, data is null: they count, so that a reader of few types gets on.
Permission: event:read.';
grant execute on function app.change_feed(uuid, integer, text[]) to freehold_user;

create or replace function app.change_feed_end()
returns uuid
language sql
stable
set search_path = ''
as $$
  select e.id
  from app.event e
  where e.xid < pg_snapshot_xmin(pg_current_snapshot())
  order by e.xid desc, e.id desc
  limit 1
$$;
comment on function app.change_feed_end() is E'@behavior -*\nThe last event that the change feed shows now; null when it shows none. Permission: event:read.';
grant execute on function app.change_feed_end() to freehold_user;

create or replace function app.change_feed_held_since()
returns timestamptz
language sql
stable
set search_path = ''
as $$
  select e.occurred_at
  from app.event e
  where e.xid >= pg_snapshot_xmin(pg_current_snapshot())
  order by e.xid, e.id
  limit 1
$$;
comment on function app.change_feed_held_since() is
  E'@behavior -*\nTime of the first event that was committed and is not shown yet, because an older transaction still runs; null when there is none. Permission: event:read.';
grant execute on function app.change_feed_held_since() to freehold_user;
