-- The identity provider's tokens of a session, sealed: one request at a time takes them to renew them, or to go over to another tenant. Each function acts
-- for whoever holds the secret of the cookie, of which only the SHA-256 comes here.

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

grant execute on function identity.claim_tokens(bytea, text, inet), identity.keep_tokens(bytea, text, text, timestamptz) to freehold_gate;
