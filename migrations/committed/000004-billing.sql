--! Previous: sha1:ace8c58f7b3cf7e054617e56aff3ae971a1f3bbc
--! Hash: sha1:c8910356c39b281cdcc4ea77addba5e3bd218924
--! Message: billing

-- What the tenant works on and what it pays for.

create table catalog.plan (
  key text primary key check (key ~ '^[a-z][a-z0-9_]*$'),
  name text not null,
  description text not null,
  rank integer not null unique,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  monthly_price bigint not null check (monthly_price between 0 and 100000000000),
  trial_days integer not null check (trial_days between 0 and 365)
);

create table catalog.plan_entitlement (
  plan text not null references catalog.plan on delete cascade,
  key text not null check (key ~ '^[a-z][a-z0-9_]*$'),
  value bigint check (value >= 0),
  primary key (plan, key)
);

--! Included plan/plans.sql
-- What is sold. Change it here: the entitlements hold from the next statement on.

comment on table catalog.plan is E'@reference\nA plan that a tenant can subscribe to.';
comment on constraint plan_rank_key on catalog.plan is '@behavior -single';
comment on column catalog.plan.rank is 'Plans of higher rank are upgrades.';
comment on column catalog.plan.monthly_price is 'Price of a month in minor units of the currency.';
comment on table catalog.plan_entitlement is E'@reference\nWhat a plan allows: a number, 1 for a feature that is included, null for no limit.';
comment on column catalog.plan_entitlement.value is 'The limit; null for none.';
grant select on catalog.plan, catalog.plan_entitlement to freehold_user;

insert into catalog.plan (key, name, description, rank, currency, monthly_price, trial_days)
values
  ('free', 'Free', 'To try it out.', 0, 'EUR', 0, 0),
  ('team', 'Team', 'For one team.', 10, 'EUR', 4900, 14),
  ('business', 'Business', 'For several teams, with reports and single sign-on.', 20, 'EUR', 19900, 14),
  ('enterprise', 'Enterprise', 'Without limits.', 30, 'EUR', 99900, 30)
on conflict (key) do update
  set (name, description, rank, currency, monthly_price, trial_days)
    = (excluded.name, excluded.description, excluded.rank, excluded.currency, excluded.monthly_price, excluded.trial_days);

insert into catalog.plan_entitlement (plan, key, value)
values
  ('free', 'seats', 3), ('free', 'projects', 3), ('free', 'retention_days', 30), ('free', 'reports', 0), ('free', 'sso', 0),
  ('team', 'seats', 10), ('team', 'projects', 25), ('team', 'retention_days', 90), ('team', 'reports', 1), ('team', 'sso', 0),
  ('business', 'seats', 100), ('business', 'projects', 500), ('business', 'retention_days', 365), ('business', 'reports', 1), ('business', 'sso', 1),
  ('enterprise', 'seats', null), ('enterprise', 'projects', null), ('enterprise', 'retention_days', 2555), ('enterprise', 'reports', 1), ('enterprise', 'sso', 1)
on conflict (plan, key) do update
  set value = excluded.value;
--! EndIncluded plan/plans.sql

select platform.declare_states('app.subscription_status', '{
  "trialing": "In its trial; nothing is charged.",
  "active": "Paid for.",
  "past_due": "A payment failed; everything still works.",
  "paused": "Set aside; nothing is charged.",
  "canceled": "Ended; the free plan holds."
}');

create table app.subscription (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  plan text not null references catalog.plan,
  next_plan text references catalog.plan,
  status text not null default 'trialing' references app.subscription_status,
  trial_ends_at timestamptz,
  anchor timestamptz not null default now(),
  period integer not null default 0 check (period >= 0),
  current_period_start timestamptz not null default now(),
  current_period_end timestamptz not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  check (current_period_start < current_period_end),
  check (next_plan is distinct from plan)
);
create unique index subscription_living on app.subscription (tenant_id) where status <> 'canceled';
create index subscription_trial_due on app.subscription (tenant_id, trial_ends_at) where status = 'trialing';
create index subscription_renewal_due on app.subscription (tenant_id, current_period_end) where status = 'active';

select platform.declare_states('app.invoice_status', '{
  "draft": "Being put together.",
  "open": "Numbered, sent and waiting for payment.",
  "paid": "Paid.",
  "void": "Withdrawn; the number stays.",
  "uncollectible": "Given up."
}');

