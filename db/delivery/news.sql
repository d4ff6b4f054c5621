-- Waking the streams of events that servers hold open (server/streams), without a NOTIFY in a business transaction.
--
-- A server notes which tenants it has streams of. Whoever writes events of such a tenant leaves a row in platform.event_news, in the same
-- transaction (db/delivery/fan_out.sql): an insert that nobody waits for. The dispatcher takes all of them in its round and sends one NOTIFY with the
-- tenants. What is lost on the way, with a crash or because no worker runs, delays: streams look by themselves every 15 s.

grant select, insert, delete on platform.event_news to freehold_dispatcher;
grant select, insert, update, delete on platform.event_watch to freehold_dispatcher;

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.watch_events(server uuid, tenants uuid[], lease interval default '30 seconds')
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $watch$
begin
  -- What the server watches no more, and what servers left behind that are gone.
  delete from platform.event_watch w
  where w.server_id = watch_events.server
    and w.tenant_id <> all (tenants);
  delete from platform.event_watch w
  where (w.tenant_id, w.server_id) in (
    select x.tenant_id, x.server_id
    from platform.event_watch x
    where x.expires_at < statement_timestamp() - interval '1 minute'
    for update skip locked);
  insert into platform.event_watch as w (tenant_id, server_id, expires_at)
  select distinct t.id, watch_events.server, statement_timestamp() + lease
  from unnest(tenants) t (id)
  on conflict (tenant_id, server_id) do update set expires_at = excluded.expires_at;
end
$watch$;
comment on function platform.watch_events(uuid, uuid[], interval) is
  'Notes that this server has streams of just these tenants, until the lease is over. From its commit on, transactions that begin to write leave a row in
platform.event_news; those that had begun may not.';
grant execute on function platform.watch_events(uuid, uuid[], interval) to freehold_app;

create or replace function platform.tell_watchers()
returns integer
language plpgsql
volatile
security definer
set search_path = ''
as $tell$
declare
  tenants text;
  told integer := 0;
begin
  for tenants in
    with taken as (
      delete from platform.event_news
      returning tenant_id
    )
    select string_agg(t.tenant_id::text, ',')
    from (select x.tenant_id, row_number() over () as n from (select distinct k.tenant_id from taken k) x) t
    -- a payload ends at 8,000 bytes
    group by (t.n - 1) / 200
  loop
    perform pg_notify('freehold_events', tenants);
    told := told + 1;
  end loop;
  return told;
end
$tell$;
comment on function platform.tell_watchers() is
  'Tells the servers, on channel freehold_events, of which tenants there is news; returns how many notifications that took. The dispatcher''s: one commit with a
NOTIFY at a time is possible in a cluster, and it makes one for everybody.';
grant execute on function platform.tell_watchers() to freehold_worker;
$sql$);
