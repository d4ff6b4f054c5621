--! Previous: sha1:cb4afc055a8db6fffae5ef8bbe1a3c4e06e1c7d5
--! Hash: sha1:4207615049d24cbb79936cd7e1fac8cd01ed1503
--! Message: ended sessions

-- Access tokens of a session that has ended are refused, and a sign-out is recorded as what somebody did.

-- squawk-ignore-next-statement require-concurrent-index-creation
create index session_ended_at_provider on identity.session (issuer, provider_session) where revoked_at is not null;

--! Included identity/principal.sql
-- Principals follow members and keys. Raising a version here is what ends a context everywhere, on its next statement.

create or replace function identity.follow_principal()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    perform platform.add_principal(new.tenant_id, new.id, tg_argv[0]);
    return null;
  end if;
  update identity.principal p
  set version = p.version + 1
  where p.tenant_id = new.tenant_id
    and p.id = new.id;
  return null;
end
$$;
comment on function identity.follow_principal() is
  'Trigger: a member or key is a principal; what changes its state, role or scopes ends the contexts minted before.';

create or replace function identity.follow_tenant()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update identity.principal p
  set version = p.version + 1
  where p.tenant_id = new.tenant_id
    and p.kind <> 'system';
  return null;
end
$$;
comment on function identity.follow_tenant() is 'Trigger: a tenant that changes its state ends the contexts of all its members and keys.';

create or replace function identity.revoke_sessions(person uuid)
returns integer
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  revoked integer;
begin
  update identity.session s
  set revoked_at = statement_timestamp()
  where s.person_id = person
    and s.revoked_at is null;
  get diagnostics revoked = row_count;
  -- tokens of an issuer are in no table: those from before are refused
  update identity.login l
  set sessions_valid_after = statement_timestamp()
  where l.person_id = person;
  return revoked;
end
$$;
comment on function identity.revoke_sessions(uuid) is 'Ends every session of a person, every token issued before, and by their triggers every context made from either. Returns how many sessions.';

create or replace function identity.end_contexts(person uuid)
returns void
language sql
volatile
security definer
set search_path = ''
begin atomic
  update identity.principal p
  set version = p.version + 1
  where (p.tenant_id, p.id) in (
    select m.tenant_id, m.principal_id
    from identity.person_principal m
    where m.person_id = end_contexts.person);
end;
comment on function identity.end_contexts(uuid) is 'Ends every context of a person, in every tenant: their credentials resolve again.';

create or replace function identity.follow_session()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform identity.end_contexts(new.person_id);
  return null;
end
$$;
comment on function identity.follow_session() is 'Trigger: a revoked session, one that has another secret now, or a login whose tokens were ended, ends the contexts of its person in every tenant; other sessions
resolve again.';

create or replace trigger _100_follow_session
  after update of revoked_at, token_hash on identity.session
  for each row
  when ((new.revoked_at is not null and old.revoked_at is null) or new.token_hash <> old.token_hash)
  execute function identity.follow_session();

create or replace trigger _100_follow_login
  after update of sessions_valid_after on identity.login
  for each row
  when (new.sessions_valid_after is distinct from old.sessions_valid_after)
  execute function identity.follow_session();
--! EndIncluded identity/principal.sql
--! Included identity/session.sql
-- Signing in with a browser: sessions, from the answer of the identity provider to their end. The secret is the cookie, of which only the SHA-256 comes
-- here; after the first, each function acts for whoever holds it.

select platform.declare_event('user.signed_in', 'membership', 'A member signed in with a browser, or came over from another tenant of theirs.', '{
  "title": "sign_in",
  "description": "One sign-in.",
  "type": "object",
  "properties": {
    "id": {"type": "string", "format": "uuid", "description": "The membership."},
    "session_id": {"type": "string", "format": "uuid", "description": "The session that began."},
    "method": {"type": ["string", "null"], "description": "How the person proved who they are, as the identity provider names it.", "examples": ["SSO"]},
    "ip": {"type": ["string", "null"], "description": "The address that they came from.", "examples": ["203.0.113.7"]},
    "user_agent": {"type": ["string", "null"], "description": "What their browser calls itself."}
  },
  "required": ["id", "session_id", "method", "ip", "user_agent"]
}');

