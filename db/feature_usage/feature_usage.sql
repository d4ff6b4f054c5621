-- Metering: what was used, by day and feature. Sixteen slots a day, so that many users of one feature do not wait on one row.

comment on table app.feature_usage is E'@behavior -*\nUse of a feature on a day, in sixteen slots; feature_usage_by_day adds them up.';
select platform.declare_record('app.feature_usage', permissions => '{"read": "viewer", "record": "member"}');
select platform.declare_event('feature.used', 'feature_usage', 'The use of a feature was metered.', '{
  "title": "feature_use",
  "description": "One use of a feature.",
  "type": "object",
  "properties": {
    "feature": {"type": "string", "description": "The feature.", "examples": ["search"]},
    "quantity": {"type": "integer", "description": "How often, or how much, in the unit of the feature."},
    "day": {"type": "string", "format": "date", "description": "The day on which it counts, in UTC."}
  },
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
