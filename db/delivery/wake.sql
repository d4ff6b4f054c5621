-- Waking the dispatcher without a NOTIFY in every transaction (which takes a database-wide lock at commit: 8,000 to 12,000
-- transactions/s fell to 350 to 790).
--
-- The sign "I sleep" is an advisory lock: a sleeping dispatcher holds it exclusively, a writer takes it shared until its
-- transaction ends. Either the writer gets it: then no dispatcher can fall asleep before the writer has ended, and each
-- looks once more after it has. Or it does not: then one sleeps, and the writer notifies. A flag in a table cannot do this: a
-- writer reads "awake", the dispatcher falls asleep and finds nothing, and then the writer commits.

create or replace function platform.wake_dispatcher()
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  if not pg_try_advisory_xact_lock_shared(7100040) then
    perform pg_notify('freehold_delivery', '');
  end if;
end
$$;
comment on function platform.wake_dispatcher() is
  'After new rows in platform.delivery_queue: notifies on channel freehold_delivery, but only if a dispatcher sleeps.';
grant execute on function platform.wake_dispatcher() to freehold_dispatcher;
