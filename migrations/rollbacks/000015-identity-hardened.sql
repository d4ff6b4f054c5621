--! Undoes: sha1:195e778a078e89c7aac9ce9261b059984a60da4e
--! Loses: identity.session.proven_for

-- Undoes "identity hardened".
set local check_function_bodies = off;
update platform.entity set declaration = '{"due": {}, "tasks": {}, "across": {"freehold_janitor": ["select"]}, "events": {"changed": [], "created": "group_role.created", "updated": "group_role.updated", "descriptions": {"group_role.created": "A group of the directory was given a role.", "group_role.deleted": "A group of the directory gives no role any more.", "group_role.updated": "Another role, name or position was given to a group of the directory."}}, "hidden": [], "concealed": ["deleted"], "lifecycle": {"initial": "active", "concealed": ["deleted"], "transitions": {"delete": {"to": "deleted", "from": ["active"], "event": "group_role.deleted", "description": "Ends what a group gives: its members have the tenant''s default role, unless another group gives one."}}}, "permissions": {"read": "admin", "create": "admin", "delete": "admin", "update": "admin"}}' where name = 'group_role';
delete from platform.event_task where (type, task) in (('group_role.created', 'follow_groups'), ('group_role.deleted', 'follow_groups'), ('group_role.updated', 'follow_groups'));
drop trigger _200_check_default_role on app.tenant;
drop trigger _920_place_audit_stream on app.tenant;
drop trigger _930_keep_given_role on app.membership;
alter table identity.audit_position alter column after set not null;
alter table identity.session drop column proven_for;
comment on column identity.audit_position.after is null;
revoke execute on function identity.apply_event(id text) from freehold_gate;
create or replace function app.group_role_check()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  select string_agg(p, ', ' order by p)
  into lacking
  from unnest(platform.permissions_of(new.tenant_id, new.role)) p
  where not platform.allows(p);
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot have a group give the role %s', new.role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$$;
create or replace function app.invitation_check()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  select coalesce(case when v.actor_type = 'member' then v.actor_id end, new.invited_by)
  into new.invited_by
  from platform.verified_context v;
  if new.expires_at not between now() and now() + interval '30 days' then
    raise exception using
      errcode = 'ZF010',
      message = 'an invitation lasts at most 30 days',
      detail = 'expires_at must lie within the next 30 days.';
  end if;
  select string_agg(p, ', ' order by p)
  into lacking
  from unnest(platform.permissions_of(new.tenant_id, new.role)) p
  where not platform.allows(p);
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot invite a %s', new.role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$$;
create or replace function app.membership_check_role()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  -- asked of the context that is verified here: a statement could have begun in another one
  perform platform.require('membership:update');
  if (select v.actor_type from platform.verified_context v) = 'system' then
    return new;
  end if;
  select string_agg(p, ', ' order by p)
  into lacking
  from (
    select unnest(platform.permissions_of(new.tenant_id, new.role))
    union
    select unnest(platform.permissions_of(old.tenant_id, old.role))
  ) held (p)
  where not platform.allows(p);
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot change a member from %s to %s', old.role, new.role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$$;
create or replace function app.membership_end_access()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  former text[] := array[
    current_setting('freehold.tenant_id', true), current_setting('freehold.claims', true), current_setting('freehold.signature', true)];
  actor text := (select v.actor_type from platform.verified_context v);
begin
  perform platform.require_tenant(new.tenant_id);
  perform identity.end_sessions(new.tenant_id, new.person_id);
  if new.status = 'removed' and actor <> 'system' then
    insert into identity.barred_person (tenant_id, person_id)
    values (new.tenant_id, new.person_id)
    on conflict do nothing;
  end if;
  -- whoever may suspend or remove a member does so to their keys, whether they may end keys or not
  perform platform.enter_as_system(new.tenant_id, 'the keys of a member who was ' || new.status);
  if new.status = 'removed' then
    perform app.revoke_api_key(k.id)
    from app.api_key k
    where k.tenant_id = new.tenant_id
      and k.created_by = new.id
      and k.status = 'active';
  else
    update identity.principal p
    set version = p.version + 1
    from app.api_key k
    where k.tenant_id = new.tenant_id
      and k.created_by = new.id
      and k.status = 'active'
      and p.tenant_id = k.tenant_id
      and p.id = k.id;
  end if;
  perform set_config('freehold.tenant_id', former[1], true),
    set_config('freehold.claims', former[2], true),
    set_config('freehold.signature', former[3], true);
  return null;