select platform.declare_event('user.signed_out', 'membership', 'A session of a member ended before its time.', '{
  "title": "sign_out",
  "description": "The end of a session.",
  "type": "object",
  "properties": {
    "id": {"type": "string", "format": "uuid", "description": "The membership."},
    "session_id": {"type": "string", "format": "uuid", "description": "The session that ended."},
    "reason": {
      "type": "string",
      "enum": ["signed_out", "revoked", "refused_by_provider"],
      "description": "signed_out in this browser; revoked from another one; refused_by_provider when the identity provider has ended it."
    }
  },
  "required": ["id", "session_id", "reason"]
}');

create or replace function identity.enter_as_member(tenant uuid, person uuid, method text, ip inet)
returns app.membership
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  member app.membership;
begin
  perform platform.enter_as_system(tenant, 'sign-in');
  perform identity.check_policy(t, 'session', method, ip)
  from app.tenant t
  where t.tenant_id = tenant
    and t.id = tenant;
  select m.*
  into member
  from app.membership m
  where m.tenant_id = tenant
    and m.person_id = person
    and m.status = 'active';
  if not found or exists (
    select from identity.blocked_member b where b.tenant_id = tenant and b.membership_id = member.id) then
    raise exception using errcode = 'ZF017', message = 'the person is no active member of the tenant';
  end if;
  perform platform.enter(tenant, member.id, platform.permissions_of(tenant, member.role));
  return member;
end
$$;
comment on function identity.enter_as_member(uuid, uuid, text, inet) is
  'Takes the rest of the transaction into a tenant as a member who signs in. Errors: ZF011 when the tenant is not active, ZF017 when the person is no active member, ZF018 when the
tenant does not let them in this way.';

create or replace function identity.tenant_of(issuer text, organization text)
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  tenant uuid;
begin
  select o.tenant_id
  into tenant
  from identity.organization o
  where o.issuer = tenant_of.issuer
    and o.organization = tenant_of.organization;
  if not found then
    raise exception using errcode = 'ZF017', message = 'the organization is no tenant', detail = format('organization %s', organization);
  end if;
  return tenant;
end
$$;
comment on function identity.tenant_of(text, text) is 'The tenant that an issuer means by an organization. Errors: ZF017.';

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
    token_hash, person_id, tenant_id, expires_at, issuer, provider_session, method, ip, user_agent, sealed_tokens, tokens_expire_at, impersonation_id,
    proven_for)
  select sign_in.token_hash, person, tenant,
    statement_timestamp() + case when acting.id is null then make_interval(hours => t.max_session_hours) else interval '1 hour' end,
    sign_in.issuer, sign_in.provider_session, sign_in.method, sign_in.ip, left(sign_in.user_agent, 500), sign_in.sealed_tokens,
    sign_in.tokens_expire_at, acting.id, tenant
  from app.tenant t
  where t.tenant_id = tenant
    and t.id = tenant
  returning * into made;
  perform platform.record_event('user.signed_in', 'membership', member.id, jsonb_build_object(
    'id', member.id, 'session_id', made.id, 'method', made.method, 'ip', host(made.ip), 'user_agent', made.user_agent));
  return made.expires_at;
end
$$;
comment on function identity.sign_in(text, text, text, text, text, text, text, bytea, text, timestamptz, inet, text, text, text) is
  'Begins a session in the tenant of the organization, for the person whom the identity provider has vouched for: as long as the tenant allows, and an hour for support who acts as
them. Returns its end. Errors: ZF001, ZF011, ZF017, ZF018. Events: impersonation.began, user.signed_in.';

create or replace function identity.refuse_impersonator(own identity.session)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if own.impersonation_id is not null then
    raise exception using
      errcode = 'ZF003', message = 'who acts as somebody else may not do this', detail = 'Switching organizations and ending other sessions is the person''s own.';
  end if;
end
$$;
comment on function identity.refuse_impersonator(identity.session) is 'Raises ZF003 when support acts as the person of a session.';

