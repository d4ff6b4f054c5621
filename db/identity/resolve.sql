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
