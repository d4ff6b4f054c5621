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