end
$$;
drop routine app.membership_keep_given_role();
create or replace function app.role_check_unused()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  users text;
begin
  perform platform.require_tenant(new.tenant_id);
  select string_agg(format('%s %s', n, what), ', ')
  into users
  from (
    select count(*) as n, 'members' as what from app.membership m where m.tenant_id = new.tenant_id and m.role = new.key and m.status <> 'removed'
    union all
    select count(*), 'invitations' from app.invitation i where i.tenant_id = new.tenant_id and i.role = new.key and i.status = 'pending'
    union all
    select count(*), 'groups' from app.group_role g where g.tenant_id = new.tenant_id and g.role = new.key and g.status = 'active'
    union all
    select count(*), 'default roles' from app.tenant t where t.tenant_id = new.tenant_id and t.default_role = new.key
  ) u
  where n > 0;
  if users is not null then
    raise exception using
      errcode = 'ZF008', message = format('the role %s is in use', new.key), detail = format('Give another one first to: %s.', users);
  end if;
  return new;
end
$$;
drop routine app.tenant_check_default_role();
drop routine app.tenant_place_audit_stream();
create or replace function identity.admit(issuer text, organization text, subject text, tenant uuid, email text, name text)
returns app.membership
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  invitation uuid := identity.waiting_invitation(issuer, subject);
  joined app.membership;
  person uuid;
  former_role text;
  invited boolean;
begin
  if invitation is not null then
    joined := app.accept_invitation(invitation, issuer, subject, name);
    delete from identity.barred_person b where b.tenant_id = tenant and b.person_id = joined.person_id;
    return joined;
  end if;
  person := identity.ensure_person(issuer, subject, email, name);
  if exists (select from identity.barred_person b where b.tenant_id = tenant and b.person_id = person) then
    return null;
  end if;
  -- who was invited once, and was removed by nobody here, comes back by the provider
  select f.role, coalesce(f.invited, false) into former_role, invited from identity.former_member(tenant, person) f;
  if not invited and not identity.is_admitted(issuer, organization, subject, tenant) then
    return null;
  end if;
  insert into app.membership (person_id, email, name, role)
  values (person, email, name, coalesce(
    former_role, (select t.default_role from app.tenant t where t.tenant_id = tenant and t.id = tenant)))
  returning * into joined;
  if not invited then
    insert into identity.admitted_member (tenant_id, membership_id)
    values (tenant, joined.id);
  end if;
  return joined;
end
$$;
create or replace function identity.apply_event(id text)
returns text
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  entry identity.inbox;
  rule identity.provider_event;
  lacking text[] := '{}';
  failure text;
begin
  -- One at a time, so that two that tell of one person never work on them at once. It takes about a millisecond.
  perform pg_advisory_xact_lock(7100050);
  select i.* into strict entry from identity.inbox i where i.id = apply_event.id;
  if entry.status in ('applied', 'ignored') then
    return entry.status;
  end if;
  select e.* into rule from identity.provider_event e where e.event = entry.event;
  if not found then
    update identity.inbox i set status = 'ignored' where i.id = entry.id;
    return 'ignored';
  end if;
  begin
    lacking := identity.apply(entry, rule.kind, rule.ends);
  exception when others then
    -- kept with its reason, and tried again: a seat may become free, a mistake of ours be mended
    failure := format('%s %s', sqlstate, sqlerrm);
  end;
  entry.status := case when failure is null and lacking = '{}' then 'applied' else 'deferred' end;
  update identity.inbox i
  set status = entry.status,
    attempts = i.attempts + 1,
    missing = array(select distinct m from unnest(lacking) m order by m),
    error = failure,
    applied_at = case when entry.status = 'applied' then statement_timestamp() end,
    next_attempt_at = statement_timestamp() + least(interval '5 seconds' * 2 ^ least(i.attempts, 12), interval '1 hour')
  where i.id = entry.id;
  return entry.status;