create table app.invoice (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  number text check (number ~ '^INV-[0-9]{6,}$'),
  subscription_id uuid not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  total bigint not null default 0,
  status text not null default 'draft' references app.invoice_status,
  period_start timestamptz not null,
  period_end timestamptz not null,
  issued_at timestamptz,
  due_at timestamptz,
  paid_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, subscription_id) references app.subscription (tenant_id, id),
  unique (tenant_id, number),
  check ((status = 'draft') = (number is null))
);
create index invoice_subscription on app.invoice (tenant_id, subscription_id);
create index invoice_by_status on app.invoice (tenant_id, status, id);

create table app.invoice_line (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  invoice_id uuid not null,
  description text not null check (length(description) between 1 and 500),
  amount bigint not null,
  period_start timestamptz not null,
  period_end timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, invoice_id) references app.invoice (tenant_id, id)
);
create index invoice_line_invoice on app.invoice_line (tenant_id, invoice_id);

--! Included subscription/subscription.sql
-- The subscription: one living a tenant; its plan decides the entitlements.

comment on table app.subscription is 'What the tenant pays for.';
comment on column app.subscription.plan is 'The plan that holds now.';
comment on column app.subscription.next_plan is 'The plan from the next period on, when a downgrade is waiting.';
comment on column app.subscription.trial_ends_at is 'When the trial turns into a paid subscription by itself.';
comment on column app.subscription.anchor is E'@behavior -*\nStart of the first paid period: the n-th begins n months later, so that the 31st does not drift.';
comment on column app.subscription.period is E'@behavior -*\nNumber of the current period, from 0.';

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
    {"event": "subscription.renewed", "when": "new.period > old.period", "description": "A new period began."}
  ]}',
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
--! EndIncluded subscription/subscription.sql
--! Included invoice/invoice.sql
-- Invoices: numbered without gaps, equal to their lines, and fixed once finalized.

comment on table app.invoice is 'What the tenant is asked to pay. Fixed from the moment it is open.';
comment on column app.invoice.number is 'INV-000001 and on, without gaps in a tenant; given when the invoice is finalized.';
comment on column app.invoice.total is 'Sum of the lines, in minor units of the currency.';
comment on column app.invoice.issued_at is 'When it was finalized.';
comment on column app.invoice.due_at is 'When it should be paid: 14 days after it was finalized.';

select platform.declare_entity(
  'app.invoice',
  permissions => '{"read": ["billing", "admin"], "finalize": [], "pay": [], "void": [], "mark_uncollectible": []}',
  lifecycle => '{
    "initial": "draft",
    "transitions": {
      "finalize": {"from": ["draft"], "to": "open", "event": "invoice.finalized"},
      "pay": {"from": ["open", "uncollectible"], "to": "paid", "event": "invoice.paid"},
      "void": {"from": ["open", "uncollectible"], "to": "void", "event": "invoice.voided"},
      "mark_uncollectible": {"from": ["open"], "to": "uncollectible", "event": "invoice.marked_uncollectible"}
    }
  }'
);

comment on table app.invoice_line is 'One position of an invoice.';
comment on column app.invoice_line.amount is 'In minor units of the invoice''s currency; a credit is negative.';
select platform.declare_record('app.invoice_line', permissions => '{"read": ["billing", "admin"]}');

create or replace function platform.next_number(name text)
returns bigint
language sql
volatile
security definer
set search_path = ''
begin atomic
  insert into platform.counter (tenant_id, name, value)
  values (platform.tenant_id(), name, 1)
  on conflict (tenant_id, name) do update
    set value = counter.value + 1
  returning value;
end;
comment on function platform.next_number(text) is
  'The next number of the tenant''s counter, without gaps: the next caller waits until this transaction ends.';

create or replace function app.invoice_finalize()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_tenant(new.tenant_id);
  if new.status = 'paid' then
    new.paid_at := statement_timestamp();
    return new;
  end if;
  new.number := 'INV-' || lpad(platform.next_number('invoice')::text, 6, '0');
  new.issued_at := statement_timestamp();
  new.due_at := new.issued_at + interval '14 days';
  return new;
