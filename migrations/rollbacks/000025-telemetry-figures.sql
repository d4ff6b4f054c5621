--! Undoes: sha1:e4159a160f0cd47457f5d8bace45ff44e53d3207
--! Loses: nothing

-- Undoes "telemetry figures".
set local check_function_bodies = off;
set local role freehold_dispatcher;
create or replace function platform.count_events()
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $count$
declare
  place platform.event_total_position;
  -- in this order: whoever gets a transaction id above the ceiling writes after that moment
  moment timestamptz := clock_timestamp();
  present_ceiling xid8 := pg_snapshot_xmax(pg_current_snapshot());
  horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
begin
  select p.* into place from platform.event_total_position p for update skip locked;
  if not found or horizon <= place.xid then
    return false;
  end if;
  insert into platform.event_total as t (type, plan, count)
  select e.type, coalesce(p.plan, 'none'), count(*)
  from app.event e
  left join platform.tenant_plan p on p.tenant_id = e.tenant_id
  -- by time of writing first, which an index knows: 0.3 ms where nothing is new, of a million events
  where e.id >= platform.uuidv7_floor(place.counted_to - interval '1 second')
    and e.xid >= place.xid
    and e.xid < horizon
  group by e.type, p.plan
  on conflict on constraint event_total_pkey do update
    set count = t.count + excluded.count;
  update platform.event_total_position p
  set xid = horizon,
    -- nobody writes any more who began before the ceiling was noted
    counted_to = case when horizon >= place.ceiling then place.noted_at else place.counted_to end,
    ceiling = case when horizon >= place.ceiling then present_ceiling else place.ceiling end,
    noted_at = case when horizon >= place.ceiling then moment else place.noted_at end;
  return true;
end
$count$;
set local role none;
set local role freehold_janitor;
comment on function platform.business_gauges() is 'Monthly recurring revenue in minor units, active tenants, and active members, by plan. It reads all of them: 40 ms of 100,000 members.';
set local role none;
