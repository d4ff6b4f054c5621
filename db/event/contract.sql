-- The change feed and the catalogue of events in the public contract.

do $$
begin
  if to_regtype('api_v1.event_page') is null then
    create type api_v1.event_page as (data api_v1.events[], has_more boolean, next uuid, held_back_since timestamptz);
  end if;
end
$$;
comment on type api_v1.event_page is 'A page of the change feed.';
comment on column api_v1.event_page.held_back_since is
  'Time of the first event that waits to be shown, because an older transaction still runs; null when none does.';

create or replace function api_v1.list_events(after uuid default null, "limit" integer default 50, types text[] default null)
returns api_v1.event_page
language plpgsql
stable
set search_path = ''
as $$
declare
  page api_v1.event_page;
  shown bigint;
begin
  -- one more than is shown tells whether there is more; of other types only the envelope is fetched, and it is left out here
  select array_agg(row(e.id, e.type, e.entity, e.entity_id, e.entity_version, e.data, e.previous, e.actor_type, e.actor_id, e.impersonator_id,
      e.request_id, e.traceparent, e.occurred_at, e.channel)::api_v1.events order by e.n)
      filter (where e.n <= list_events."limit" and (types is null or types && array[e.type, split_part(e.type, '.', 1) || '.*', '*'])),
    count(*), (array_agg(e.id order by e.n) filter (where e.n <= list_events."limit"))[least(count(*), list_events."limit")]
  into page.data, shown, page.next
  from (
    select f.*, row_number() over () as n
    from app.change_feed(list_events.after, list_events."limit" + 1, list_events.types) f
  ) e;
  page.data := coalesce(page.data, '{}');
  page.has_more := shown > list_events."limit";
  page.next := coalesce(page.next, list_events.after);
  if not page.has_more then
    page.held_back_since := app.change_feed_held_since();
  end if;
  return page;
end
$$;
comment on function api_v1.list_events(uuid, integer, text[]) is E'@route GET events
@argument types Show events of these types alone: exact types, all of an entity (invoice.*), or *. The page still spans limit events, so it may show fewer, or none, although there are more.
The change feed: every event of the tenant, in an order to which nothing is ever added before a cursor. Without a cursor it begins with the first
that the plan keeps in sight. Keep next_cursor, and ask again with it: it is given with the last page too. Permission: event:read.';
grant execute on function api_v1.list_events(uuid, integer, text[]) to freehold_user;

create or replace view api_v1.event_types with (security_invoker = true) as
select t.type, t.entity, t.description, t.schema
from catalog.event_type t;
comment on view api_v1.event_types is E'@primaryKey type\nA kind of event: what a webhook endpoint can subscribe to, and what its events carry.';
comment on column api_v1.event_types.type is E'@isIndexed\n@example project.archived\nName of the type.';
comment on column api_v1.event_types.entity is E'@isIndexed\n@required\n@example project\nName of the entity that it is about.';
comment on column api_v1.event_types.description is 'What happened.';
comment on column api_v1.event_types.schema is 'JSON Schema (2020-12) of the data of its events.';
grant select on api_v1.event_types to freehold_user;
