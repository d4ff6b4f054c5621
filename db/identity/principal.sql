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