create or replace function identity.require_lasting(own identity.session)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform platform.enter_as_system(own.tenant_id, 'switch');
  if not exists (
    select
    from app.tenant t
    where t.tenant_id = own.tenant_id
      and t.id = own.tenant_id
      and own.created_at + make_interval(hours => t.max_session_hours) > statement_timestamp()
      and own.last_seen_at + make_interval(mins => t.max_idle_minutes) > statement_timestamp()
  ) then
    raise exception using errcode = 'ZF001', message = 'the session has ended by the policy of its tenant';
  end if;
end
$$;
comment on function identity.require_lasting(identity.session) is 'Raises ZF001 for a session that its tenant lets last no longer: going over to another would renew it.';

create or replace function identity.claim_tokens(token_hash bytea, organization text default null, ip inet default null)
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
    perform identity.require_lasting(claimed);
    perform identity.enter_as_member(
      identity.tenant_of(claimed.issuer, claim_tokens.organization), claimed.person_id,
      -- another tenant's sign-in proves nothing here
      case when claimed.proven_for = identity.tenant_of(claimed.issuer, claim_tokens.organization) then claimed.method end, claim_tokens.ip);
  end if;
  return claimed.sealed_tokens;
end
$$;
comment on function identity.claim_tokens(bytea, text, inet) is
  'The sealed tokens of a session whose provider is to be asked, for the one request that may do it; null for all others, for 20 seconds. A token for refreshing is
good once: a second request with it would end the session at the provider. With an organization, to go over to it, also before they are due. Errors: ZF001, ZF003, ZF011, ZF017, ZF018.';

create or replace function identity.keep_tokens(token_hash bytea, former text, sealed_tokens text, tokens_expire_at timestamptz)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  -- who was so slow that another has claimed meanwhile does not overwrite what that one got
  update identity.session s
  set sealed_tokens = keep_tokens.sealed_tokens,
    tokens_expire_at = coalesce(keep_tokens.tokens_expire_at, s.tokens_expire_at),
    refresh_claimed_until = null
  where s.token_hash = keep_tokens.token_hash
    and s.sealed_tokens = keep_tokens.former
    and s.revoked_at is null;
  return found;
end
$$;
comment on function identity.keep_tokens(bytea, text, text, timestamptz) is
  'Puts new tokens in the place of those that were claimed, or, with the same ones and no time, gives them back unused. Returns false when they have been replaced by somebody else, or the session has ended.';