end
$$;
comment on function app.invoice_finalize() is 'Trigger: a finalized invoice gets its number and dates, a paid one its time.';
create or replace trigger _200_finalize
  before update of status on app.invoice
  for each row
  when (new.status is distinct from old.status and new.status in ('open', 'paid'))
  execute function app.invoice_finalize();

create or replace function app.invoice_freeze()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if (new.number, new.subscription_id, new.currency, new.total, new.period_start, new.period_end, new.issued_at, new.due_at)
    is distinct from
    (old.number, old.subscription_id, old.currency, old.total, old.period_start, old.period_end, old.issued_at, old.due_at)
    or old.paid_at is not null and new.paid_at is distinct from old.paid_at
  then
    raise exception using
      errcode = 'ZF008',
      message = format('invoice %s is final', old.number),
      detail = 'Void it and issue a new one.';
  end if;
  return new;
end
$$;
comment on function app.invoice_freeze() is 'Trigger: of a finalized invoice only the state changes.';
create or replace trigger _300_freeze
  before update on app.invoice
  for each row
  when (old.status <> 'draft')
  execute function app.invoice_freeze();

create or replace function app.invoice_line_freeze()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  line app.invoice_line := case when tg_op = 'DELETE' then old else new end;
begin
  if tg_op = 'DELETE' and platform.is_closed(old.tenant_id) then
    return old;
  end if;
  perform platform.require_tenant(line.tenant_id);
  -- the lock keeps the invoice from being finalized between this line and the commit
  perform from app.invoice i
  where i.tenant_id = line.tenant_id
    and i.id = line.invoice_id
    and i.status = 'draft'
  for no key update;
  if not found then
    raise exception using errcode = 'ZF008', message = 'the lines of a final invoice never change', detail = 'Void it and issue a new one.';
  end if;
  if tg_op = 'UPDATE' and (new.tenant_id, new.invoice_id) is distinct from (old.tenant_id, old.invoice_id) then
    raise exception using errcode = 'ZF008', message = 'a line stays with its invoice', detail = 'Delete it and add another.';
  end if;
  return line;
end
$$;
comment on function app.invoice_line_freeze() is 'Trigger: lines change only while their invoice is a draft.';
create or replace trigger _200_freeze
  before insert or update or delete on app.invoice_line
  for each row execute function app.invoice_line_freeze();
--! EndIncluded invoice/invoice.sql
--! Included invoice/total.sql
-- Totals equal lines: a constraint, checked at commit.

create or replace function platform.check_invoice_total(tenant uuid, invoice uuid)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  stated bigint;
  summed bigint;
begin
  perform platform.require_tenant(tenant);
  select i.total into stated from app.invoice i where i.tenant_id = tenant and i.id = invoice;
  select coalesce(sum(l.amount), 0) into summed from app.invoice_line l where l.tenant_id = tenant and l.invoice_id = invoice;
  if stated is distinct from summed then
    raise exception using
      errcode = '23514',
      constraint = 'invoice_total_equals_lines',
      message = format('the total %s is not the sum of the lines, %s', stated, summed),
      detail = format('invoice %s', invoice);
  end if;
end
$$;
comment on function platform.check_invoice_total(uuid, uuid) is 'Raises 23514 unless the total of an invoice is the sum of its lines.';
grant execute on function platform.check_invoice_total(uuid, uuid) to freehold_user;

create or replace function app.invoice_check_total()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform platform.check_invoice_total(new.tenant_id, new.id);
  return null;
end
$$;
comment on function app.invoice_check_total() is 'Constraint trigger, at commit: the total of an invoice is the sum of its lines.';

create or replace function app.invoice_line_check_total()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    if not platform.is_closed(old.tenant_id) then
      perform platform.check_invoice_total(old.tenant_id, old.invoice_id);
    end if;
  else
    perform platform.check_invoice_total(new.tenant_id, new.invoice_id);
  end if;
  return null;
end
$$;
comment on function app.invoice_line_check_total() is 'Constraint trigger, at commit: as app.invoice_check_total, from the side of the lines.';

do $$
begin
  -- there is no "create or replace constraint trigger"
  if not exists (select from pg_catalog.pg_trigger g where g.tgrelid = 'app.invoice'::regclass and g.tgname = '_600_check_total') then
    create constraint trigger _600_check_total
      after insert or update of total on app.invoice
      deferrable initially deferred
      for each row execute function app.invoice_check_total();
    create constraint trigger _600_check_total
      after insert or update or delete on app.invoice_line
      deferrable initially deferred
      for each row execute function app.invoice_line_check_total();
  end if;
