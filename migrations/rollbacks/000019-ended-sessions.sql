--! Undoes: sha1:4207615049d24cbb79936cd7e1fac8cd01ed1503
--! Loses: nothing

-- Undoes "ended sessions".
set local check_function_bodies = off;
drop index identity.session_ended_at_provider;
drop routine identity.end_contexts(person uuid);
create or replace function identity.end_session(ending identity.session, reason text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  member uuid;
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
  select m.id
  into member
  from app.membership m
  where m.tenant_id = ending.tenant_id
    and m.person_id = ending.person_id
    and m.status <> 'removed';
  -- of whom the tenant no longer knows, it is told nothing
  if found then
    perform platform.record_event('user.signed_out', 'membership', member, jsonb_build_object(
      'id', member, 'session_id', ending.id, 'reason', reason));
  end if;
end
$$;
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
create or replace function identity.follow_session()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update identity.principal p
  set version = p.version + 1
  where (p.tenant_id, p.id) in (
    select m.tenant_id, m.principal_id
    from identity.person_principal m
    where m.person_id = new.person_id);
  return null;
end
$$;
drop routine identity.has_ended(issuer text, provider_session text);
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
set local role none;
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
issuer, subject, organization, issued_at and expires_at in seconds since 1970), into a signed context of at most 60 seconds. request.ip is the caller''s address.
refresh_due: the tokens of the session''s provider have expired, and it should be asked (identity.claim_tokens); the context holds nevertheless.
Errors: ZF001 for a credential that is not good, ZF002 for one that changed in that moment (ask again), ZF011 for a tenant that is not active, ZF018 for one that does not let them in this way, ZF016 when the provider has not answered for an hour.'$sql$);
end
$write$;
set local role freehold_resolver;
comment on function identity.resolve(kind text, credential bytea, request jsonb) is 'Turns the SHA-256 of a session cookie (kind session) or API key (kind api_key), or a token that the server has verified (kind token; request.token holds
issuer, subject, organization, issued_at and expires_at in seconds since 1970), into a signed context of at most 60 seconds. request.ip is the caller''s address.
refresh_due: the tokens of the session''s provider have expired, and it should be asked (identity.claim_tokens); the context holds nevertheless.
Errors: ZF001 for a credential that is not good, ZF002 for one that changed in that moment (ask again), ZF011 for a tenant that is not active, ZF018 for one that does not let them in this way, ZF016 when the provider has not answered for an hour.';
set local role none;
