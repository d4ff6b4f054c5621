-- Changing the plan: up at once and prorated, down with the next period.

create or replace function catalog.plan_rank(plan text)
returns integer
language sql
stable
set search_path = ''
begin atomic
  select p.rank from catalog.plan p where p.key = plan_rank.plan;
end;
comment on function catalog.plan_rank(text) is E'@behavior -*\nRank of a plan; null when there is none.';
grant execute on function catalog.plan_rank(text) to freehold_user, freehold_recorder;
grant select on catalog.plan to freehold_recorder;

create or replace function app.lock_subscription(id uuid, expected_version integer, verb text, states text[])
returns app.subscription
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  locked app.subscription;
begin
  perform platform.require('subscription:' || verb);
  select s.*
  into locked
  from app.subscription s
  where s.tenant_id = platform.tenant_id()
    and s.id = lock_subscription.id
  for no key update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such subscription', detail = format('subscription %s', id);
  end if;
  if locked.version <> expected_version then
    raise exception using
      errcode = 'ZF006',
      message = format('subscription has version %s, not %s', locked.version, expected_version),
      detail = format('Current version: %s.', locked.version);
  end if;
  if locked.status <> all (states) then
    perform platform.raise_illegal_transition('subscription', locked.id, locked.status, verb);
  end if;
  return locked;
end
$$;
comment on function app.lock_subscription(uuid, integer, text, text[]) is
  'The subscription, locked, after its permission, version and state were checked.';

create or replace function app.upgrade_subscription(id uuid, plan text, expected_version integer default null)
returns app.subscription
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  former app.subscription := app.lock_subscription(id, expected_version, 'upgrade', '{trialing,active}');
  upgraded app.subscription;
  old_plan catalog.plan;
  new_plan catalog.plan;
  at timestamptz := least(greatest(date_trunc('second', statement_timestamp()), former.current_period_start), former.current_period_end);
  whole bigint := ceil(extract(epoch from former.current_period_end - former.current_period_start));
  used bigint := floor(extract(epoch from at - former.current_period_start));
begin
  select p.* into strict old_plan from catalog.plan p where p.key = former.plan;
  select p.* into new_plan from catalog.plan p where p.key = upgrade_subscription.plan;
  if not found then
    raise exception using errcode = 'ZF010', message = format('there is no plan %s', coalesce(plan, 'null')), detail = 'Plans are listed in plans.';
  end if;
  if new_plan.rank <= old_plan.rank then
    raise exception using
      errcode = 'ZF015',
      message = format('%s is not above %s', new_plan.key, old_plan.key),
      detail = case when new_plan.rank = old_plan.rank then 'The subscription has this plan.' else 'Use downgrade_subscription.' end;
  end if;
  update app.subscription s
  set plan = new_plan.key,
    next_plan = null
  where s.tenant_id = former.tenant_id
    and s.id = former.id
  returning * into upgraded;
  -- In a trial nothing is charged. Else: give back the rest of the old plan's month, charge the rest of the new one's.
  if former.status = 'active' and whole > used then
    perform app.issue_invoice(upgraded, array[
      row(null, null, null, format('Unused time on %s', old_plan.name),
        -platform.prorate(old_plan.monthly_price, used, whole, whole), at, former.current_period_end, null)::app.invoice_line,
      row(null, null, null, format('Remaining time on %s', new_plan.name),
        platform.prorate(new_plan.monthly_price, used, whole, whole), at, former.current_period_end, null)::app.invoice_line]);
  end if;
  return upgraded;
end
$$;
comment on function app.upgrade_subscription(uuid, text, integer) is
  'Takes the subscription to a higher plan at once; the difference of the remaining period is invoiced.
Event: subscription.upgraded. Permission: subscription:upgrade.';
grant execute on function app.upgrade_subscription(uuid, text, integer) to freehold_user;
select platform.expose_function('app.upgrade_subscription(uuid, text, integer)', 'POST subscriptions/{id}/upgrade');

create or replace function app.downgrade_subscription(id uuid, plan text, expected_version integer default null)
returns app.subscription
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  former app.subscription := app.lock_subscription(id, expected_version, 'downgrade', '{trialing,active}');
  downgraded app.subscription;
  over text;
begin
  if catalog.plan_rank(plan) is null then
    raise exception using errcode = 'ZF010', message = format('there is no plan %s', coalesce(plan, 'null')), detail = 'Plans are listed in plans.';
  end if;
  if catalog.plan_rank(plan) >= catalog.plan_rank(former.plan) then
    raise exception using
      errcode = 'ZF015',
      message = format('%s is not below %s', plan, former.plan),
      detail = case when plan = former.plan then 'The subscription has this plan.' else 'Use upgrade_subscription.' end;
  end if;
  select string_agg(format('%s: %s in use, %s allowed', e.key, u.used, e.value), '; ' order by e.key)
  into over
  from (values ('seats', app.seats_used()), ('projects', app.projects_used())) u (key, used)
  join catalog.plan_entitlement e on e.key = u.key and e.plan = downgrade_subscription.plan
  where u.used > e.value;
  if over is not null then
    raise exception using errcode = 'ZF007', message = format('more is in use than %s allows', plan), detail = over;
  end if;
  update app.subscription s
  set plan = case when former.status = 'trialing' then downgrade_subscription.plan else s.plan end,
    next_plan = case when former.status = 'trialing' then null else downgrade_subscription.plan end
  where s.tenant_id = former.tenant_id
    and s.id = former.id
  returning * into downgraded;
  return downgraded;
end
$$;
comment on function app.downgrade_subscription(uuid, text, integer) is
  'Takes the subscription to a lower plan: at once in a trial, else with the next period. Refused while more is in use than the plan allows.
Event: subscription.downgraded, when the plan changes. Permission: subscription:downgrade.';
grant execute on function app.downgrade_subscription(uuid, text, integer) to freehold_user;
select platform.expose_function('app.downgrade_subscription(uuid, text, integer)', 'POST subscriptions/{id}/downgrade');