create or replace function identity.switch_tenant(
  token_hash bytea,
  former text,
  organization text,
  new_hash bytea,
  sealed_tokens text,
  tokens_expire_at timestamptz,
  ip inet
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
    ip = switch_tenant.ip,
    last_seen_at = statement_timestamp(),
    refresh_claimed_until = null
  where s.token_hash = switch_tenant.token_hash
    and s.sealed_tokens = switch_tenant.former
    and s.revoked_at is null
    and s.expires_at > statement_timestamp()
  returning * into switched;
  if not found then
    raise exception using errcode = 'ZF001', message = 'the session is not known, or no longer good';
  end if;
  member := identity.enter_as_member(
    switched.tenant_id, switched.person_id, case when switched.proven_for = switched.tenant_id then switched.method end, switched.ip);
  perform platform.record_event('user.signed_in', 'membership', member.id, jsonb_build_object(
    'id', member.id, 'session_id', switched.id, 'method', switched.method, 'ip', host(switched.ip), 'user_agent', switched.user_agent));
  return switched.expires_at;
end
$$;
comment on function identity.switch_tenant(bytea, text, text, bytea, text, timestamptz, inet) is
  'Takes a session into another tenant of its person, under a new secret, with the tokens that the provider gave for that organization. Returns its end.
Errors: ZF001 when it has ended, ZF011, ZF017. Event: user.signed_in, in the tenant that it came to.';

create or replace function identity.end_session(ending identity.session, reason text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  member app.membership;
begin
  update identity.session s
  set revoked_at = statement_timestamp(),
    sealed_tokens = null
  where s.id = ending.id
    and s.revoked_at is null;
  if not found then
    return;
  end if;
  perform platform.enter_as_system(ending.tenant_id, 'sign-out');
  select m.*
  into member
  from app.membership m
  where m.tenant_id = ending.tenant_id
    and m.person_id = ending.person_id
    and m.status <> 'removed';
  -- of whom the tenant no longer knows, it is told nothing
  if not found then
    return;
  end if;
  -- what somebody does, or support does as them, is theirs
  if reason <> 'refused_by_provider' and member.status = 'active' then
    perform platform.enter(ending.tenant_id, member.id, platform.permissions_of(ending.tenant_id, member.role), ending.impersonation_id);
  end if;
  perform platform.record_event('user.signed_out', 'membership', member.id, jsonb_build_object(
    'id', member.id, 'session_id', ending.id, 'reason', reason));
end
$$;
comment on function identity.end_session(identity.session, text) is 'Ends a session and forgets its tokens. Event: user.signed_out.';

create or replace function identity.sign_out(token_hash bytea, reason text default 'signed_out')
returns text
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  ending identity.session;
begin
  select s.*
  into ending
  from identity.session s
  where s.token_hash = sign_out.token_hash
    and s.revoked_at is null
  for update;
  if not found then
    return null;
  end if;
  perform identity.end_session(ending, reason);
  return ending.provider_session;
end
$$;
comment on function identity.sign_out(bytea, text) is
  'Ends the session of a cookie. Returns what the identity provider calls it, to be ended there too; null when there is none, or it has ended. Event: user.signed_out.';

create or replace function identity.revoke_session(token_hash bytea, session uuid)
returns setof text
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  own identity.session;
  ending identity.session;
begin
  select s.*
  into own
  from identity.session s
  where s.token_hash = revoke_session.token_hash
    and s.revoked_at is null
    and s.expires_at > statement_timestamp();
  perform identity.refuse_impersonator(own);
  for ending in
    select s.*
    from identity.session s
    where s.person_id = own.person_id
      and s.revoked_at is null
      and (s.id = revoke_session.session or revoke_session.session is null)
    order by s.id
    for update
  loop
    perform identity.end_session(ending, 'revoked');
    if ending.provider_session is not null then
      return next ending.provider_session;
    end if;
  end loop;
  -- tokens of the issuer are in no table: those from before are refused
  if revoke_session.session is null then
    update identity.login l
    set sessions_valid_after = statement_timestamp()
    where l.person_id = own.person_id;
  end if;
end
$$;
comment on function identity.revoke_session(bytea, uuid) is
  'Ends one session of the person whose cookie it is, or with null all of them and every token from before. Returns what the identity provider calls those that it
has ended. Errors: ZF003. Event: user.signed_out, one for each.';

create or replace function identity.has_ended(issuer text, provider_session text)
returns boolean
language sql
stable
security definer
set search_path = ''
begin atomic
  select exists (
      select from identity.session s
      where s.issuer = has_ended.issuer
        and s.provider_session = has_ended.provider_session
        and s.revoked_at is not null)
    or coalesce((identity.known(issuer, 'session', provider_session)).ended, false);
end;
comment on function identity.has_ended(text, text) is
  'Whether a session of the identity provider has ended, here or there: access tokens that name it are good no more. False for null.';
grant execute on function identity.has_ended(text, text) to freehold_resolver;

grant execute on function
  identity.sign_in(text, text, text, text, text, text, text, bytea, text, timestamptz, inet, text, text, text),
  identity.claim_tokens(bytea, text, inet), identity.keep_tokens(bytea, text, text, timestamptz),
  identity.switch_tenant(bytea, text, text, bytea, text, timestamptz, inet),
  identity.sign_out(bytea, text), identity.revoke_session(bytea, uuid)
to freehold_gate;
--! EndIncluded identity/session.sql
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
    next_attempt_at = statement_timestamp() + least(interval '5 seconds' * 2 ^ i.attempts, interval '1 hour')
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
  perform identity.take_over(issuer, kind, object, statement_timestamp(), '', false);
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
    and identity.known(issuer, 'user', subject) is not null;
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
--! Included identity/resolve.sql
-- From a verified credential to a context: the only thing that the gate can do.

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
  seen_version bigint;
  proven_for uuid;
  credential_ends timestamptz;
  tokens_end timestamptz;
begin
  -- Each kind finds its member or key; everything after is common to all.
  case kind
    when 'api_key' then
      select k.tenant_id, k.id, k.expires_at, k.scopes, platform.principal_version(k.tenant_id, k.id)
      into resolve.tenant_id, actor_id, credential_ends, permissions, seen_version
      from identity.api_key_secret s
      join app.api_key k on k.tenant_id = s.tenant_id and k.id = s.api_key_id
      where s.hash = credential
        and k.status = 'active'
        and (k.expires_at is null or k.expires_at > statement_timestamp())
        and (k.created_by is null or exists (
          select from app.membership m where m.tenant_id = k.tenant_id and m.id = k.created_by and m.status = 'active'))
        and not exists (select from identity.blocked_member b where b.tenant_id = k.tenant_id and b.membership_id = k.created_by)
        -- whose address is not known is in no network
        and (k.allowed_networks = '{}' or nullif(request ->> 'ip', '')::inet <<= any (k.allowed_networks));
      actor_type := 'api_key';
    when 'session' then
      select m.tenant_id, m.id, s.expires_at, s.tokens_expire_at, s.method, s.created_at, s.last_seen_at, s.impersonation_id,
        s.proven_for, platform.permissions_of(m.tenant_id, m.role), platform.principal_version(m.tenant_id, m.id)
      into resolve.tenant_id, actor_id, credential_ends, tokens_end, method, begun_at, seen_at, acting, proven_for, permissions, seen_version
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
      select m.tenant_id, m.id, to_timestamp((request -> 'token' ->> 'expires_at')::bigint), platform.permissions_of(m.tenant_id, m.role), platform.principal_version(m.tenant_id, m.id)
      into resolve.tenant_id, actor_id, credential_ends, permissions, seen_version
      from identity.organization o
      join identity.login l on l.issuer = o.issuer and l.subject = request -> 'token' ->> 'subject'
      join app.membership m on m.tenant_id = o.tenant_id and m.person_id = l.person_id and m.status = 'active'
      where o.issuer = request -> 'token' ->> 'issuer'
        and o.organization = request -> 'token' ->> 'organization'
        and (l.sessions_valid_after is null or to_timestamp((request -> 'token' ->> 'issued_at')::bigint) >= l.sessions_valid_after)
        and not identity.has_ended(o.issuer, request -> 'token' ->> 'session');
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
  perform identity.check_policy(tenant, kind, case when acting is not null then 'Impersonation' when proven_for = resolve.tenant_id then method end, nullif(request ->> 'ip', '')::inet);
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
      and s.revoked_at is null
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
    resolve.tenant_id, resolve.actor_id, resolve.expires_at, acting, resolve.permissions, seen_version) s;
  return next;
end
$resolve$;
$sql$);
  perform platform.execute_as('freehold_resolver',
    'grant execute on function identity.resolve(text, bytea, jsonb) to freehold_gate');
  perform platform.execute_as('freehold_resolver', $sql$comment on function identity.resolve(text, bytea, jsonb) is
    'Turns the SHA-256 of a session cookie (kind session) or API key (kind api_key), or a token that the server has verified (kind token; request.token holds
issuer, subject, organization, issued_at and expires_at in seconds since 1970, and session when it names one), into a signed context of at most 60 seconds. request.ip is the caller''s address.
refresh_due: the tokens of the session''s provider have expired, and it should be asked (identity.claim_tokens); the context holds nevertheless.
Errors: ZF001 for a credential that is not good, ZF002 for one that changed in that moment (ask again), ZF011 for a tenant that is not active, ZF018 for one that does not let them in this way, ZF016 when the provider has not answered for an hour.'$sql$);
end
$write$;
comment on function identity.write_resolve() is 'Writes identity.resolve as the resolver, which owns it.';

grant select on identity.session, identity.api_key_secret, identity.organization, identity.login, identity.blocked_member to freehold_resolver;
-- for last_used_at and last_seen_at
grant update on identity.api_key_secret, identity.session to freehold_resolver;
select identity.write_resolve();
--! EndIncluded identity/resolve.sql
