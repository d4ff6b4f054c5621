--! Previous: sha1:0edfb24ec11b482073f698ef7dda6c775b36b09f
--! Hash: sha1:ba41165fa192bbff54c5fc7a1b4cdaaf269903d2
--! Message: follow reviewed

-- What a review of how people follow found.

drop function identity.give_up_following(text, text);
drop function identity.unlisted_objects(text, text, text[], timestamptz);
drop function identity.end_sync(text, text, text[], timestamptz);

--! Included tenant/purge.sql
-- The end of a tenant: what is left of a closed one is deleted, a part at a time, inside its own context.

select platform.execute_as('freehold_janitor', $sql$
create or replace function platform.closed_tenants()
returns setof uuid
language sql
stable
security definer
set search_path = ''
begin atomic
  select t.id
  from app.tenant t
  where t.status = 'closed'
  order by t.id;
end;
comment on function platform.closed_tenants() is 'Tenants that are closed and not yet purged.';
grant execute on function platform.closed_tenants() to freehold_worker;
$sql$);

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
  delete from identity.provider_object gu
  using identity.provider_object d, identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and d.organization = o.organization and d.kind = 'directory'
    and gu.issuer = d.issuer and gu.directory = d.id and gu.kind = 'directory_group_user';
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
comment on function platform.purge_tenant(uuid, integer) is
  'Deletes rows of a closed tenant, at most that many, and in the end the tenant with its keys, sessions and people. Returns whether there is more.
What remains are its slug and platform.system_entry. Errors: ZF004 when it is gone, ZF005 when it is not closed.';
grant execute on function platform.purge_tenant(uuid, integer) to freehold_worker;
--! EndIncluded tenant/purge.sql
--! Included identity/provider_object.sql
-- The state that the events of the identity provider add up to. It depends on which events came, not on their order.

create or replace function identity.observe(issuer text, kind text, id text, data jsonb, updated_at timestamptz, told_by text, ended boolean)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  if observe.kind in ('user', 'directory_user') and observe.data ->> 'email' is not null then
    insert into identity.provider_address as a (issuer, kind, id, email, verified)
    values (
      observe.issuer, observe.kind, observe.id, lower(observe.data ->> 'email'), coalesce((observe.data ->> 'email_verified')::boolean, false))
    on conflict on constraint provider_address_pkey do update
      set verified = a.verified or excluded.verified;
  end if;
  insert into identity.provider_object as o (issuer, kind, id, data, updated_at, told_by, ended)
  values (observe.issuer, observe.kind, observe.id, observe.data, observe.updated_at, observe.told_by, observe.ended)
  on conflict on constraint provider_object_pkey do update
    set (data, updated_at, told_by, ended) = (excluded.data, excluded.updated_at, excluded.told_by, excluded.ended)
    where (excluded.ended, excluded.updated_at, excluded.told_by) > (o.ended, o.updated_at, o.told_by);
  return found;
end
$$;
comment on function identity.observe(text, text, text, jsonb, timestamptz, text, boolean) is
  'Takes over what the identity provider tells of an object, unless something newer is known or the object has ended. Returns whether it was news.';

create or replace function identity.known(issuer text, kind text, id text)
returns identity.provider_object
language sql
stable
security definer
set search_path = ''
begin atomic
  select o
  from identity.provider_object o
  where o.issuer = known.issuer
    and o.kind = known.kind
    and o.id = known.id;
end;
comment on function identity.known(text, text, text) is 'What is known of an object of the identity provider; null for nothing.';

create or replace function identity.directory_users_of(issuer text, organization text, subject text)
returns setof identity.provider_object
language sql
stable
rows 10
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
comment on function identity.directory_users_of(text, text, text) is
  'The users of an organization''s directories who are this user: those who ever shared an address.';

create or replace function identity.subjects_of(issuer text, directory_users text[])
returns setof text
language sql
stable
rows 10
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
comment on function identity.subjects_of(text, text[]) is 'The users who are one of these users of directories.';

