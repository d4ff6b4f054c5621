--! Undoes: sha1:cb4afc055a8db6fffae5ef8bbe1a3c4e06e1c7d5
--! Loses: nothing

-- Undoes "lists".
set local check_function_bodies = off;
delete from identity.provider_event where (event) in (('organization_domain.verification_failed'));
create or replace function identity.apply(entry identity.inbox, kind text, ends boolean)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  told jsonb := entry.data;
begin
  if kind <> 'directory_group_user' then
    perform identity.take_over(entry.issuer, kind, told, entry.occurred_at, entry.id, ends);
    return;
  end if;
  -- it tells of three: the user, the group, and that the one is in the other, which has neither an id nor a time of its own
  perform identity.take_over(entry.issuer, 'directory_user', told -> 'user', entry.occurred_at, entry.id, false),
    identity.take_over(entry.issuer, 'directory_group', told -> 'group', entry.occurred_at, entry.id, false);
  perform identity.take_over(entry.issuer, kind, jsonb_build_object(
    'id', concat_ws('/', told #>> '{group,id}', told #>> '{user,id}'),
    'directory_id', told ->> 'directory_id',
    'directory_group_id', told #>> '{group,id}',
    'directory_user_id', told #>> '{user,id}',
    'present', entry.event = 'dsync.group.user_added'), entry.occurred_at, entry.id, false);
end
$$;
drop routine identity.end_sync(issuer text, organization text, listed text[], at timestamp with time zone);
create or replace function identity.receive_listing(issuer text, objects jsonb, at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  listed record;
begin
  perform pg_advisory_xact_lock(7100050);
  for listed in
    select o ->> 'kind' as kind, o -> 'object' as object from jsonb_array_elements(objects) o
  loop
    perform identity.observe(
      issuer, listed.kind, listed.object ->> 'id', listed.object - 'groups', coalesce((listed.object ->> 'updated_at')::timestamptz, at), '', false);
    if listed.kind = 'directory_user' then
      perform identity.observe_groups(issuer, listed.object, at);
    end if;
  end loop;
end
$$;
create or replace function identity.unlisted_objects(issuer text, organization text, listed text[], at timestamptz)
returns table (kind text, id text)
language sql
stable
security definer
set search_path = ''
begin atomic
  select o.kind, o.id
  from identity.provider_object o
  where o.issuer = unlisted_objects.issuer
    and (o.organization = unlisted_objects.organization or o.kind = 'organization' and o.id = unlisted_objects.organization)
    and o.kind in ('organization', 'organization_domain', 'organization_membership', 'connection', 'directory', 'directory_user', 'directory_group')
    and not o.ended
    -- what is new may not be in every list yet
    and o.updated_at < unlisted_objects.at - interval '1 hour'
    and not exists (select from unnest(unlisted_objects.listed) l where l = o.kind || '/' || o.id)
    -- an organization, or a directory, takes with it what is in it
    and (o.kind = 'organization' or exists (
      select from unnest(unlisted_objects.listed) l where l = 'organization/' || unlisted_objects.organization))
    and (o.directory is null or exists (select from unnest(unlisted_objects.listed) l where l = 'directory/' || o.directory))
  order by o.kind, o.id;
end;
create or replace function identity.end_sync(issuer text, organization text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  perform pg_advisory_xact_lock(7100050);
  perform identity.follow_all(issuer, array(
    select distinct m.subject
    from identity.provider_object m
    where m.issuer = end_sync.issuer and m.organization = end_sync.organization and m.kind = 'organization_membership'
    order by m.subject));
  update identity.organization o
  set synced_at = statement_timestamp()
  where o.issuer = end_sync.issuer
    and o.organization = end_sync.organization;
end
$$;
create or replace function identity.observe_groups(issuer text, told jsonb, at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform identity.observe(issuer, 'directory_group_user', concat_ws('/', g.id, told ->> 'id'), jsonb_build_object(
    'id', concat_ws('/', g.id, told ->> 'id'),
    'directory_id', told ->> 'directory_id',
    'directory_group_id', g.id,
    'directory_user_id', told ->> 'id',
    'present', bool_or(g.present)), at, '', false)
  from (
    select listed ->> 'id' as id, true as present
    from jsonb_array_elements(told -> 'groups') listed
    union all
    select known.data ->> 'directory_group_id', false
    from identity.provider_object known
    where known.issuer = observe_groups.issuer
      and known.kind = 'directory_group_user'
      and known.subject = told ->> 'id'
  ) g
  group by g.id;
end
$$;
alter function identity.end_sync(issuer text, organization text) owner to freehold_owner;
alter function identity.observe_groups(issuer text, told jsonb, at timestamp with time zone) owner to freehold_owner;
grant execute on function identity.end_sync(issuer text, organization text) to freehold_worker;
comment on function identity.end_sync(issuer text, organization text) is 'Has everybody of the organization follow, whether anything was news or not: what went wrong once is right after a day.';
comment on function identity.observe_groups(issuer text, told jsonb, at timestamp with time zone) is 'Takes over in which groups a user of a directory is listed, and in which not, unless an event from after that time has told otherwise.';