end
$$;
--! EndIncluded invoice/total.sql
--! Included invoice/issue.sql
-- Issuing an invoice; amounts of a part of a period always add up to the whole.

create or replace function platform.rounded_share(amount bigint, part bigint, whole bigint)
returns bigint
language sql
immutable
set search_path = ''
return div(2 * amount::numeric * part + whole, 2 * whole::numeric)::bigint;
comment on function platform.rounded_share(bigint, bigint, bigint) is
  'amount * part / whole, rounded half up, in exact integers. amount and part not negative, whole positive.';

create or replace function platform.prorate(amount bigint, from_part bigint, to_part bigint, whole bigint)
returns bigint
language sql
immutable
set search_path = ''
return platform.rounded_share(amount, to_part, whole) - platform.rounded_share(amount, from_part, whole);
comment on function platform.prorate(bigint, bigint, bigint, bigint) is
  'The share of an amount for the stretch from_part..to_part of whole. Rounding is done on the running sum, so that the
shares of any division of the whole add up to the amount, to the last minor unit.';

create or replace function app.issue_invoice(subscription app.subscription, lines app.invoice_line[])
returns app.invoice
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  issued app.invoice;
begin
  perform platform.require(null);
  insert into app.invoice (subscription_id, currency, total, period_start, period_end)
  select subscription.id, p.currency, (select coalesce(sum(l.amount), 0) from unnest(lines) l),
    subscription.current_period_start, subscription.current_period_end
  from catalog.plan p
  where p.key = subscription.plan
  returning * into issued;
  insert into app.invoice_line (invoice_id, description, amount, period_start, period_end)
  select issued.id, l.description, l.amount, l.period_start, l.period_end
  from unnest(lines) l;
  update app.invoice i
  set status = 'open'
  where i.tenant_id = issued.tenant_id
    and i.id = issued.id
  returning * into issued;
  return issued;
end
$$;
comment on function app.issue_invoice(app.subscription, app.invoice_line[]) is
  'Writes an invoice with its lines and finalizes it. Called by the functions of the subscription; nobody else may.';
--! EndIncluded invoice/issue.sql
--! Included subscription/change_plan.sql
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
--! EndIncluded subscription/change_plan.sql
--! Included subscription/renew.sql
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
--! EndIncluded subscription/renew.sql

select platform.declare_states('app.project_status', '{
  "active": "Being worked on.",
  "archived": "Kept, and read-only in the product.",
  "deleted": "Gone from view."
}');

create table app.project (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  name text not null check (length(name) between 1 and 200),
  description text not null default '' check (length(description) <= 10000),
  lead_id uuid,
  status text not null default 'active' references app.project_status,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, lead_id) references app.membership (tenant_id, id)
);
create index project_lead on app.project (tenant_id, lead_id);
-- lists by state, and counts of what is not deleted without a visit to the table
create index project_by_status on app.project (tenant_id, status, id);

--! Included project/project.sql
-- Projects: what a tenant works on. The example to copy for an entity of your own.

comment on table app.project is 'Something that the tenant works on.';
comment on column app.project.name is 'Name, 1 to 200 characters.';
comment on column app.project.description is 'What it is about, up to 10,000 characters.';
comment on column app.project.lead_id is 'The member who leads it.';

select platform.declare_entity(
  'app.project',
  permissions => '{"read": "viewer", "create": "member", "update": "member", "archive": "member", "restore": "member", "delete": "admin"}',
  lifecycle => '{
    "initial": "active",
    "concealed": ["deleted"],
    "transitions": {
      "archive": {"from": ["active"], "to": "archived", "event": "project.archived",
        "description": "Puts a project away; it can be restored."},
      "restore": {"from": ["archived"], "to": "active", "event": "project.restored",
        "description": "Takes an archived project up again."},
      "delete": {"from": ["active", "archived"], "to": "deleted", "event": "project.deleted",
        "description": "Removes a project from view for good."}
    }
  }',
  limited_by => '{"entitlement": "projects", "counted": "new.status <> ''deleted''", "usage": "app.projects_used()"}'
);

