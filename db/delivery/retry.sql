-- When a failed delivery is tried again.

create or replace function platform.retry_delay(delays integer[], failed_attempts integer, retry_after integer default null)
returns interval
language sql
volatile
parallel safe
set search_path = ''
return make_interval(secs => delays[failed_attempts] * greatest(
  0.8 + 0.4 * random(),
  -- RFC 9110, section 10.2.3: not before; and a day at most, whatever is asked
  case when retry_after is not null then least(retry_after, 86400) end::double precision / delays[failed_attempts]));
comment on function platform.retry_delay(integer[], integer, integer) is
  'How long to wait after so many failed attempts: the delay of that number in seconds, +-20 % so that a receiver that comes back is not met by all at once, and at
least what its Retry-After asked for, up to a day. Null after the last: the delivery has failed.';
grant execute on function platform.retry_delay(integer[], integer, integer) to freehold_dispatcher;
