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
  ('enterprise', 'seats', null), ('enterprise', 'projects', null), ('enterprise', 'retention_days', 2555), ('enterprise', 'reports', 1), ('enterprise', 'sso', 1),
  -- requests in a minute: of the tenant, and of each of its keys
  ('free', 'api_requests', 300), ('free', 'api_key_requests', 120), ('team', 'api_requests', 1200), ('team', 'api_key_requests', 600),
  ('business', 'api_requests', 6000), ('business', 'api_key_requests', 3000), ('enterprise', 'api_requests', null), ('enterprise', 'api_key_requests', null)
on conflict (plan, key) do update
  set value = excluded.value;