create or replace function app.projects_used()
returns bigint
language sql
stable
security definer
set search_path = ''
begin atomic
  select count(*)
  from app.project p
  where p.tenant_id = platform.tenant_id()
    and p.status <> 'deleted';
end;
comment on function app.projects_used() is 'Projects that count towards the plan.';
grant execute on function app.projects_used() to freehold_user;
--! EndIncluded project/project.sql

create table app.feature_usage (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  feature text not null check (length(feature) between 1 and 100),
  day date not null,
  slot smallint not null check (slot between 0 and 15),
  quantity bigint not null check (quantity > 0),
  primary key (tenant_id, id),
  unique (tenant_id, feature, day, slot)
);

--! Included feature_usage/feature_usage.sql
-- Metering: what was used, by day and feature. Sixteen slots a day, so that many users of one feature do not wait on one row.

comment on table app.feature_usage is E'@behavior -*\nUse of a feature on a day, in sixteen slots; feature_usage_by_day adds them up.';
select platform.declare_record('app.feature_usage', permissions => '{"read": "viewer", "record": "member"}');
select platform.declare_event('feature.used', 'feature_usage', 'A feature was used.', '{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {"feature": {"type": "string"}, "quantity": {"type": "integer"}, "day": {"type": "string", "format": "date"}},
  "required": ["feature", "quantity", "day"]
}');

create or replace view app.feature_usage_by_day with (security_invoker = true) as
select u.feature, u.day, sum(u.quantity)::bigint as quantity
from app.feature_usage u
where u.tenant_id = platform.tenant_id()
group by u.feature, u.day;
comment on view app.feature_usage_by_day is E'@primaryKey feature,day\nUse of each feature by day (UTC).';
comment on column app.feature_usage_by_day.feature is E'@isIndexed\nThe feature.';
comment on column app.feature_usage_by_day.day is E'@isIndexed\nThe day, in UTC.';
comment on column app.feature_usage_by_day.quantity is 'How often, or how much, in the unit of the feature.';
grant select on app.feature_usage_by_day to freehold_user;

create or replace function app.use_feature(feature text, quantity integer default 1)
returns bigint
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  today date := (statement_timestamp() at time zone 'UTC')::date;
  used bigint;
  usage_id uuid;
begin
  perform platform.require('feature_usage:record');
  if feature is null or feature !~ '^[a-z][a-z0-9_]{0,99}$' then
    raise exception using errcode = 'ZF010', message = 'feature is not a name', detail = 'Lower-case letters, digits and _, up to 100.';
  end if;
  if quantity is null or quantity not between 1 and 1000000 then
    raise exception using errcode = 'ZF010', message = 'quantity is out of range', detail = 'From 1 to 1,000,000.';
  end if;
  insert into app.feature_usage (feature, day, slot, quantity)
  values (use_feature.feature, today, pg_backend_pid() % 16, use_feature.quantity)
  on conflict (tenant_id, feature, day, slot) do update
    set quantity = feature_usage.quantity + excluded.quantity
  returning feature_usage.quantity, feature_usage.id into used, usage_id;
  perform platform.record_event('feature.used', 'feature_usage', usage_id,
    jsonb_build_object('feature', use_feature.feature, 'quantity', use_feature.quantity, 'day', today));
  return use_feature.quantity;
end
$$;
comment on function app.use_feature(text, integer) is
  'Meters the use of a feature today. Event: feature.used. Permission: feature_usage:record. Returns the quantity recorded.';
grant execute on function app.use_feature(text, integer) to freehold_user;
--! EndIncluded feature_usage/feature_usage.sql

select platform.declare_states('app.report_status', '{
  "requested": "Waiting for the worker.",
  "running": "Being made.",
  "exported": "Ready to download.",
  "failed": "Could not be made; the error says why.",
  "expired": "No longer kept."
}');

create table app.report (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  kind text not null check (kind in ('events', 'invoices', 'members', 'usage')),
  -- what has a form in JSON: neither infinite nor beyond year 9999
  since timestamptz check (since between '0001-01-01 00:00:00+00' and '9999-12-31 00:00:00+00'),
  status text not null default 'requested' references app.report_status,
  row_count bigint,
  byte_count bigint,
  error text check (length(error) <= 1000),
  expires_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create index report_due on app.report (tenant_id, expires_at) where status = 'exported';

create table app.report_chunk (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  report_id uuid not null,
  position integer not null check (position >= 0),
  content text not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, report_id) references app.report (tenant_id, id),
  unique (tenant_id, report_id, position)
);

