-- Periods: a trial turns into a paid subscription, a period into the next one. The worker calls these when they are due.

create or replace function app.bill_period(subscription app.subscription)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  plan catalog.plan;
begin
  select p.* into strict plan from catalog.plan p where p.key = subscription.plan;
  if plan.monthly_price > 0 then
    perform app.issue_invoice(subscription, array[
      row(null, null, null, plan.name, plan.monthly_price, subscription.current_period_start, subscription.current_period_end, null)::app.invoice_line]);
  end if;
end
$$;
comment on function app.bill_period(app.subscription) is 'Invoices the current period of a subscription, unless its plan is free.';

create or replace function app.activate_subscription(id uuid, expected_version integer default null)
returns app.subscription
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  former app.subscription := app.lock_subscription(id, expected_version, 'activate', '{trialing}');
  activated app.subscription;
begin
  update app.subscription s
  set status = 'active',
    trial_ends_at = least(s.trial_ends_at, statement_timestamp()),
    anchor = coalesce(least(s.trial_ends_at, statement_timestamp()), statement_timestamp()),
    period = 0,
    current_period_start = coalesce(least(s.trial_ends_at, statement_timestamp()), statement_timestamp()),
    current_period_end = platform.month_after(coalesce(least(s.trial_ends_at, statement_timestamp()), statement_timestamp()), 1)
  where s.tenant_id = former.tenant_id
    and s.id = former.id
  returning * into activated;
  perform app.bill_period(activated);
  return activated;
end
$$;
comment on function app.activate_subscription(uuid, integer) is
  E'@behavior -mutationField\nEnds the trial and invoices the first period. For the system. Event: subscription.activated.';
grant execute on function app.activate_subscription(uuid, integer) to freehold_user;

create or replace function app.renew_subscription(id uuid, expected_version integer default null)
returns app.subscription
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  former app.subscription := app.lock_subscription(id, expected_version, 'renew', '{active}');
  renewed app.subscription;
begin
  if former.current_period_end > statement_timestamp() then
    return former;
  end if;
  -- two steps when a downgrade waits: the plan changes, then the period; each is an event of its own
  if former.next_plan is not null then
    update app.subscription s
    set plan = s.next_plan,
      next_plan = null
    where s.tenant_id = former.tenant_id
      and s.id = former.id;
  end if;
  update app.subscription s
  set period = s.period + 1,
    current_period_start = s.current_period_end,
    current_period_end = platform.month_after(s.anchor, s.period + 2)
  where s.tenant_id = former.tenant_id
    and s.id = former.id
  returning * into renewed;
  perform app.bill_period(renewed);
  return renewed;
end
$$;
comment on function app.renew_subscription(uuid, integer) is
  E'@behavior -mutationField\nBegins the next period when the current one is over, applies a waiting downgrade and invoices. For the system. Event: subscription.renewed.';
grant execute on function app.renew_subscription(uuid, integer) to freehold_user;

create or replace function app.resume_subscription(id uuid, expected_version integer default null)
returns app.subscription
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  former app.subscription := app.lock_subscription(id, expected_version, 'resume', '{paused}');
  resumed app.subscription;
begin
  if former.current_period_end > statement_timestamp() then
    update app.subscription s set status = 'active'
    where s.tenant_id = former.tenant_id and s.id = former.id
    returning * into resumed;
    return resumed;
  end if;
  -- the paid period ended during the pause: a new one begins today
  update app.subscription s
  set status = 'active',
    anchor = statement_timestamp(),
    period = s.period + 1,
    current_period_start = statement_timestamp(),
    current_period_end = platform.month_after(statement_timestamp(), 1)
  where s.tenant_id = former.tenant_id
    and s.id = former.id
  returning * into resumed;
  perform app.bill_period(resumed);
  return resumed;
end
$$;
comment on function app.resume_subscription(uuid, integer) is
  'Resumes a paused subscription; where the paid period has ended, a new one begins and is invoiced. Event: subscription.resumed. Permission: subscription:resume.';
grant execute on function app.resume_subscription(uuid, integer) to freehold_user;
select platform.expose_function('app.resume_subscription(uuid, integer)', 'POST subscriptions/{id}/resume');
