-- The end of a session: signed out here, from another browser, or at the identity provider.

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

grant execute on function identity.sign_out(bytea, text), identity.revoke_session(bytea, uuid) to freehold_gate;
