--! Undoes: sha1:ba41165fa192bbff54c5fc7a1b4cdaaf269903d2
--! Loses: nothing

-- Undoes "follow reviewed".
set local check_function_bodies = off;
create or replace function identity.apply(entry identity.inbox, kind text, ends boolean)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  -- a verification that failed tells of the domain beside the reason
  told jsonb := case when entry.event = 'organization_domain.verification_failed' then entry.data -> 'organization_domain' else entry.data end;
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
create or replace function identity.apply_event(id text)
returns identity.inbox
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  entry identity.inbox;
  rule identity.provider_event;
  patience text := current_setting('lock_timeout');
  failure text;
begin
  select i.* into strict entry from identity.inbox i where i.id = apply_event.id;
  -- One at a time, so that two that tell of one person never work on them at once. It takes about a millisecond. Who has to wait comes
  -- back: the connections of the gate are for those who call.
  begin
    perform set_config('lock_timeout', '50ms', true);
    perform pg_advisory_xact_lock(7100050);
    perform set_config('lock_timeout', patience, true);
  exception when lock_not_available then
    return entry;
  end;
  select i.* into strict entry from identity.inbox i where i.id = apply_event.id;
  if entry.status not in ('pending', 'deferred') then
    return entry;
  end if;
  select e.* into rule from identity.provider_event e where e.event = entry.event;
  if not found then
    update identity.inbox i set status = 'ignored' where i.id = entry.id returning * into entry;
    return entry;
  end if;
  begin
    perform identity.apply(entry, rule.kind, rule.ends);
  exception when others then
    failure := format('%s %s', sqlstate, sqlerrm);
  end;
  update identity.inbox i
  set status = case when failure is null then 'applied' when i.attempts < 19 then 'deferred' else 'failed' end,
    attempts = i.attempts + 1,
    error = failure,
    applied_at = case when failure is null then statement_timestamp() end,
    next_attempt_at = statement_timestamp() + least(interval '5 seconds' * 2 ^ i.attempts, interval '1 hour')
  where i.id = entry.id
  returning * into entry;
  return entry;
end
$$;
create or replace function identity.directory_users_of(issuer text, organization text, subject text)
returns setof identity.provider_object
language sql
stable
security definer
set search_path = ''
begin atomic
  -- By keys, step by step: as a join, it read all of the directory for each of its users while statistics are those of a moment ago.
  select d
  from (
    select distinct a.id
    from identity.provider_address u
    cross join lateral (
      select a.id from identity.provider_address a
      where a.issuer = directory_users_of.issuer and a.kind = 'directory_user' and a.email = u.email
      offset 0) a
    where u.issuer = directory_users_of.issuer and u.kind = 'user' and u.id = directory_users_of.subject
    offset 0) a
  cross join lateral (
    select d from identity.provider_object d
    where d.issuer = directory_users_of.issuer and d.kind = 'directory_user' and d.id = a.id
    offset 0) o (d)
  where (o.d).organization = directory_users_of.organization;
end;
drop routine identity.end_sync(issuer text, organization text, listed jsonb, at timestamp with time zone);
create or replace function identity.follow_all(issuer text, subjects text[])
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  subject text;
begin
  if cardinality(subjects) <= 10 then
    foreach subject in array subjects loop
      perform identity.follow(issuer, subject);
    end loop;
    return;
  end if;
  insert into identity.waiting_person (issuer, subject)
  select follow_all.issuer, s
  from unnest(subjects) s
  on conflict on constraint waiting_person_pkey do update
    set next_attempt_at = statement_timestamp();
  -- it notifies, which locks the whole database at commit: for many at once, which is rare
  perform graphile_worker.add_job('follow_people', job_key => 'follow_people', max_attempts => 3);
end
$$;
drop routine identity.follow_organization(issuer text, organization text);
drop routine identity.give_up_following(issuer text, subject text, attempts integer);
create or replace function identity.knows_member(issuer text, organization text, subject text)
returns boolean
language sql
stable
security definer
set search_path = ''
begin atomic
  select identity.desired_state(issuer, organization, subject) is not null
    and identity.known(issuer, 'user', subject) is not null;
end;
create or replace function identity.receive_object(issuer text, kind text, object jsonb)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(7100050);
  perform identity.take_over(issuer, kind, object, statement_timestamp(), '', false);
end
$$;
create or replace function identity.subjects_of(issuer text, directory_users text[])
returns setof text
language sql
stable
security definer
set search_path = ''
begin atomic
  select distinct u.id
  from unnest(directory_users) as d (id)
  cross join lateral (
    select a.email from identity.provider_address a
    where a.issuer = subjects_of.issuer and a.kind = 'directory_user' and a.id = d.id
    offset 0) a
  cross join lateral (
    select u.id from identity.provider_address u
    where u.issuer = subjects_of.issuer and u.kind = 'user' and u.email = a.email
    offset 0) u;
end;
drop routine identity.take_over_news(issuer text, kind text, told jsonb, at timestamp with time zone, told_by text);
drop routine identity.unlisted_objects(issuer text, organization text, listed jsonb, at timestamp with time zone);
create or replace function platform.purge_tenant(tenant uuid, most integer default 10000)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  part record;
  deleted bigint;
