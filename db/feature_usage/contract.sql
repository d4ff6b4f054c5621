-- Metering in the public contract: what was used by day, and noting a use.

create or replace view api_v1.usage with (security_invoker = true) as
select u.feature, u.day, u.quantity
from app.feature_usage_by_day u;
comment on view api_v1.usage is E'@primaryKey day,feature\n@title usage\nUse of a feature on a day.';
comment on column api_v1.usage.feature is E'@isIndexed\n@required\n@example search\nThe feature.';
comment on column api_v1.usage.day is E'@isIndexed\n@required\nThe day, in UTC.';
comment on column api_v1.usage.quantity is E'@required\n@example 3\nHow often, or how much, in the unit of the feature.';
grant select on api_v1.usage to freehold_user;

do $$
begin
  if to_regtype('api_v1.metered_use') is null then
    create type api_v1.metered_use as (feature text, quantity bigint);
  end if;
end
$$;
comment on type api_v1.metered_use is 'What was added to the use of a feature today.';
comment on column api_v1.metered_use.feature is E'@required\nThe feature.';
comment on column api_v1.metered_use.quantity is E'@required\nWhat was added.';

create or replace function api_v1.use_feature(feature text, quantity integer default 1)
returns api_v1.metered_use
language sql
volatile
set search_path = ''
begin atomic
  select row(use_feature.feature, app.use_feature(use_feature.feature, use_feature.quantity))::api_v1.metered_use;
end;
comment on function api_v1.use_feature(text, integer) is E'@route POST usage
@argument feature Name of the feature: lower-case letters, digits and _, up to 100.
@argument quantity How often, or how much, in the unit of the feature: 1 to 1,000,000.
Meters the use of a feature today. Event: feature.used. Permission: feature_usage:record.';
grant execute on function api_v1.use_feature(text, integer) to freehold_user;
