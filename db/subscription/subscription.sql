-- The subscription: one living a tenant; its plan decides the entitlements.

comment on table app.subscription is 'What the tenant pays for.';
comment on column app.subscription.plan is E'@example team\nThe plan that holds now.';
comment on column app.subscription.next_plan is 'The plan from the next period on, when a downgrade is waiting.';
comment on column app.subscription.trial_ends_at is E'@example 2026-02-14T12:00:00+00:00\nWhen the trial turns into a paid subscription by itself.';
comment on column app.subscription.anchor is E'@behavior -*\nStart of the first paid period: the n-th begins n months later, so that the 31st does not drift.';
comment on column app.subscription.period is E'@behavior -*\n@example 0\nNumber of the current period, from 0.';
comment on column app.subscription.current_period_start is 'When the current period began.';
comment on column app.subscription.current_period_end is E'@example 2026-02-14T12:00:00+00:00\nWhen the current period ends, and the next begins.';

select platform.declare_entity(
  'app.subscription',
  permissions => '{"read": "viewer", "upgrade": "billing", "downgrade": "billing", "pause": "billing", "resume": "billing", "cancel": "billing",
    "activate": [], "mark_past_due": [], "recover": [], "renew": []}',
  lifecycle => '{
    "initial": ["trialing", "active"],
    "transitions": {
      "activate": {"from": ["trialing"], "to": "active", "event": "subscription.activated", "handwritten": true},
      "mark_past_due": {"from": ["active"], "to": "past_due", "event": "subscription.past_due"},
      "recover": {"from": ["past_due"], "to": "active", "event": "subscription.activated"},
      "pause": {"from": ["active"], "to": "paused", "event": "subscription.paused",
        "description": "Sets the subscription aside: until it is resumed nothing is charged, and the free plan holds."},
      "resume": {"from": ["paused"], "to": "active", "event": "subscription.resumed", "handwritten": true},
      "cancel": {"from": ["trialing", "active", "past_due", "paused"], "to": "canceled", "event": "subscription.canceled",
        "description": "Ends the subscription now; the free plan holds from then on."}
    }
  }',
  events => '{"updated": "subscription.updated", "changed": [
    {"event": "subscription.upgraded", "when": "new.plan <> old.plan and catalog.plan_rank(new.plan) > catalog.plan_rank(old.plan)",
      "description": "The subscription went to a higher plan."},
    {"event": "subscription.downgraded", "when": "new.plan <> old.plan", "description": "The subscription went to a lower plan."},
    {"event": "subscription.renewed", "when": "new.period > old.period", "description": "A new period of the subscription began."}
  ], "descriptions": {
    "subscription.created": "A subscription began, with a trial when its plan has one.",
    "subscription.updated": "A subscription was changed in a way that has no event of its own: a downgrade waits for the next period.",
    "subscription.activated": "A trial turned into a paid subscription, or what was past due was paid.",
    "subscription.past_due": "A payment failed; the plan still holds.",
    "subscription.paused": "A subscription was set aside: nothing is charged, and the free plan holds.",
    "subscription.resumed": "A paused subscription goes on, and its plan holds again.",
    "subscription.canceled": "A subscription ended, and the free plan holds."
  }}',
  due => '{"activate": {"column": "trial_ends_at", "states": ["trialing"]},
    "renew": {"column": "current_period_end", "states": ["active"]}}'
);

create or replace function app.subscription_follow_plan()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into platform.tenant_plan (tenant_id, plan)
  -- nothing is paid while paused; what is past due is still being asked for
  values (new.tenant_id, case when new.status in ('canceled', 'paused') then 'free' else new.plan end)
  on conflict (tenant_id) do update
    set plan = excluded.plan
    where tenant_plan.plan <> excluded.plan;
  return null;
end
$$;
comment on function app.subscription_follow_plan() is 'Trigger: the plan that holds for the tenant follows its living subscription.';
create or replace trigger _700_follow_plan
  after insert or update of plan, status on app.subscription
  for each row execute function app.subscription_follow_plan();

create or replace function app.entitlement(key text)
returns bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  allowed bigint;
begin
  perform platform.require(null);
  select e.value
  into allowed
  from catalog.plan_entitlement e
  where e.key = entitlement.key
    and e.plan = coalesce((select t.plan from platform.tenant_plan t where t.tenant_id = platform.tenant_id()), 'free');
  -- what a plan does not name is not included
  return case when found then allowed else 0 end;
end
$$;
comment on function app.entitlement(text) is 'What the plan allows of seats, projects, retention_days or a feature; null for no limit, 0 for none.';
grant execute on function app.entitlement(text) to freehold_user;

create or replace function platform.require_feature(feature text)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if app.entitlement(feature) = 0 then
    raise exception using
      errcode = 'ZF014',
      message = format('the plan does not include %s', feature),
      detail = format('Feature: %s.', feature);
  end if;
end
$$;
comment on function platform.require_feature(text) is 'Raises ZF014 unless the plan includes the feature.';
grant execute on function platform.require_feature(text) to freehold_user;

create or replace function platform.month_after(anchor timestamptz, months integer)
returns timestamptz
language sql
immutable
set search_path = ''
return (anchor at time zone 'UTC' + make_interval(months => months)) at time zone 'UTC';
comment on function platform.month_after(timestamptz, integer) is
  'The anchor some months on, in UTC whatever the session''s time zone; the 31st becomes the last day of a shorter month.';

create or replace function app.start_subscription(plan text)
returns app.subscription
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  chosen catalog.plan;
  started app.subscription;
begin
  perform platform.require('subscription:renew');
  select p.* into chosen from catalog.plan p where p.key = start_subscription.plan;
  if not found then
    raise exception using errcode = 'ZF010', message = format('there is no plan %s', plan), detail = 'Plans are listed in catalog.plan.';
  end if;
  insert into app.subscription (plan, status, trial_ends_at, anchor, current_period_start, current_period_end)
  values (
    chosen.key,
    case when chosen.trial_days > 0 then 'trialing' else 'active' end,
    case when chosen.trial_days > 0 then now() + make_interval(days => chosen.trial_days) end,
    now(),
    now(),
    case when chosen.trial_days > 0 then now() + make_interval(days => chosen.trial_days) else platform.month_after(now(), 1) end)
  returning * into started;
  return started;
end
$$;
comment on function app.start_subscription(text) is 'Starts the subscription of a new tenant, in trial where the plan has one. For the system.';