begin
  -- Policies hold this to the tenant, as they hold everybody.
  perform platform.enter_as_system(tenant, 'purge');
  if not platform.is_closed(tenant) then
    raise exception using
      errcode = 'ZF005',
      message = 'a tenant that is not closed is not purged',
      detail = 'Close it, and wait for its grace period to end.';
  end if;
  -- Who refers to others goes first.
  for part in
    with recursive declared as (
      select e.relation::regclass as relation
      from platform.entity e
      where e.kind in ('entity', 'record')
    ),
    depth as (
      select d.relation, 0 as depth
      from declared d
      union all
      select k.conrelid::regclass, n.depth + 1
      from depth n
      join pg_catalog.pg_constraint k on k.confrelid = n.relation and k.contype = 'f' and k.conrelid <> k.confrelid
      join declared d on d.relation = k.conrelid
      where n.depth < 50
    )
    select n.relation
    from depth n
    where n.relation <> 'app.tenant'::regclass
    group by n.relation
    order by max(n.depth) desc, n.relation::text
  loop
    execute format('delete from %1$s where (tenant_id, id) in (select tenant_id, id from %1$s where tenant_id = $1 limit $2)', part.relation)
    using tenant, most;
    get diagnostics deleted = row_count;
    if deleted > 0 then
      return true;
    end if;
  end loop;

  delete from platform.delivery_queue q where q.tenant_id = tenant;
  delete from platform.lane_queue q where q.tenant_id = tenant;
  delete from platform.replay_progress p where p.tenant_id = tenant;
  delete from platform.endpoint_flow f where f.tenant_id = tenant;
  delete from platform.counter c where c.tenant_id = tenant;
  delete from platform.tenant_plan p where p.tenant_id = tenant;
  delete from identity.api_key_secret s where s.tenant_id = tenant;
  delete from identity.session s where s.tenant_id = tenant;
  delete from identity.provider_address a
  using identity.provider_object d, identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and d.organization = o.organization and d.kind = 'directory_user'
    and a.issuer = d.issuer and a.kind = d.kind and a.id = d.id;
  delete from identity.provider_object d
  using identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and (d.organization = o.organization or (d.kind = 'organization' and d.id = o.organization));
  delete from identity.organization o where o.tenant_id = tenant;
  delete from identity.audit_position p where p.tenant_id = tenant;
  delete from identity.provided_member m where m.tenant_id = tenant;
  delete from identity.provided_invitation i where i.tenant_id = tenant;
  delete from identity.group_member g where g.tenant_id = tenant;
  delete from identity.admitted_member a where a.tenant_id = tenant;
  delete from identity.blocked_member b where b.tenant_id = tenant;
  delete from identity.barred_person b where b.tenant_id = tenant;
  -- people stay who belong to another tenant
  with left_tenant as (
    delete from identity.person_principal m where m.tenant_id = tenant returning m.person_id
  )
  delete from identity.person p
  using left_tenant l
  where p.id = l.person_id
    and not exists (select from identity.person_principal o where o.person_id = p.id and o.tenant_id <> tenant);
  delete from app.tenant t where t.tenant_id = tenant;
  delete from identity.principal p where p.tenant_id = tenant;
  -- identity.tenant_slug stays: nobody else may answer under the name of a tenant that was
  return false;
end
$$;
create or replace function identity.end_sync(issuer text, organization text, listed text[], at timestamptz)
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
    and exists (select from unnest(end_sync.listed) l where l = 'directory_group/' || (gu.data ->> 'directory_group_id'))
    and not exists (select from unnest(end_sync.listed) l where l = 'directory_group_user/' || gu.id);
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
create or replace function identity.give_up_following(issuer text, subject text)
returns void
language sql
volatile
security definer
set search_path = ''
begin atomic
  delete from identity.waiting_person w
  where w.issuer = give_up_following.issuer
    and w.subject = give_up_following.subject;
end;
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
    and o.organization = unlisted_objects.organization
    and o.kind in ('organization_domain', 'organization_membership', 'connection', 'directory', 'directory_user', 'directory_group')
    and not o.ended
    -- what is new may not be in every list yet
    and o.updated_at < unlisted_objects.at - interval '1 hour'
    and not exists (select from unnest(unlisted_objects.listed) l where l = o.kind || '/' || o.id)
    -- an organization, or a directory, takes with it what is in it
    and exists (select from unnest(unlisted_objects.listed) l where l = 'organization/' || unlisted_objects.organization)
    and (o.directory is null or exists (select from unnest(unlisted_objects.listed) l where l = 'directory/' || o.directory))
  order by o.kind, o.id;
end;
alter function identity.end_sync(issuer text, organization text, listed text[], at timestamp with time zone) owner to freehold_owner;
alter function identity.give_up_following(issuer text, subject text) owner to freehold_owner;
alter function identity.unlisted_objects(issuer text, organization text, listed text[], at timestamp with time zone) owner to freehold_owner;
grant execute on function identity.end_sync(issuer text, organization text, listed text[], at timestamp with time zone) to freehold_worker;
grant execute on function identity.give_up_following(issuer text, subject text) to freehold_worker;
grant execute on function identity.unlisted_objects(issuer text, organization text, listed text[], at timestamp with time zone) to freehold_worker;
comment on function identity.end_sync(issuer text, organization text, listed text[], at timestamp with time zone) is 'Ends the synchronization of an organization in whose lists these were, as kind/id: who is not listed in a group that is has left it, unless an event from after that time has told otherwise. Everybody of the organization
follows, whether anything was news or not: what went wrong once is right after a day.';
comment on function identity.give_up_following(issuer text, subject text) is 'Nothing is to follow for somebody until they are told of again: the identity provider does not know them.';
comment on function identity.unlisted_objects(issuer text, organization text, listed text[], at timestamp with time zone) is 'Objects of an organization, as kind and id, that are known and were not in its lists, as kind/id, which were read from that time on: they have ended, unless the identity provider knows them by their ids.';
