-- Signing in with a browser: a session begins with the answer of the identity provider, and may go over to another tenant of its person. Each function acts
-- for whoever holds the secret of the cookie, of which only the SHA-256 comes here.

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

grant execute on function
  identity.sign_in(text, text, text, text, text, text, text, bytea, text, timestamptz, inet, text, text, text),
  identity.switch_tenant(bytea, text, text, bytea, text, timestamptz, inet)
to freehold_gate;