--! Included report/report.sql
-- Reports: exports that the worker makes, kept for a week.

comment on table app.report is 'An export of the tenant''s data as newline-delimited JSON, made by the worker.';
comment on column app.report.kind is 'events, invoices, members or usage.';
comment on column app.report.since is 'Only what happened from then on; all when null.';
comment on column app.report.row_count is 'Rows in the export.';
comment on column app.report.byte_count is 'Size of the export.';
comment on column app.report.error is 'Why it failed.';
comment on column app.report.expires_at is 'Until when it can be downloaded.';

comment on table app.report_chunk is E'@behavior -*\nContent of a report, 1,000 rows a chunk; read through app.report_content.';
select platform.declare_record('app.report_chunk', permissions => '{}', hidden => '{content,report_id,position}');
select platform.declare_entity(
  'app.report',
  permissions => '{"read": "admin", "create": "admin", "start": [], "finish": [], "fail": [], "expire": []}',
  lifecycle => '{
    "initial": "requested",
    "transitions": {
      "start": {"from": ["requested", "running"], "to": "running", "event": "report.started", "handwritten": true},
      "finish": {"from": ["running"], "to": "exported", "event": "report.exported", "handwritten": true},
      "fail": {"from": ["requested", "running"], "to": "failed", "event": "report.failed", "handwritten": true},
      "expire": {"from": ["exported"], "to": "expired", "event": "report.expired", "handwritten": true}
    }
  }',
  events => '{"created": "report.requested"}',
  creatable => '{kind,since}',
  due => '{"expire": {"column": "expires_at", "states": ["exported"]}}',
  tasks => '{"report.requested": "export_report"}'
);

create or replace function app.report_check_feature()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform platform.require_feature('reports');
  return new;
end
$$;
comment on function app.report_check_feature() is 'Trigger: reports are a feature of the plan.';
create or replace trigger _200_check_feature
  before insert on app.report
  for each row execute function app.report_check_feature();

-- each copies what it exports
create or replace trigger _800_check_count
  after insert on app.report
  for each row execute function platform.check_count('10', '{requested,running}');
--! EndIncluded report/report.sql
--! Included report/produce.sql
-- How a report comes to be: started, filled chunk by chunk, finished. The worker calls these as the system, in the tenant.

create or replace function app.lock_report(id uuid, verb text, states text[])
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  locked app.report;
begin
  perform platform.require('report:' || verb);
  select r.*
  into locked
  from app.report r
  where r.tenant_id = platform.tenant_id()
    and r.id = lock_report.id
  for no key update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such report', detail = format('report %s', id);
  end if;
  if locked.status <> all (states) then
    perform platform.raise_illegal_transition('report', locked.id, locked.status, verb);
  end if;
  return locked;
end
$$;
comment on function app.lock_report(uuid, text, text[]) is 'The report, locked, after its permission and state were checked.';

create or replace function app.start_report(id uuid)
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  started app.report := app.lock_report(id, 'start', '{requested,running,exported,failed,expired}');
begin
  -- the task may come twice: what was made is not begun again
  if started.status not in ('requested', 'running') then
    return null;
  end if;
  -- a report left running by a worker that died begins anew
  delete from app.report_chunk c
  where c.tenant_id = started.tenant_id
    and c.report_id = started.id;
  update app.report r
  set status = 'running'
  where r.tenant_id = started.tenant_id
    and r.id = started.id
  returning * into started;
  return started;
end
$$;
comment on function app.start_report(uuid) is E'@behavior -mutationField\nTakes a report up; null when it is no longer wanted. For the system.';
grant execute on function app.start_report(uuid) to freehold_user;