end
$$;
create or replace function identity.block(member app.membership, reason text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  insert into identity.blocked_member (tenant_id, membership_id, reason)
  values (member.tenant_id, member.id, block.reason)
  on conflict do nothing;
  if found then
    update identity.principal p
    set version = p.version + 1
    where p.tenant_id = member.tenant_id
      and p.id = member.id;
  end if;
  if member.status <> 'active' then
    return;
  end if;
  begin
    perform app.suspend_membership(member.id);
    update identity.blocked_member b
    set suspended = true
    where b.tenant_id = member.tenant_id
      and b.membership_id = member.id;
  exception when sqlstate 'ZF009' then
    -- the last owner: locked out all the same, though the tenant keeps them
    perform identity.end_sessions(member.tenant_id, member.person_id);
  end;
end
$$;
drop routine identity.claim_tokens(token_hash bytea, organization text, ip inet);
drop routine identity.follow_person(issuer text, subject text);
create or replace function identity.follow_role(issuer text, organization text, member app.membership, subject text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  given text := identity.group_role_of(issuer, organization, subject, member.tenant_id);
begin
  -- who is in no group that gives a role has the one that people here gave
  if given is null then
    delete from identity.group_member g
    where g.tenant_id = member.tenant_id
      and g.membership_id = member.id
    returning g.former_role into given;
    if not found then
      return;
    end if;
  else
    insert into identity.group_member (tenant_id, membership_id, former_role)
    values (member.tenant_id, member.id, member.role)
    on conflict do nothing;
  end if;
  if given = member.role then
    return;
  end if;
  begin
    update app.membership m
    set role = given
    where m.tenant_id = member.tenant_id
      and m.id = member.id;
  exception when sqlstate 'ZF009' then
    -- the last owner stays one, until there is another
    null;
  end;
end
$$;
create or replace function identity.forget_ended(most integer default 10000)
returns integer
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  forgotten integer;
  more integer;
begin
  delete from identity.session s
  where s.id in (
    select e.id from identity.session e
    where e.expires_at < statement_timestamp() - interval '30 days'
    limit most);
  get diagnostics forgotten = row_count;
  -- longer than the provider keeps them for polling, so that none is taken in twice
  delete from identity.inbox i
  where i.id in (
    select o.id from identity.inbox o
    where o.received_at < statement_timestamp() - interval '90 days'
      and o.status in ('applied', 'ignored')
    limit most);
  get diagnostics more = row_count;
  return forgotten + more;
end
$$;
create or replace function identity.is_admitted(issuer text, organization text, subject text, tenant uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
begin atomic
  select exists (select from identity.directory_users_of(issuer, organization, subject) d where identity.is_active_directory_user(d))
    or (
      (select t.admit_verified_domains from app.tenant t where t.tenant_id = tenant and t.id = tenant)
      and exists (
        select
        from identity.provider_address a
        join identity.provider_object d
          on d.issuer = a.issuer and d.organization = is_admitted.organization and d.kind = 'organization_domain'
          and lower(d.data ->> 'domain') = split_part(a.email, '@', 2)
        join identity.provider_object m
          on m.issuer = a.issuer and m.organization = is_admitted.organization and m.subject = a.id
          and m.kind = 'organization_membership' and not m.ended
        where a.issuer = is_admitted.issuer
          and a.kind = 'user'
          and a.id = is_admitted.subject
          and a.verified
          and d.data ->> 'state' in ('verified', 'legacy_verified')
          -- who came before the organization gave the domain up came rightly, whenever we hear of it
          and (not d.ended or (m.data ->> 'created_at')::timestamptz < d.updated_at))
    );
end;
drop routine identity.is_eligible(issuer text, organization text, subject text);
drop routine identity.is_of_domain(issuer text, organization text, subject text);
drop routine identity.people_of_directories(tenant uuid);
create or replace function identity.reconcile_member(issuer text, organization text, subject text)
returns text[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  tenant uuid := (
    select o.tenant_id from identity.organization o
    where o.issuer = reconcile_member.issuer and o.organization = reconcile_member.organization);
  desired text := identity.desired_state(issuer, organization, subject);
  who identity.provider_object := identity.known(issuer, 'user', subject);
  address text := who.data ->> 'email';
  called text;
  member app.membership;
begin
  if tenant is null or desired is null then
    return '{}';
  end if;
  if who is null then
    return array['user/' || subject];
  end if;
  called := left(coalesce(nullif(trim(concat_ws(' ', who.data ->> 'first_name', who.data ->> 'last_name')), ''), who.data ->> 'name', address), 200);
  perform platform.enter_as_system(tenant, 'identity provider');
  select m.*
  into member
  from app.membership m
  join identity.login l on l.person_id = m.person_id
  where m.tenant_id = tenant
    and l.issuer = reconcile_member.issuer
    and l.subject = reconcile_member.subject
    and m.status <> 'removed';
  if not found then
    -- by a membership that has brought somebody here, nobody comes a second time
    if desired = 'active' and exists (
      select from identity.provider_object m
      where m.issuer = reconcile_member.issuer and m.organization = reconcile_member.organization
        and m.subject = reconcile_member.subject and m.kind = 'organization_membership' and not m.ended
        and not exists (select from identity.provided_member p where p.issuer = m.issuer and p.id = m.id)
    ) then
      member := identity.admit(issuer, organization, subject, tenant, address, called);
    end if;
    if member.id is null then
      return '{}';
    end if;
  elsif desired = 'active' then
    perform identity.settle_invitation(issuer, member, subject);
  end if;
  insert into identity.provided_member (issuer, id, tenant_id, membership_id)
  select m.issuer, m.id, tenant, member.id
  from identity.provider_object m
  where m.issuer = reconcile_member.issuer
    and m.organization = reconcile_member.organization
    and m.subject = reconcile_member.subject
    and m.kind = 'organization_membership'
  on conflict do nothing;

  if (member.email, member.name) is distinct from (address, called) then
    update app.membership m
    set (email, name) = (address, called)
    where m.tenant_id = tenant
      and m.id = member.id;
  end if;
  case desired
    when 'active' then
      -- the news that the domain had been given up before somebody came may come after them
      if exists (select from identity.admitted_member a where a.tenant_id = tenant and a.membership_id = member.id)
        and not identity.is_admitted(issuer, organization, subject, tenant) then
        perform identity.block(member, 'nobody invited them, and nothing admits them');
      else
        perform identity.unblock(member);
        perform identity.follow_role(issuer, organization, member, subject);
      end if;
    when 'removed' then
      begin
        perform app.remove_membership(member.id);
      exception when sqlstate 'ZF009' then
        perform identity.block(member, 'the identity provider has removed them');
      end;
    else
      -- suspended, or asked to join again; unless that is the echo of what somebody here did, who may undo it
      if member.status = 'active' or identity.is_deprovisioned(issuer, organization, subject) then
        perform identity.block(member, 'the identity provider has deactivated them');
      end if;
  end case;
  return '{}';
end
$$;
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
    missing := missing || identity.reconcile_member(issuer, place, subject);
  end loop;
  return missing;
end
$$;
drop routine identity.require_lasting(own identity.session);
set local role freehold_resolver;
create or replace function identity.resolve(kind text, credential bytea, request jsonb default '{}')
returns table (
  tenant_id uuid,
  claims text,
  signature text,
  actor_type text,
  actor_id uuid,
  permissions text[],
  expires_at timestamptz,
  refresh_due boolean
)
language plpgsql
volatile
security definer
set search_path = ''
as $resolve$
declare
  tenant app.tenant;
  method text;
  begun_at timestamptz;
  seen_at timestamptz;
  acting uuid;
  credential_ends timestamptz;
  tokens_end timestamptz;
begin
  -- Each kind finds its member or key; everything after is common to all.
  case kind
    when 'api_key' then
      select k.tenant_id, k.id, k.expires_at, k.scopes
      into resolve.tenant_id, actor_id, credential_ends, permissions
      from identity.api_key_secret s
      join app.api_key k on k.tenant_id = s.tenant_id and k.id = s.api_key_id
      where s.hash = credential
        and k.status = 'active'
        and (k.expires_at is null or k.expires_at > statement_timestamp())
        and (k.created_by is null or exists (
          select from app.membership m where m.tenant_id = k.tenant_id and m.id = k.created_by and m.status = 'active'))
        -- whose address is not known is in no network
        and (k.allowed_networks = '{}' or nullif(request ->> 'ip', '')::inet <<= any (k.allowed_networks));
      actor_type := 'api_key';
    when 'session' then
      select m.tenant_id, m.id, s.expires_at, s.tokens_expire_at, s.method, s.created_at, s.last_seen_at, s.impersonation_id, platform.permissions_of(m.tenant_id, m.role)
      into resolve.tenant_id, actor_id, credential_ends, tokens_end, method, begun_at, seen_at, acting, permissions
      from identity.session s
      join app.membership m on m.tenant_id = s.tenant_id and m.person_id = s.person_id and m.status = 'active'
      where s.token_hash = credential
        and s.revoked_at is null
        and s.expires_at > statement_timestamp();
      actor_type := 'member';
      -- the provider does not answer: for a while that is no reason to lock everybody out
      if tokens_end < statement_timestamp() - interval '1 hour' then
        raise exception using errcode = 'ZF016', message = 'the identity provider has not confirmed the session for an hour';
      end if;
    when 'token' then
      select m.tenant_id, m.id, to_timestamp((request -> 'token' ->> 'expires_at')::bigint), platform.permissions_of(m.tenant_id, m.role)
      into resolve.tenant_id, actor_id, credential_ends, permissions
      from identity.organization o
      join identity.login l on l.issuer = o.issuer and l.subject = request -> 'token' ->> 'subject'
      join app.membership m on m.tenant_id = o.tenant_id and m.person_id = l.person_id and m.status = 'active'
      where o.issuer = request -> 'token' ->> 'issuer'
        and o.organization = request -> 'token' ->> 'organization'
        and (l.sessions_valid_after is null or to_timestamp((request -> 'token' ->> 'issued_at')::bigint) >= l.sessions_valid_after);
      actor_type := 'member';
    else
      raise exception using
        errcode = 'ZF010',
        message = format('there is no credential kind %s', kind),
        detail = 'Known kinds: api_key, session, token.';
  end case;
  -- the last owner of a tenant is not suspended, and locked out all the same
  if actor_id is null or exists (
    select from identity.blocked_member b where b.tenant_id = resolve.tenant_id and b.membership_id = actor_id) then
    raise exception using errcode = 'ZF001', message = 'the credential is not known, or no longer good';
  end if;

  select t.*
  into tenant
  from app.tenant t
  where t.tenant_id = resolve.tenant_id
    and t.id = resolve.tenant_id;
  perform identity.check_policy(tenant, kind, case when acting is null then method else 'Impersonation' end, nullif(request ->> 'ip', '')::inet);
  if kind = 'session' then
    -- of the tenant as it is now, not as it was at the sign-in
    credential_ends := least(credential_ends, begun_at + make_interval(hours => tenant.max_session_hours));
    if credential_ends <= statement_timestamp() or seen_at + make_interval(mins => tenant.max_idle_minutes) <= statement_timestamp() then
      raise exception using errcode = 'ZF001', message = 'the session has ended by the policy of the tenant';
    end if;
    if acting is not null then
      permissions := identity.permissions_of_impersonator(permissions);
    end if;
  end if;

  if kind = 'session' then
    update identity.session s
    set last_seen_at = statement_timestamp()
    where s.token_hash = credential
      and s.last_seen_at < statement_timestamp() - interval '1 minute';
  end if;
  if kind = 'api_key' then
    update identity.api_key_secret s
    set last_used_at = statement_timestamp()
    where s.hash = credential
      and (s.last_used_at is null or s.last_used_at < statement_timestamp() - interval '1 minute');
  end if;

  refresh_due := coalesce(tokens_end <= statement_timestamp(), false);
  expires_at := least(statement_timestamp() + interval '60 seconds', credential_ends, case when not refresh_due then tokens_end end);
  select s.claims, s.signature
  into resolve.claims, resolve.signature
  from platform.sign_context(
    resolve.tenant_id, resolve.actor_id, resolve.expires_at, acting, resolve.permissions) s;
  return next;
end
$resolve$;
set local role none;
create or replace function identity.retry_events(most integer default 100)
returns table (id text, event text, status text, attempts integer, missing text[], error text)
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  due text;
begin
  for due in
    select i.id
    from identity.inbox i
    where i.status in ('pending', 'deferred')
      and i.next_attempt_at <= statement_timestamp()
    order by i.occurred_at, i.id
    limit most
  loop
    perform identity.apply_event(due);
    return query
      select i.id, i.event, i.status, i.attempts, i.missing, i.error from identity.inbox i where i.id = due;
  end loop;
end
$$;
create or replace function identity.settle_invitation(issuer text, member app.membership, subject text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  accepted app.invitation;
begin
  select i.*
  into accepted
  from identity.provider_object p
  join identity.provided_invitation pi on pi.issuer = p.issuer and pi.id = p.id
  join app.invitation i on i.tenant_id = pi.tenant_id and i.id = pi.invitation_id
  where p.issuer = settle_invitation.issuer
    and p.kind = 'invitation'
    and p.data ->> 'accepted_user_id' = settle_invitation.subject
    and i.tenant_id = member.tenant_id
    and i.status = 'pending'
  order by i.id
  limit 1;
  if not found then
    return;
  end if;
  update app.invitation i
  set status = 'accepted',
    membership_id = member.id
  where i.tenant_id = accepted.tenant_id
    and i.id = accepted.id;
  delete from identity.admitted_member a
  where a.tenant_id = member.tenant_id
    and a.membership_id = member.id;
  update identity.group_member g
  set former_role = accepted.role
  where g.tenant_id = member.tenant_id
    and g.membership_id = member.id;
  if not found then
    update app.membership m
    set role = accepted.role
    where m.tenant_id = member.tenant_id
      and m.id = member.id
      and m.role not in (accepted.role, 'owner');
  end if;
end
$$;
create or replace function identity.sign_in(
  issuer text,
  subject text,
  organization text,
  email text,
  name text,
  method text,
  provider_session text,
  token_hash bytea,
  sealed_tokens text,
  tokens_expire_at timestamptz,
  ip inet,
  user_agent text,
  impersonator_email text default null,
  impersonator_reason text default null
)
returns timestamptz
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  tenant uuid := identity.tenant_of(issuer, organization);
  person uuid := identity.ensure_person(issuer, subject, email, name);
  member app.membership := identity.enter_as_member(tenant, person, case when impersonator_email is null then method else 'Impersonation' end, ip);
  acting app.impersonation;
  made identity.session;
begin
  -- the news of its end came before it
  if (identity.known(issuer, 'session', provider_session)).ended then
    raise exception using errcode = 'ZF001', message = 'the identity provider has ended the session';
  end if;
  update identity.person p
  set email = sign_in.email,
    name = sign_in.name
  where p.id = person
    and (p.email, p.name) is distinct from (sign_in.email, sign_in.name);
  if impersonator_email is not null then
    insert into app.impersonation (membership_id, email, reason)
    values (member.id, impersonator_email, left(coalesce(nullif(impersonator_reason, ''), 'no reason was given'), 1000))
    returning * into acting;
    perform platform.enter(tenant, member.id, platform.permissions_of(tenant, member.role), acting.id);
  end if;
  insert into identity.session (
    token_hash, person_id, tenant_id, expires_at, issuer, provider_session, method, ip, user_agent, sealed_tokens, tokens_expire_at, impersonation_id)
  select sign_in.token_hash, person, tenant,
    statement_timestamp() + case when acting.id is null then make_interval(hours => t.max_session_hours) else interval '1 hour' end,
    sign_in.issuer, sign_in.provider_session, sign_in.method, sign_in.ip, left(sign_in.user_agent, 500), sign_in.sealed_tokens,
    sign_in.tokens_expire_at, acting.id
  from app.tenant t
  where t.tenant_id = tenant
    and t.id = tenant
  returning * into made;
  perform platform.record_event('user.signed_in', 'membership', member.id, jsonb_build_object(
    'id', member.id, 'session_id', made.id, 'method', made.method, 'ip', host(made.ip), 'user_agent', made.user_agent));
  return made.expires_at;
end
$$;
drop routine identity.status_to_tell(membership uuid);
drop routine identity.switch_tenant(token_hash bytea, former text, organization text, new_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone, ip inet);
create or replace function identity.write_resolve()
returns void
language plpgsql
volatile
set search_path = ''
as $write$
begin
  perform platform.execute_as('freehold_resolver', $sql$
create or replace function identity.resolve(kind text, credential bytea, request jsonb default '{}')
returns table (
  tenant_id uuid,
  claims text,
  signature text,
  actor_type text,
  actor_id uuid,
  permissions text[],
  expires_at timestamptz,
  refresh_due boolean
)
language plpgsql
volatile
security definer
set search_path = ''
as $resolve$
declare
  tenant app.tenant;
  method text;
  begun_at timestamptz;
  seen_at timestamptz;
  acting uuid;
  credential_ends timestamptz;
  tokens_end timestamptz;
begin
  -- Each kind finds its member or key; everything after is common to all.
  case kind
    when 'api_key' then
      select k.tenant_id, k.id, k.expires_at, k.scopes
      into resolve.tenant_id, actor_id, credential_ends, permissions
      from identity.api_key_secret s
      join app.api_key k on k.tenant_id = s.tenant_id and k.id = s.api_key_id
      where s.hash = credential
        and k.status = 'active'
        and (k.expires_at is null or k.expires_at > statement_timestamp())
        and (k.created_by is null or exists (
          select from app.membership m where m.tenant_id = k.tenant_id and m.id = k.created_by and m.status = 'active'))
        -- whose address is not known is in no network
        and (k.allowed_networks = '{}' or nullif(request ->> 'ip', '')::inet <<= any (k.allowed_networks));
      actor_type := 'api_key';
    when 'session' then
      select m.tenant_id, m.id, s.expires_at, s.tokens_expire_at, s.method, s.created_at, s.last_seen_at, s.impersonation_id, platform.permissions_of(m.tenant_id, m.role)
      into resolve.tenant_id, actor_id, credential_ends, tokens_end, method, begun_at, seen_at, acting, permissions
      from identity.session s
      join app.membership m on m.tenant_id = s.tenant_id and m.person_id = s.person_id and m.status = 'active'
      where s.token_hash = credential
        and s.revoked_at is null
        and s.expires_at > statement_timestamp();
      actor_type := 'member';
      -- the provider does not answer: for a while that is no reason to lock everybody out
      if tokens_end < statement_timestamp() - interval '1 hour' then
        raise exception using errcode = 'ZF016', message = 'the identity provider has not confirmed the session for an hour';
      end if;
    when 'token' then
      select m.tenant_id, m.id, to_timestamp((request -> 'token' ->> 'expires_at')::bigint), platform.permissions_of(m.tenant_id, m.role)
      into resolve.tenant_id, actor_id, credential_ends, permissions
      from identity.organization o
      join identity.login l on l.issuer = o.issuer and l.subject = request -> 'token' ->> 'subject'
      join app.membership m on m.tenant_id = o.tenant_id and m.person_id = l.person_id and m.status = 'active'
      where o.issuer = request -> 'token' ->> 'issuer'
        and o.organization = request -> 'token' ->> 'organization'
        and (l.sessions_valid_after is null or to_timestamp((request -> 'token' ->> 'issued_at')::bigint) >= l.sessions_valid_after);
      actor_type := 'member';
    else
      raise exception using
        errcode = 'ZF010',
        message = format('there is no credential kind %s', kind),
        detail = 'Known kinds: api_key, session, token.';
  end case;
  -- the last owner of a tenant is not suspended, and locked out all the same
  if actor_id is null or exists (
    select from identity.blocked_member b where b.tenant_id = resolve.tenant_id and b.membership_id = actor_id) then
    raise exception using errcode = 'ZF001', message = 'the credential is not known, or no longer good';
  end if;

  select t.*
  into tenant
  from app.tenant t
  where t.tenant_id = resolve.tenant_id
    and t.id = resolve.tenant_id;
  perform identity.check_policy(tenant, kind, case when acting is null then method else 'Impersonation' end, nullif(request ->> 'ip', '')::inet);
  if kind = 'session' then
    -- of the tenant as it is now, not as it was at the sign-in
    credential_ends := least(credential_ends, begun_at + make_interval(hours => tenant.max_session_hours));
    if credential_ends <= statement_timestamp() or seen_at + make_interval(mins => tenant.max_idle_minutes) <= statement_timestamp() then
      raise exception using errcode = 'ZF001', message = 'the session has ended by the policy of the tenant';
    end if;
    if acting is not null then
      permissions := identity.permissions_of_impersonator(permissions);
    end if;
  end if;

  if kind = 'session' then
    update identity.session s
    set last_seen_at = statement_timestamp()
    where s.token_hash = credential
      and s.last_seen_at < statement_timestamp() - interval '1 minute';
  end if;
  if kind = 'api_key' then
    update identity.api_key_secret s
    set last_used_at = statement_timestamp()
    where s.hash = credential
      and (s.last_used_at is null or s.last_used_at < statement_timestamp() - interval '1 minute');
  end if;

  refresh_due := coalesce(tokens_end <= statement_timestamp(), false);
  expires_at := least(statement_timestamp() + interval '60 seconds', credential_ends, case when not refresh_due then tokens_end end);
  select s.claims, s.signature
  into resolve.claims, resolve.signature
  from platform.sign_context(
    resolve.tenant_id, resolve.actor_id, resolve.expires_at, acting, resolve.permissions) s;
  return next;
end
$resolve$;
$sql$);
  perform platform.execute_as('freehold_resolver',
    'grant execute on function identity.resolve(text, bytea, jsonb) to freehold_gate');
  perform platform.execute_as('freehold_resolver', $sql$comment on function identity.resolve(text, bytea, jsonb) is
    'Turns the SHA-256 of a session cookie (kind session) or API key (kind api_key), or a token that the server has verified (kind token; request.token holds
issuer, subject, organization, issued_at and expires_at in seconds since 1970), into a signed context of at most 60 seconds. request.ip is the caller''s address.
refresh_due: the tokens of the session''s provider have expired, and it should be asked (identity.claim_tokens); the context holds nevertheless.
Errors: ZF001 for a credential that is not good, ZF011 for a tenant that is not active, ZF018 for one that does not let them in this way, ZF016 when the provider has not answered for an hour.'$sql$);
end
$write$;
set local role freehold_janitor;
create or replace function platform.audit_streams(issuer text)
returns table (tenant_id uuid, organization text, after uuid)
language sql
stable
security definer
set search_path = ''
begin atomic
  select t.id, min(o.organization), min(p.after::text)::uuid
  from app.tenant t
  join identity.organization o on o.tenant_id = t.id and o.issuer = audit_streams.issuer
  left join identity.audit_position p on p.tenant_id = t.id
  where t.stream_audit_log
    and t.status = 'active'
  group by t.id
  order by t.id;
end;
set local role none;
drop routine platform.principal_version(tenant uuid, principal uuid);
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
drop routine platform.sign_context(tenant uuid, principal uuid, expires_at timestamp with time zone, impersonator uuid, permissions text[], version bigint, OUT claims text, OUT signature text);
comment on function app.delete_group_role(id uuid, expected_version integer) is 'Ends what a group gives: its members have the tenant''s default role, unless another group gives one. Event: group_role.deleted. Permission: group_role:delete.';
comment on function identity.apply_event(id text) is 'Applies an event of the inbox: applied, ignored when nobody listens to its kind, or deferred when something has to be known first or it failed. Then it is tried again, after 5 seconds
and up to an hour.';
comment on function identity.reconcile_person(issuer text, subject text) is 'Makes a person and all their members what the identity provider says of the user. Returns what has to be known first, as kind/id.';
set local role freehold_resolver;
comment on function identity.resolve(kind text, credential bytea, request jsonb) is 'Turns the SHA-256 of a session cookie (kind session) or API key (kind api_key), or a token that the server has verified (kind token; request.token holds
issuer, subject, organization, issued_at and expires_at in seconds since 1970), into a signed context of at most 60 seconds. request.ip is the caller''s address.
refresh_due: the tokens of the session''s provider have expired, and it should be asked (identity.claim_tokens); the context holds nevertheless.
Errors: ZF001 for a credential that is not good, ZF011 for a tenant that is not active, ZF018 for one that does not let them in this way, ZF016 when the provider has not answered for an hour.';
set local role none;
comment on function identity.retry_events(most integer) is 'Applies what is due of the inbox, at most that many, the oldest first, and tells what came of each.';
comment on function identity.settle_invitation(issuer text, member app.membership, subject text) is 'Accepts the invitation of somebody who became a member before the identity provider told that they had accepted it, and gives them its role. Inside the tenant.';
set local role freehold_janitor;
comment on function platform.audit_streams(issuer text) is 'Tenants whose events go to the audit log of the identity provider, under which organization, and after which event; null is from now on.';
set local role none;
create or replace function identity.claim_tokens(token_hash bytea, organization text default null)
returns text
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  claimed identity.session;
begin
  update identity.session s
  set refresh_claimed_until = clock_timestamp() + interval '20 seconds'
  where s.token_hash = claim_tokens.token_hash
    and s.revoked_at is null
    and s.expires_at > statement_timestamp()
    and (s.tokens_expire_at <= statement_timestamp() or claim_tokens.organization is not null)
    and (s.refresh_claimed_until is null or s.refresh_claimed_until <= clock_timestamp())
  returning * into claimed;
  -- before the provider is asked, who then knows no other tokens
  if found and claim_tokens.organization is not null then
    perform identity.refuse_impersonator(claimed);
    perform identity.enter_as_member(
      identity.tenant_of(claimed.issuer, claim_tokens.organization), claimed.person_id, claimed.method, claimed.ip);
  end if;
  return claimed.sealed_tokens;
end
$$;
create or replace function identity.switch_tenant(
  token_hash bytea,
  former text,
  organization text,
  new_hash bytea,
  sealed_tokens text,
  tokens_expire_at timestamptz
)
returns timestamptz
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  switched identity.session;
  member app.membership;
begin
  -- another secret, so that what knew the former one stays out of the other tenant
  update identity.session s
  set token_hash = switch_tenant.new_hash,
    tenant_id = identity.tenant_of(s.issuer, switch_tenant.organization),
    sealed_tokens = switch_tenant.sealed_tokens,
    tokens_expire_at = switch_tenant.tokens_expire_at,
    refresh_claimed_until = null
  where s.token_hash = switch_tenant.token_hash
    and s.sealed_tokens = switch_tenant.former
    and s.revoked_at is null
    and s.expires_at > statement_timestamp()
  returning * into switched;
  if not found then
    raise exception using errcode = 'ZF001', message = 'the session is not known, or no longer good';
  end if;
  member := identity.enter_as_member(switched.tenant_id, switched.person_id, switched.method, switched.ip);
  perform platform.record_event('user.signed_in', 'membership', member.id, jsonb_build_object(
    'id', member.id, 'session_id', switched.id, 'method', switched.method, 'ip', host(switched.ip), 'user_agent', switched.user_agent));
  return switched.expires_at;
end
$$;
create or replace function platform.sign_context(
  tenant uuid,
  principal uuid,
  expires_at timestamptz,
  impersonator uuid,
  permissions text[],
  out claims text,
  out signature text
)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  signer identity.principal;
begin
  select p.*
  into strict signer
  from identity.principal p
  where p.tenant_id = sign_context.tenant
    and p.id = sign_context.principal;
  claims := concat_ws('|',
    signer.id, floor(extract(epoch from expires_at))::bigint, coalesce(impersonator::text, ''),
    (select string_agg(case when p.key = any (permissions) then '1' else '0' end, '' order by n)
     from generate_series(1, (select max(p.number) from platform.permission p)) n
     left join platform.permission p on p.number = n));
  signature := encode(
    sha256(signer.outer_pad || sha256(signer.inner_block || convert_to(claims, 'UTF8'))), 'hex');
end
$$;
alter function identity.claim_tokens(token_hash bytea, organization text) owner to freehold_owner;
alter function identity.switch_tenant(token_hash bytea, former text, organization text, new_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone) owner to freehold_owner;
alter function platform.sign_context(tenant uuid, principal uuid, expires_at timestamp with time zone, impersonator uuid, permissions text[], OUT claims text, OUT signature text) owner to freehold_owner;
grant execute on function identity.claim_tokens(token_hash bytea, organization text) to freehold_gate;
grant execute on function identity.switch_tenant(token_hash bytea, former text, organization text, new_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone) to freehold_gate;
grant execute on function platform.sign_context(tenant uuid, principal uuid, expires_at timestamp with time zone, impersonator uuid, permissions text[], OUT claims text, OUT signature text) to freehold_resolver;
comment on function identity.claim_tokens(token_hash bytea, organization text) is 'The sealed tokens of a session whose provider is to be asked, for the one request that may do it; null for all others, for 20 seconds. A token for refreshing is
good once: a second request with it would end the session at the provider. With an organization, to go over to it, also before they are due. Errors: ZF003, ZF011, ZF017, ZF018.';
comment on function identity.switch_tenant(token_hash bytea, former text, organization text, new_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone) is 'Takes a session into another tenant of its person, under a new secret, with the tokens that the provider gave for that organization. Returns its end.
Errors: ZF001 when it has ended, ZF011, ZF017. Event: user.signed_in, in the tenant that it came to.';
comment on function platform.sign_context(tenant uuid, principal uuid, expires_at timestamp with time zone, impersonator uuid, permissions text[], OUT claims text, OUT signature text) is 'Mints the claims and their signature. Executable by the resolver and by the system entry alone.';
