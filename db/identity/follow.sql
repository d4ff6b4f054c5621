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
  insert into identity.waiting_person as w (issuer, subject, traceparent, attempts, missing, error, next_attempt_at)
  values (
    follow.issuer, follow.subject, left(nullif(current_setting('freehold.traceparent', true), ''), 100), 1,
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
  insert into identity.waiting_person as w (issuer, subject, traceparent)
  select follow_all.issuer, s, left(nullif(current_setting('freehold.traceparent', true), ''), 100)
  from unnest(subjects) s
  on conflict on constraint waiting_person_pkey do update
    -- who is due already keeps their turn
    set (next_attempt_at, traceparent) = (least(w.next_attempt_at, statement_timestamp()), excluded.traceparent);
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
