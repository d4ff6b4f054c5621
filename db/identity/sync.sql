-- The full synchronization: once a day, what the identity provider lists of an organization is compared with what is known, for events that never came.

create or replace function identity.organizations_to_sync(issuer text)
returns setof text
language sql
stable
security definer
set search_path = ''
begin atomic
  select o.organization
  from identity.organization o
  where o.issuer = organizations_to_sync.issuer
    and (o.synced_at is null or o.synced_at < statement_timestamp() - interval '1 day')
  order by o.synced_at nulls first, o.organization;
end;
comment on function identity.organizations_to_sync(text) is 'Organizations of tenants that were not synchronized for a day, those that never were first.';

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
  end loop;
end
$$;
comment on function identity.receive_listing(text, jsonb, timestamptz) is
  'Takes over a page of objects, [{kind, object}], in the words of the identity provider, as they were at that time. What follows waits for identity.end_sync.';

create or replace function identity.unlisted_objects(issuer text, organization text, listed jsonb, at timestamptz)
returns table (kind text, id text)
language sql
stable
security definer
set search_path = ''
begin atomic
  select o.kind, o.id
  from identity.provider_object o
  where o.issuer = unlisted_objects.issuer
    and o.organization = unlisted_objects.organization
    and o.kind in ('organization_domain', 'organization_membership', 'connection', 'directory', 'directory_user', 'directory_group')
    and not o.ended
    -- what is new may not be in every list yet
    and o.updated_at < unlisted_objects.at - interval '1 hour'
    -- by key, whatever the planner expects of the list
    and not unlisted_objects.listed ? (o.kind || '/' || o.id)
    -- an organization, or a directory, takes with it what is in it
    and unlisted_objects.listed ? ('organization/' || unlisted_objects.organization)
    and (o.directory is null or unlisted_objects.listed ? ('directory/' || o.directory))
  order by o.kind, o.id;
end;
comment on function identity.unlisted_objects(text, text, jsonb, timestamptz) is
  'Objects of an organization, as kind and id, that are known and were not in its lists, {"kind/id": true}, which were read from that time on: they have ended, unless the identity provider knows them by their ids.';

create or replace function identity.receive_end(issuer text, kind text, id text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  object identity.provider_object;
begin
  perform pg_advisory_xact_lock(7100050);
  object := identity.known(issuer, kind, id);
  -- when it ended is not known; before it did, who came came rightly
  perform identity.observe(issuer, kind, id, object.data, statement_timestamp(), '', true);
  perform identity.follow_object(identity.known(issuer, kind, id));
end
$$;
comment on function identity.receive_end(text, text, text) is 'Takes over that the identity provider has a known object no more, and does what follows. It is final.';

create or replace function identity.follow_organization(issuer text, organization text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(7100050);
  perform identity.follow_all(issuer, array(
    select distinct m.subject
    from identity.provider_object m
    where m.issuer = follow_organization.issuer and m.organization = follow_organization.organization and m.kind = 'organization_membership'
    order by m.subject));
end
$$;
comment on function identity.follow_organization(text, text) is 'Has everybody of an organization follow, whether anything was news or not: what went wrong once is right after a day.';

create or replace function identity.end_sync(issuer text, organization text, listed jsonb, at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  perform pg_advisory_xact_lock(7100050);
  -- who is in a group has neither an end nor a time of its own
  perform identity.observe(gu.issuer, gu.kind, gu.id, gu.data || '{"present": false}', end_sync.at, '', false)
  from identity.provider_object d
  join identity.provider_object gu on gu.issuer = d.issuer and gu.directory = d.id and gu.kind = 'directory_group_user'
  where d.issuer = end_sync.issuer
    and d.organization = end_sync.organization
    and d.kind = 'directory'
    and (gu.data ->> 'present')::boolean
    and end_sync.listed ? ('directory_group/' || (gu.data ->> 'directory_group_id'))
    and not end_sync.listed ? ('directory_group_user/' || gu.id);
  perform identity.follow_organization(issuer, organization);
  update identity.organization o
  set synced_at = statement_timestamp()
  where o.issuer = end_sync.issuer
    and o.organization = end_sync.organization;
end
$$;
comment on function identity.end_sync(text, text, jsonb, timestamptz) is
  'Ends the synchronization of an organization in whose lists these were, {"kind/id": true}: who is not listed in a group that is has left it, unless an event from after that time has told otherwise. Everybody of the
organization follows.';

grant execute on function
  identity.organizations_to_sync(text), identity.receive_listing(text, jsonb, timestamptz), identity.unlisted_objects(text, text, jsonb, timestamptz),
  identity.receive_end(text, text, text), identity.end_sync(text, text, jsonb, timestamptz), identity.follow_organization(text, text) to freehold_worker;
