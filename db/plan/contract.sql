-- Plans in the public contract: what a subscription can be taken to.

create or replace view api_v1.plans with (security_invoker = true) as
select p.key, p.name, p.description, p.rank, p.currency, p.monthly_price, p.trial_days,
  (select jsonb_object_agg(e.key, e.value) from catalog.plan_entitlement e where e.plan = p.key) as entitlements
from catalog.plan p;
comment on view api_v1.plans is E'@primaryKey key\nA plan that a tenant can subscribe to.';
comment on column api_v1.plans.key is E'@isIndexed\n@example team\nName of the plan, for subscriptions.';
comment on column api_v1.plans.name is E'@example Team\nName as people see it.';
comment on column api_v1.plans.description is E'@example For one team.\nWhom it is for.';
comment on column api_v1.plans.rank is E'@example 10\nPlans of higher rank are upgrades.';
comment on column api_v1.plans.currency is E'@example EUR\nCurrency of its price, as ISO 4217 has it.';
comment on column api_v1.plans.monthly_price is E'@example 4900\nPrice of a month in minor units of the currency.';
comment on column api_v1.plans.trial_days is E'@example 14\nDays of the trial; 0 for none.';
comment on column api_v1.plans.entitlements is E'@required\n@example {"seats": 10, "projects": 25}\nWhat it allows by name: a number, 1 for a feature that is included, null for no limit.';
grant select on api_v1.plans to freehold_user;