create or replace function app.report_rows(report app.report)
returns setof text
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require('report:start');
  case report.kind
    when 'events' then
      return query select to_jsonb(e)::text from app.event e
        where e.tenant_id = platform.tenant_id() and (report.since is null or e.id >= platform.uuidv7_floor(report.since))
        order by e.id;
    when 'invoices' then
      return query select (to_jsonb(i) || jsonb_build_object('lines', (
          select jsonb_agg(to_jsonb(l) order by l.id) from app.invoice_line l where l.tenant_id = i.tenant_id and l.invoice_id = i.id)))::text
        from app.invoice i
        where i.tenant_id = platform.tenant_id() and (report.since is null or i.created_at >= report.since)
        order by i.id;
    when 'members' then
      return query select to_jsonb(m)::text from app.membership m
        where m.tenant_id = platform.tenant_id() and (report.since is null or m.created_at >= report.since)
        order by m.id;
    else
      return query select to_jsonb(u)::text from app.feature_usage_by_day u
        where report.since is null or u.day >= (report.since at time zone 'UTC')::date
        order by u.day, u.feature;
  end case;
end
$$;
comment on function app.report_rows(app.report) is 'The rows of a report, one JSON object each.';

create or replace function app.finish_report(id uuid)
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  running app.report := app.lock_report(finish_report.id, 'finish', '{running}');
begin
  insert into app.report_chunk (report_id, position, content)
  select running.id, (n - 1) / 1000, string_agg(row_text || E'\n', '' order by n)
  from app.report_rows(running) with ordinality r (row_text, n)
  group by (n - 1) / 1000;
  update app.report
  set status = 'exported',
    expires_at = statement_timestamp() + interval '7 days',
    (row_count, byte_count) = (
      select coalesce(sum(length(content) - length(replace(content, E'\n', ''))), 0), coalesce(sum(octet_length(content)), 0)
      from app.report_chunk c
      where c.tenant_id = running.tenant_id and c.report_id = running.id)
  where tenant_id = running.tenant_id
    and id = running.id
  returning * into running;
  return running;
end
$$;
comment on function app.finish_report(uuid) is
  E'@behavior -mutationField\nFills a running report from one snapshot, 1,000 rows a chunk, and makes it downloadable for 7 days. For the system. Event: report.exported.';
grant execute on function app.finish_report(uuid) to freehold_user;

create or replace function app.fail_report(id uuid, error text)
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  failed app.report := app.lock_report(id, 'fail', '{requested,running}');
begin
  update app.report r
  set status = 'failed',
    error = left(fail_report.error, 1000)
  where r.tenant_id = failed.tenant_id
    and r.id = failed.id
  returning * into failed;
  return failed;
end
$$;
comment on function app.fail_report(uuid, text) is E'@behavior -mutationField\nGives a report up, with the reason. For the system. Event: report.failed.';
grant execute on function app.fail_report(uuid, text) to freehold_user;

create or replace function app.expire_report(id uuid)
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  expired app.report := app.lock_report(id, 'expire', '{exported}');
begin
  delete from app.report_chunk c
  where c.tenant_id = expired.tenant_id
    and c.report_id = expired.id;
  update app.report r
  set status = 'expired'
  where r.tenant_id = expired.tenant_id
    and r.id = expired.id
  returning * into expired;
  return expired;
end
$$;
comment on function app.expire_report(uuid) is E'@behavior -mutationField\nForgets the content of a report. For the system. Event: report.expired.';
grant execute on function app.expire_report(uuid) to freehold_user;

select platform.declare_event('report.downloaded', 'report', 'A report was downloaded.');

create or replace function app.report_content(id uuid, after_position integer default -1)
returns table ("position" integer, content text)
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform platform.require('report:read');
  if not exists (
    select from app.report r
    where r.tenant_id = platform.tenant_id() and r.id = report_content.id and r.status = 'exported'
  ) then
    raise exception using errcode = 'ZF004', message = 'there is no such report to download', detail = format('report %s', id);
  end if;
  if after_position = -1 then
    perform platform.record_event('report.downloaded', 'report', report_content.id, '{}');
  end if;
  return query
    select c.position, c.content
    from app.report_chunk c
    where c.tenant_id = platform.tenant_id()
      and c.report_id = report_content.id
      and c.position > after_position
    order by c.position
    limit 10;
end
$$;
comment on function app.report_content(uuid, integer) is
  E'@behavior -mutationField\nThe next ten chunks of an exported report, for the download. Permission: report:read. Event, at the first: report.downloaded.';
grant execute on function app.report_content(uuid, integer) to freehold_user;
--! EndIncluded report/produce.sql
