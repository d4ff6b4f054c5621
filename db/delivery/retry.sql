-- When a failed delivery is tried again.

create or replace function platform.retry_delay(failed_attempts integer)
returns interval
language sql
volatile
parallel safe
set search_path = ''
return ('{5 s,5 min,30 min,2 h,5 h,10 h,14 h,20 h,24 h}'::interval[])[failed_attempts] * (0.8 + 0.4 * random());
comment on function platform.retry_delay(integer) is
  'How long to wait after so many failed attempts: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, each +-20 %, so that a receiver
that comes back is not met by all at once. Null after the tenth: the delivery has failed.';
grant execute on function platform.retry_delay(integer) to freehold_dispatcher;