create or replace function identity.is_active_directory_user(directory_user identity.provider_object)
returns boolean
language sql
stable
security definer
set search_path = ''
-- a directory that ends takes its users with it, and tells nothing of each
return not directory_user.ended
  and coalesce(directory_user.data ->> 'state', 'active') = 'active'
  and not coalesce((identity.known(directory_user.issuer, 'directory', directory_user.directory)).ended, false);
comment on function identity.is_active_directory_user(identity.provider_object) is 'Whether a user of a directory is in it, and active.';
--! EndIncluded identity/provider_object.sql
--! Included identity/follow.sql
-- People follow what the identity provider tells of them: at once when it is about a few, else by the worker, each in a transaction of its own.

create or replace function identity.reconcile_person(issuer text, subject text)
returns text[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  who identity.provider_object := identity.known(issuer, 'user', subject);
  missing text[] := '{}';
  place text;
begin
  update identity.person p
  set email = who.data ->> 'email',
    email_verified = coalesce((who.data ->> 'email_verified')::boolean, false),
    name = left(coalesce(nullif(trim(concat_ws(' ', who.data ->> 'first_name', who.data ->> 'last_name')), ''), who.data ->> 'name', who.data ->> 'email'), 200)
  from identity.login l
  where l.issuer = reconcile_person.issuer
    and l.subject = reconcile_person.subject
    and p.id = l.person_id
    and who.data ->> 'email' is not null;
  if who.ended then
    perform identity.revoke_sessions(l.person_id)
    from identity.login l
    where l.issuer = reconcile_person.issuer
      and l.subject = reconcile_person.subject;
  end if;
  for place in
    select distinct m.organization
    from identity.provider_object m
    where m.issuer = reconcile_person.issuer
      and m.subject = reconcile_person.subject
      and m.kind = 'organization_membership'
    order by m.organization
  loop
    -- what one tenant cannot do keeps no other from following
    begin
      missing := missing || identity.reconcile_member(issuer, place, subject);
    exception when others then
      missing := missing || format('failed/%s %s', sqlstate, sqlerrm);
    end;
  end loop;
  return missing;
end
$$;
comment on function identity.reconcile_person(text, text) is
  'Makes a person and all their members what the identity provider says of the user. Returns what has to be known first, as kind/id, and what failed in a tenant, as failed/why.';

create or replace function identity.concerned(object identity.provider_object)
returns setof text
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  case object.kind
    when 'user' then
      return next object.id;
    when 'organization_membership' then
      return next object.subject;
    when 'invitation' then
      return query select object.data ->> 'accepted_user_id' where object.data ->> 'accepted_user_id' is not null;
    when 'organization' then
      -- its end is all that decides anything; its name changes for nobody
      return query
        select distinct m.subject from identity.provider_object m
        where object.ended and m.issuer = object.issuer and m.organization = object.id and m.kind = 'organization_membership';
    when 'organization_domain' then
      return query
        select distinct m.subject from identity.provider_object m
        where m.issuer = object.issuer and m.organization = object.organization and m.kind = 'organization_membership';
    when 'directory_user' then
      return query select identity.subjects_of(object.issuer, array[object.id]);
    when 'directory_group_user' then
      return query select identity.subjects_of(object.issuer, array[object.subject]);
    when 'directory_group' then
      return query
        select identity.subjects_of(object.issuer, array(
          select gu.subject from identity.provider_object gu
          where gu.issuer = object.issuer and gu.directory = object.directory and gu.kind = 'directory_group_user'
            and gu.data ->> 'directory_group_id' = object.id));
    when 'directory' then
      return query
        select identity.subjects_of(object.issuer, array(
          select d.id from identity.provider_object d
          where d.issuer = object.issuer and d.directory = object.id and d.kind = 'directory_user'));
    else
      null;
  end case;
end
$$;
comment on function identity.concerned(identity.provider_object) is 'The users for whom something may follow from what was told of an object.';

create or replace function identity.follow(issuer text, subject text)
returns identity.waiting_person
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  lacking text[] := '{}';
  failure text;
  waiting identity.waiting_person;
begin
  begin
    lacking := identity.reconcile_person(issuer, subject);
  exception when others then
    failure := format('%s %s', sqlstate, sqlerrm);
  end;
  if failure is null and lacking = '{}' then
    delete from identity.waiting_person w
    where w.issuer = follow.issuer
      and w.subject = follow.subject;
    return null;
  end if;
  insert into identity.waiting_person as w (issuer, subject, attempts, missing, error, next_attempt_at)
  values (
    follow.issuer, follow.subject, 1,
    array(select distinct m from unnest(lacking) m where m not like 'failed/%' order by m),
    coalesce(failure, (select string_agg(distinct substr(m, 8), '; ') from unnest(lacking) m where m like 'failed/%')),
    statement_timestamp() + interval '5 seconds')
  on conflict on constraint waiting_person_pkey do update
    set (attempts, missing, error, next_attempt_at) = (
      w.attempts + 1, excluded.missing, excluded.error,
      statement_timestamp() + least(interval '5 seconds' * 2 ^ least(w.attempts, 12), interval '1 hour'))
  returning * into waiting;
  return waiting;
end
$$;
comment on function identity.follow(text, text) is
  'Makes a person and all their members what the identity provider says, or notes what they wait for: null when nothing. Tried again after 5 seconds and up to an hour, for as long as it
is so: a seat may become free.';

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
  -- of what names nobody
  subjects := array_remove(subjects, null);
  if cardinality(subjects) <= 10 then
    foreach subject in array subjects loop
      perform identity.follow(issuer, subject);
    end loop;
    return;
  end if;
  insert into identity.waiting_person as w (issuer, subject)
  select follow_all.issuer, s
  from unnest(subjects) s
  on conflict on constraint waiting_person_pkey do update
    -- who is due already keeps their turn
    set next_attempt_at = least(w.next_attempt_at, statement_timestamp());
  -- it notifies, which locks the whole database at commit: for many at once, which is rare
  perform graphile_worker.add_job('follow_people', queue_name => 'follow_people', job_key => 'follow_people', max_attempts => 3);
end
$$;
comment on function identity.follow_all(text, text[]) is
  'Has these users follow: up to ten at once, about three milliseconds each; more are left to the worker, which begins at once, so that no transaction is long and nobody waits for it.';

create or replace function identity.due_people(most integer default 100)
returns setof identity.waiting_person
language sql
stable
security definer
set search_path = ''
begin atomic
  select w
  from identity.waiting_person w
  where w.next_attempt_at <= statement_timestamp()
  -- those who fail again and again come after those who have not had their turn
  order by w.next_attempt_at, w.issuer, w.subject
  limit due_people.most;
end;
comment on function identity.due_people(integer) is 'Who is to follow by now, at most that many.';

create or replace function identity.follow_person(issuer text, subject text)
returns identity.waiting_person
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(7100050);
  return identity.follow(issuer, subject);
end
$$;
comment on function identity.follow_person(text, text) is 'As identity.follow, one at a time. A transaction each: the lock is everybody''s.';

create or replace function identity.give_up_following(issuer text, subject text, attempts integer)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(7100050);
  delete from identity.waiting_person w
  where w.issuer = give_up_following.issuer
    and w.subject = give_up_following.subject
    and w.attempts = give_up_following.attempts
    and w.next_attempt_at > statement_timestamp()
    and w.error is null;
end
$$;
comment on function identity.give_up_following(text, text, integer) is
  'Nothing is to follow for somebody until they are told of again, for the identity provider does not know them; unless they were told of since that attempt, or something else is in the way.';

create or replace function identity.follow_directories(tenant uuid)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  provider record;
begin
  for provider in
    select o.issuer, array(
      select identity.subjects_of(o.issuer, array(
        select d.id from identity.provider_object d
        where d.issuer = o.issuer and d.organization = o.organization and d.kind = 'directory_user'))) as subjects
    from identity.organization o
    where o.tenant_id = follow_directories.tenant
  loop
    perform pg_advisory_xact_lock(7100050);
    perform identity.follow_all(provider.issuer, provider.subjects);
  end loop;
end
$$;
comment on function identity.follow_directories(uuid) is 'Has the people of a tenant''s directories follow, when its groups give other roles.';

grant execute on function
  identity.due_people(integer), identity.follow_person(text, text), identity.give_up_following(text, text, integer), identity.follow_directories(uuid) to freehold_worker;
--! EndIncluded identity/follow.sql
--! Included identity/inbox.sql
-- The inbox: each event of the identity provider is taken in once and applied, and what fails is tried again.

create or replace function identity.follow_object(object identity.provider_object)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  ending identity.session;
  link identity.provided_invitation;
begin
  perform identity.follow_all(object.issuer, array(select distinct c from identity.concerned(object) c order by c));
  if object.kind = 'session' and object.ended then
    for ending in
      select s.* from identity.session s
      where s.issuer = object.issuer and s.provider_session = object.id and s.revoked_at is null
      order by s.id
    loop
      perform identity.end_session(ending, 'refused_by_provider');
    end loop;
    -- of a frontend that has access tokens, and no session here
    perform identity.end_contexts(l.person_id)
    from identity.login l
    where l.issuer = object.issuer
      and l.subject = object.subject;
  end if;
  if object.kind = 'invitation' and object.data ->> 'state' = 'revoked' then
    select pi.* into link from identity.provided_invitation pi where pi.issuer = object.issuer and pi.id = object.id;
    if found then
      perform platform.enter_as_system(link.tenant_id, 'identity provider');
      perform app.revoke_invitation(i.id)
      from app.invitation i
      where i.tenant_id = link.tenant_id and i.id = link.invitation_id and i.status = 'pending';
    end if;
  end if;
end
$$;
comment on function identity.follow_object(identity.provider_object) is 'Does what follows from the state of an object: for people, sessions and invitations.';

create or replace function identity.take_over(issuer text, kind text, told jsonb, at timestamptz, told_by text, ended boolean)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  id text := told ->> 'id';
begin
  if id is null then
    raise exception using errcode = 'ZF010', message = format('the %s has no id', kind);
  end if;
  perform identity.observe(issuer, kind, id, told, coalesce((told ->> 'updated_at')::timestamptz, at), told_by, ended);
  perform identity.follow_object(identity.known(issuer, kind, id));
end
$$;
comment on function identity.take_over(text, text, jsonb, timestamptz, text, boolean) is
  'Takes over what the identity provider tells of one object, in its own words, and does what follows.';

create or replace function identity.take_over_news(issuer text, kind text, told jsonb, at timestamptz, told_by text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  if identity.observe(issuer, kind, told ->> 'id', told, coalesce((told ->> 'updated_at')::timestamptz, at), told_by, false) then
    perform identity.follow_object(identity.known(issuer, kind, told ->> 'id'));
  end if;
end
$$;
comment on function identity.take_over_news(text, text, jsonb, timestamptz, text) is
  'As identity.take_over, for what is told beside something else and concerns many: nothing follows when it was known.';

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
  perform identity.take_over(entry.issuer, 'directory_user', told -> 'user', entry.occurred_at, entry.id, false);
  -- all who are in the group follow when it is news, and not each time that somebody joins
  perform identity.take_over_news(entry.issuer, 'directory_group', told -> 'group', entry.occurred_at, entry.id);
  perform identity.take_over(entry.issuer, kind, jsonb_build_object(
    'id', concat_ws('/', told #>> '{group,id}', told #>> '{user,id}'),
    'directory_id', told ->> 'directory_id',
    'directory_group_id', told #>> '{group,id}',
    'directory_user_id', told #>> '{user,id}',
    'present', entry.event = 'dsync.group.user_added'), entry.occurred_at, entry.id, false);
end
$$;
comment on function identity.apply(identity.inbox, text, boolean) is 'Applies one event.';

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
    next_attempt_at = statement_timestamp() + least(interval '5 seconds' * 2 ^ least(i.attempts, 12), interval '1 hour')
  where i.id = entry.id
  returning * into entry;
  return entry;
end
$$;
comment on function identity.apply_event(text) is
  'Applies an event of the inbox. Its status is then: applied; ignored, when nobody listens to its kind; pending, while others are applied; deferred, when it failed: it is tried again, after
5 seconds and up to an hour; failed, after twenty times in ten hours. Who is not known yet, or cannot follow, is no failure of the event: identity.waiting_person.';

create or replace function identity.receive_event(issuer text, event jsonb, source text)
returns text
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  insert into identity.inbox (id, issuer, event, data, occurred_at, source)
  values (
    receive_event.event ->> 'id', receive_event.issuer, receive_event.event ->> 'event', receive_event.event -> 'data',
    (receive_event.event ->> 'created_at')::timestamptz, receive_event.source)
  on conflict (id) do nothing;
  if not found then
    return 'known';
  end if;
  return (identity.apply_event(receive_event.event ->> 'id')).status;
end
$$;
comment on function identity.receive_event(text, jsonb, text) is
  'Takes in one event of the identity provider, as it sends them, and applies it. Returns its status, or known when it was taken in before. source is webhook or poll.';

create or replace function identity.due_events(most integer default 100)
returns setof text
language sql
stable
security definer
set search_path = ''
begin atomic
  select i.id
  from identity.inbox i
  where i.status in ('pending', 'deferred')
    and i.next_attempt_at <= statement_timestamp()
  order by i.next_attempt_at, i.id
  limit due_events.most;
end;
comment on function identity.due_events(integer) is 'Which events are to be applied by now, at most that many.';

create or replace function identity.receive_object(issuer text, kind text, object jsonb)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(7100050);
  -- told beside somebody who signs in, it concerns all members
  if kind = 'organization_domain' then
    perform identity.take_over_news(issuer, kind, object, statement_timestamp(), '');
  else
    perform identity.take_over(issuer, kind, object, statement_timestamp(), '', false);
  end if;
end
$$;
comment on function identity.receive_object(text, text, jsonb) is
  'Takes over an object of the identity provider that was asked for, in its own words, and does what follows.';

create or replace function identity.knows_member(issuer text, organization text, subject text)
returns boolean
language sql
stable
security definer
set search_path = ''
begin atomic
  select identity.desired_state(issuer, organization, subject) is not null
    and (identity.known(issuer, 'user', subject)).id is not null;
end;
comment on function identity.knows_member(text, text, text) is
  'Whether the identity provider has told of a user and their membership: of those who were there before its events were listened to, it has not.';

create or replace function identity.poll_position(issuer text)
returns text
language sql
stable
security definer
set search_path = ''
begin atomic
  select c.after
  from identity.event_cursor c
  where c.issuer = poll_position.issuer;
end;
comment on function identity.poll_position(text) is 'The last event that was polled; null before the first.';

create or replace function identity.move_poll_position(issuer text, after text)
returns void
language sql
volatile
security definer
set search_path = ''
begin atomic
  insert into identity.event_cursor as c (issuer, after)
  values (move_poll_position.issuer, move_poll_position.after)
  on conflict (issuer) do update
    set (after, polled_at) = (coalesce(excluded.after, c.after), statement_timestamp());
end;
comment on function identity.move_poll_position(text, text) is 'Everything up to this event was taken in by polling; with null, there was nothing new.';

grant usage on schema identity to freehold_worker;
grant execute on function identity.receive_event(text, jsonb, text), identity.receive_object(text, text, jsonb), identity.apply_event(text) to freehold_gate, freehold_worker;
grant execute on function identity.knows_member(text, text, text) to freehold_gate;
grant execute on function identity.due_events(integer), identity.poll_position(text), identity.move_poll_position(text, text) to freehold_worker;
--! EndIncluded identity/inbox.sql
--! Included identity/sync.sql
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
--! EndIncluded identity/sync.sql
