--! Previous: sha1:d4e2936f141b1b373fb9c7ceee49bb2ef2a3db36
--! Hash: sha1:7300b8a91e3933f6b313f494834ff3e472812e7f
--! Message: sign in

-- Signing in with a browser: what is known of a session, and the tokens of the identity provider that keep it up.

alter table identity.session
  add column issuer text,
  add column provider_session text check (length(provider_session) <= 200),
  add column method text check (length(method) <= 100),
  add column ip inet,
  add column user_agent text check (length(user_agent) <= 500),
  add column last_seen_at timestamptz not null default now(),
  add column sealed_tokens text,
  add column tokens_expire_at timestamptz,
  add column refresh_claimed_until timestamptz;
comment on column identity.session.issuer is 'The identity provider that signed the person in.';
comment on column identity.session.provider_session is 'Its own name of the session, so that it can end there too.';
comment on column identity.session.method is 'How the person proved who they are, as the provider names it: SSO, Password, GoogleOAuth.';
comment on column identity.session.last_seen_at is 'When it was last used, to the minute.';
comment on column identity.session.sealed_tokens is 'The tokens of the provider, which only the server can open.';
comment on column identity.session.tokens_expire_at is 'From then on the provider is asked whether the session still holds; null for never.';
comment on column identity.session.refresh_claimed_until is 'A request is asking. Others leave it alone until then.';
create index session_provider on identity.session (issuer, provider_session) where revoked_at is null;
create index session_ended on identity.session (expires_at);

drop function identity.resolve(text, bytea, jsonb);

-- What the identity provider tells of people and organizations: its events, the state that they add up to, and what follows for members.

create table identity.provider_event (
  event text primary key,
  kind text not null,
  ends boolean not null default false
);
comment on table identity.provider_event is E'@reference\nThe events of the identity provider that are listened to, and of which kind of object each tells.';
comment on column identity.provider_event.ends is 'The object exists no more: ids are never used again.';

create table identity.inbox (
  id text primary key check (length(id) between 1 and 100),
  issuer text not null,
  event text not null,
  data jsonb not null,
  occurred_at timestamptz not null,
  source text not null check (source in ('webhook', 'poll')),
  received_at timestamptz not null default now(),
  status text not null default 'pending' check (status in ('pending', 'deferred', 'applied', 'ignored')),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  missing text[] not null default '{}',
  error text,
  applied_at timestamptz
);
create index inbox_due on identity.inbox (next_attempt_at) where status in ('pending', 'deferred');
create index inbox_received on identity.inbox (received_at);
comment on table identity.inbox is 'Each event of the identity provider, once, whether it came by webhook or was polled.';
comment on column identity.inbox.missing is 'What it needs to be known first, as kind/id: a user, for a membership.';
comment on column identity.inbox.error is 'Why it could not be applied at the last attempt.';

create table identity.event_cursor (
  issuer text primary key,
  after text,
  polled_at timestamptz not null default now()
);
comment on table identity.event_cursor is 'The last event that was polled. Webhooks do not move it.';

create table identity.provider_object (
  issuer text not null,
  kind text not null,
  id text not null,
  data jsonb not null,
  updated_at timestamptz not null,
  told_by text not null,
  ended boolean not null default false,
  organization text not null generated always as (coalesce(data ->> 'organization_id', '')) stored,
  subject text not null generated always as (coalesce(data ->> 'user_id', data ->> 'directory_user_id', '')) stored,
  directory text not null generated always as (coalesce(data ->> 'directory_id', '')) stored,
  primary key (issuer, kind, id)
);
create index provider_object_organization on identity.provider_object (issuer, organization, kind) where organization <> '';
create index provider_object_subject on identity.provider_object (issuer, subject, kind) where subject <> '';
create index provider_object_directory on identity.provider_object (issuer, directory, kind) where directory <> '';
comment on table identity.provider_object is
  'The last that the identity provider told of each user, organization, membership and so on, in its own words. The newest state wins and an end is
final, so that events may come in any order and more than once.';
comment on column identity.provider_object.told_by is 'The event that told, to break ties of updated_at; empty when it was asked for.';

create table identity.provider_address (
  issuer text not null,
  kind text not null check (kind in ('user', 'directory_user')),
  id text not null,
  email text not null,
  verified boolean not null default false,
  primary key (issuer, kind, id, email)
);
create index provider_address_email on identity.provider_address (issuer, email, kind);
comment on table identity.provider_address is
  'Every address that a user, or a user of a directory, was ever known by, in lower case. The two are the same person when they share one and the organization: a
tie that a new address does not cut. It decides who a directory takes out and which role its groups give, never who somebody is.';
comment on column identity.provider_address.verified is 'The user has shown that it is theirs.';

create table identity.provided_member (
  issuer text not null,
  id text not null,
  tenant_id uuid not null,
  membership_id uuid not null,
  primary key (issuer, id)
);
create index provided_member_membership on identity.provided_member (tenant_id, membership_id);
comment on table identity.provided_member is 'Which member came of which membership at the identity provider. One that ended here does not begin again by the same.';

create table identity.provided_invitation (
  issuer text not null,
  id text not null,
  tenant_id uuid not null,
  invitation_id uuid not null,
  primary key (issuer, id)
);
create index provided_invitation_invitation on identity.provided_invitation (tenant_id, invitation_id);
comment on table identity.provided_invitation is 'Which invitation the identity provider has sent for which of ours.';

create table identity.group_member (
  tenant_id uuid not null,
  membership_id uuid not null,
  former_role text not null,
  primary key (tenant_id, membership_id)
);
comment on table identity.group_member is 'Members whose role is that of a group of their directory, with the one that they have without.';

create table identity.admitted_member (
  tenant_id uuid not null,
  membership_id uuid not null,
  primary key (tenant_id, membership_id)
);
comment on table identity.admitted_member is 'Members whom nobody invited: they may be here as long as what admitted them turns out to have been true.';

create table identity.blocked_member (
  tenant_id uuid not null,
  membership_id uuid not null,
  reason text not null,
  blocked_at timestamptz not null default now(),
  suspended boolean not null default false,
  primary key (tenant_id, membership_id)
);
comment on table identity.blocked_member is 'Members whom the identity provider has deactivated: nobody can reactivate them here.';
comment on column identity.blocked_member.suspended is 'They were suspended for it, and are reactivated with the block. The last owner of a tenant is locked out without.';

create table identity.barred_person (
  tenant_id uuid not null,
  person_id uuid not null references identity.person on delete cascade,
  barred_at timestamptz not null default now(),
  primary key (tenant_id, person_id)
);
comment on table identity.barred_person is 'People whom somebody of the tenant has removed: they come back by an invitation alone.';

select platform.declare_states('app.group_role_status', '{
  "active": "Counts.",
  "deleted": "Counts no more."
}');

create table app.group_role (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  group_name text not null check (length(group_name) between 1 and 200),
  role text not null references platform.role,
  position integer not null default 100 check (position between 1 and 1000),
  status text not null default 'active' references app.group_role_status,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create unique index group_role_name on app.group_role (tenant_id, group_name) where status = 'active';

alter table app.tenant
  add column admit_verified_domains boolean not null default false,
  add column default_role text not null default 'member' references platform.role check (default_role <> 'owner');

alter table app.api_key
  add column created_by uuid,
  add foreign key (tenant_id, created_by) references app.membership (tenant_id, id);
create index api_key_created_by on app.api_key (tenant_id, created_by);

--! Included platform/errors.sql
-- The one list of errors. Classes that begin with I to Z are left to applications by the SQL standard,
-- and PostgreSQL uses none that begin with Z: ours are ZFnnn and can collide with neither.

insert into platform.error (sqlstate, code, http_status, message, remedy)
values
  ('ZF001', 'unauthenticated', 401, 'No valid credential came with the request.', 'Send an API key or a session.'),
  ('ZF002', 'context_expired', 401, 'The credential was revoked, changed or has expired.', 'Authenticate again.'),
  ('ZF003', 'permission_denied', 403, 'You may not do this.', 'Ask an owner for the permission that the detail names.'),
  ('ZF004', 'not_found', 404, 'There is no such resource.', 'Check the id; it may belong to another tenant or be deleted.'),
  ('ZF005', 'illegal_transition', 409, 'The resource is not in a state that allows this.', 'Use one of the transitions that the detail lists.'),
  ('ZF006', 'stale_version', 409, 'The resource was changed by somebody else.', 'Read it again and repeat with its current version.'),
  ('ZF007', 'plan_limit_reached', 403, 'The limit of the plan is reached.', 'Upgrade the subscription, or free what the detail names.'),
  ('ZF008', 'immutable', 409, 'This can no longer be changed.', 'Create a new one, or correct it as the detail says.'),
  ('ZF009', 'last_owner', 409, 'A tenant keeps at least one active owner.', 'Make somebody else an owner first.'),
  ('ZF010', 'invalid_argument', 422, 'An argument is not acceptable.', 'Correct the argument that the detail names.'),
  ('ZF011', 'tenant_not_active', 403, 'The tenant is not active.', 'Contact support to reactivate it.'),
  ('ZF012', 'append_only', 409, 'Events are never changed or deleted.', 'Record a new event.'),
  ('ZF013', 'invalid_declaration', 500, 'A declaration is not acceptable.', 'Correct the declaration as the detail says.'),
  ('ZF014', 'feature_not_in_plan', 403, 'The plan does not include this feature.', 'Upgrade to a plan that includes it.'),
  ('ZF015', 'wrong_plan_direction', 409, 'The plan is not in that direction.', 'Use the verb that the detail names.'),
  ('ZF016', 'identity_unavailable', 503, 'The identity provider does not answer.', 'Repeat the request later.'),
  ('ZF017', 'not_a_member', 403, 'You are not an active member of this tenant.', 'Ask an owner for an invitation, or sign in to another organization.'),
  ('22000', 'invalid_input', 400, 'A value is not acceptable.', 'Correct the value.'),
  ('22001', 'value_too_long', 400, 'A value is too long.', 'Shorten it.'),
  ('22003', 'value_out_of_range', 400, 'A number is out of range.', 'Send a number within the range of its type.'),
  ('22007', 'invalid_input', 400, 'A date or time is not well formed.', 'Send ISO 8601.'),
  ('22008', 'value_out_of_range', 400, 'A date or time is out of range.', 'Send a date that exists.'),
  ('22021', 'invalid_input', 400, 'A text holds a character that cannot be stored.', 'Remove the NUL character.'),
  ('22023', 'invalid_input', 400, 'A value is not acceptable.', 'Correct the value.'),
  ('22P02', 'invalid_input', 400, 'A value is not well formed.', 'Send the type that the documentation names.'),
  ('22P05', 'invalid_input', 400, 'A text holds a character that cannot be stored.', 'Remove that character.'),
  ('23502', 'value_required', 422, 'A required value is missing.', 'Send the value.'),
  ('23503', 'reference_not_found', 422, 'A referenced resource does not exist.', 'Check the ids; they must be of your own tenant.'),
  ('23505', 'already_exists', 409, 'A resource with these values exists.', 'Use the existing one, or other values.'),
  ('23514', 'invalid_value', 422, 'A value breaks a rule of the resource.', 'Correct the value.'),
  ('23P01', 'already_exists', 409, 'A resource that excludes this one exists.', 'Use the existing one, or other values.'),
  ('40001', 'conflict_retry', 409, 'A concurrent change got in the way.', 'Repeat the request.'),
  ('40P01', 'conflict_retry', 409, 'A concurrent change got in the way.', 'Repeat the request.'),
  ('42501', 'permission_denied', 403, 'You may not do this.', 'Ask an owner for the permission.'),
  ('53300', 'overloaded', 503, 'The service is busy.', 'Repeat the request later.'),
  ('54000', 'too_large', 413, 'The request is too large.', 'Split the request.'),
  ('55P03', 'conflict_retry', 409, 'Somebody else holds the resource.', 'Repeat the request.'),
  ('57014', 'timeout', 504, 'The request took too long and was cancelled.', 'Ask for less at once.'),
  ('57P01', 'unavailable', 503, 'The database is restarting.', 'Repeat the request later.')
on conflict (sqlstate) do update
  set (code, http_status, message, remedy) = (excluded.code, excluded.http_status, excluded.message, excluded.remedy);

create or replace function platform.error_vocabulary()
returns setof platform.error
language sql
stable
security definer
set search_path = ''
rows 50
begin atomic
  select e.*
  from platform.error e
  order by e.sqlstate;
end;
comment on function platform.error_vocabulary() is 'The error vocabulary, for the processes that translate errors.';
grant execute on function platform.error_vocabulary() to freehold_app, freehold_gate, freehold_worker;
--! EndIncluded platform/errors.sql
--! Included platform/context.sql
-- The context: who is calling, minted by this database and verified by it.
--
-- freehold.tenant_id   the tenant, on its own so that policies inline to an index condition
-- freehold.claims      principal | expiry | impersonator | permissions, a 1 for each that is held and a 0 for each that is not,
--                      in the order of platform.permission.number
-- freehold.signature   hex HMAC-SHA256 (RFC 2104) of the principal's version (8 bytes) and the claims, with the principal's key
--
-- The claims travel through the server, which cannot make or change them: only the owner reads
-- identity.principal. The tenant is bound because the key is found by tenant and principal together; the actor is the principal.
--
-- Each statement pays for the check, mostly for setting up its expressions: as few calls as possible, and short texts. With
-- permissions by name and the version written out it took 18.5 µs, now 11.5.

create or replace function platform.tenant_id()
returns uuid
language sql
stable
parallel safe
return nullif(current_setting('freehold.tenant_id', true), '')::uuid;
comment on function platform.tenant_id() is
  'The tenant of the context, unverified. STABLE and without SET, so that it inlines and the planner sees the value;
never IMMUTABLE, or a cached plan serves the former tenant.';

create or replace function platform.claim(field integer)
returns text
language sql
stable
parallel safe
return nullif(split_part(current_setting('freehold.claims', true), '|', field), '');
comment on function platform.claim(integer) is 'One field of the claims, unverified; null when absent.';

create or replace function platform.allows(permission text, number integer)
returns boolean
language sql
stable
parallel safe
-- the name is for those who read a policy; the number decides
return coalesce(substr(split_part(current_setting('freehold.claims', true), '|', 4), number, 1) = '1', false);
comment on function platform.allows(text, integer) is
  'Whether the claims hold the permission of this number in platform.permission. For policies and functions that declarations write: it
inlines. Says nothing of the claims'' truth: a policy or platform.require() verifies them.';

create or replace function platform.allows(permission text)
returns boolean
language sql
stable
security definer
set search_path = ''
begin atomic
  select exists (
    select from platform.permission p
    where p.key = permission
      and platform.allows(p.key, p.number));
end;
comment on function platform.allows(text) is
  'Whether the claims hold the permission; false for one that does not exist. Says nothing of the claims'' truth: platform.require() verifies them.';

-- lint: allow view-without-invoker: the keys are the owner's alone; the view shows only whom they have signed for
create or replace view platform.verified_context
  (tenant_id, actor_type, actor_id, impersonator_id)
  with (security_barrier = true)
as
select p.tenant_id, p.kind, case when p.kind <> 'system' then p.id end, platform.claim(3)::uuid
from identity.principal p
where p.tenant_id = platform.tenant_id()
  and p.id = platform.claim(1)::uuid
  -- the clock, for statements inside a statement; and no older snapshot, in which what was revoked meanwhile still holds
  and to_timestamp(platform.claim(2)::double precision) > clock_timestamp()
  and current_setting('transaction_isolation') = 'read committed'
  and current_setting('freehold.signature', true) = encode(
    sha256(p.outer_pad || sha256(p.inner_block || convert_to(current_setting('freehold.claims', true), 'UTF8'))), 'hex');
comment on view platform.verified_context is
  'One row when this database signed the claims for this tenant, they have not expired, and nothing about the principal changed since; else none.
Policies ask for it once a statement, as an InitPlan. It is a view with its owner''s rights and not a definer function because the
planner inlines it: 11.5 µs a statement, where the same check as a PL/pgSQL function took ten times that.';
grant select on platform.verified_context to freehold_user, freehold_resolver, freehold_recorder, freehold_dispatcher, freehold_janitor, freehold_worker;

create or replace function platform.context_valid()
returns boolean
language sql
stable
parallel safe
set search_path = ''
begin atomic
  select exists (select from platform.verified_context);
end;
comment on function platform.context_valid() is 'Whether there is a verified context.';

create or replace function platform.require(permission text)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if not platform.context_valid() then
    if coalesce(current_setting('freehold.claims', true), '') = '' then
      raise exception using errcode = 'ZF001', message = 'no context: who is calling is not known';
    end if;
    if current_setting('transaction_isolation') <> 'read committed' then
      raise exception using
        errcode = 'ZF010',
        message = format('nothing can be done in a transaction that is %s', current_setting('transaction_isolation')),
        detail = 'Its snapshot would not show what was revoked or counted meanwhile: use read committed.';
    end if;
    raise exception using errcode = 'ZF002', message = 'the context is not valid, or no longer';
  end if;
  if permission is not null and not platform.allows(permission) then
    raise exception using
      errcode = 'ZF003',
      message = format('permission %s is required', permission),
      detail = format('Your role or key does not hold %s.', permission);
  end if;
end
$$;
comment on function platform.require(text) is
  'Raises ZF001 without a context, ZF010 in another isolation than read committed, ZF002 with one that does not hold, ZF003 without the
permission. With null it only verifies.';

create or replace function platform.require_tenant(tenant uuid)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if not exists (select from platform.verified_context v where v.tenant_id = require_tenant.tenant) then
    perform platform.require(null);
    raise exception using errcode = 'ZF002', message = 'the context is not of the tenant of this row';
  end if;
end
$$;
comment on function platform.require_tenant(uuid) is
  'Raises ZF001 or ZF002 unless the verified context is of this tenant. For triggers that read the claims or count rows: between the policy
and the trigger, the statement could have changed the settings.';

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
comment on function platform.sign_context(uuid, uuid, timestamptz, uuid, text[]) is
  'Mints the claims and their signature. Executable by the resolver and by the system entry alone.';
grant execute on function platform.sign_context(uuid, uuid, timestamptz, uuid, text[]) to freehold_resolver;

create or replace function platform.add_principal(tenant uuid, id uuid, kind text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  key bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
  inner_pad bytea := decode(repeat('36', 64), 'hex');
  outer_pad bytea := decode(repeat('5c', 64), 'hex');
begin
  for i in 0..31 loop
    inner_pad := set_byte(inner_pad, i, get_byte(key, i) # 54);  -- 0x36
    outer_pad := set_byte(outer_pad, i, get_byte(key, i) # 92);  -- 0x5c
  end loop;
  insert into identity.principal (tenant_id, id, kind, inner_pad, outer_pad)
  values (tenant, add_principal.id, add_principal.kind, inner_pad, outer_pad);
end
$$;
comment on function platform.add_principal(uuid, uuid, text) is 'Makes a principal with a random key of 32 bytes, padded as RFC 2104 says.';

create or replace function platform.enter(tenant uuid, principal uuid, permissions text[], impersonator uuid default null)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  minted record;
begin
  minted := platform.sign_context(tenant, principal, statement_timestamp() + interval '60 seconds', impersonator, permissions);
  perform set_config('freehold.tenant_id', tenant::text, true),
    set_config('freehold.claims', minted.claims, true),
    set_config('freehold.signature', minted.signature, true);
end
$$;
comment on function platform.enter(uuid, uuid, text[], uuid) is
  'Takes the rest of the transaction into a tenant as one of its principals, for 60 seconds. For functions that have made sure of who it is; nobody else may call it.';

create or replace function platform.enter_as_system(tenant uuid, reason text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  if not exists (
    select from identity.principal p
    where p.tenant_id = enter_as_system.tenant
      and p.id = enter_as_system.tenant
      and p.kind = 'system'
  ) then
    raise exception using errcode = 'ZF004', message = 'there is no such tenant', detail = format('tenant %s', tenant);
  end if;
  insert into platform.system_entry (tenant_id, login, reason)
  values (tenant, session_user, reason);
  perform platform.enter(tenant, tenant, array(select p.key from platform.permission p order by p.key));
end
$$;
comment on function platform.enter_as_system(uuid, text) is
  'Takes the rest of the transaction into a tenant as the system, for 60 seconds, and records why. For the worker;
the caller then runs "set local role freehold_user".';
grant execute on function platform.enter_as_system(uuid, text) to freehold_worker;

grant execute on function
  platform.tenant_id(), platform.claim(integer), platform.allows(text, integer), platform.allows(text), platform.context_valid(),
  platform.require(text), platform.require_tenant(uuid)
to freehold_user, freehold_resolver, freehold_recorder, freehold_dispatcher, freehold_janitor, freehold_worker;
--! EndIncluded platform/context.sql
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
--! Included identity/person.sql
-- People, and the logins by which they are recognised.

create or replace function identity.ensure_person(issuer text, subject text, email text, name text)
returns uuid
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  found_person uuid;
begin
  -- a sign-in and the news of it may come at once
  perform pg_advisory_xact_lock(hashtextextended(issuer || ' ' || subject, 7100051));
  select l.person_id
  into found_person
  from identity.login l
  where l.issuer = ensure_person.issuer
    and l.subject = ensure_person.subject;
  if not found then
    insert into identity.person (email, name)
    values (ensure_person.email, ensure_person.name)
    returning id into found_person;
    insert into identity.login (issuer, subject, person_id)
    values (ensure_person.issuer, ensure_person.subject, found_person);
  end if;
  return found_person;
end
$$;
comment on function identity.ensure_person(text, text, text, text) is
  'The person of an issuer and subject, made when new. People are never matched by e-mail.';
--! EndIncluded identity/person.sql
--! Included identity/provider_event.sql
-- Which events of the identity provider are listened to, by webhook and by poll.

insert into identity.provider_event (event, kind, ends)
values
  ('user.created', 'user', false),
  ('user.updated', 'user', false),
  ('user.deleted', 'user', true),
  ('organization.created', 'organization', false),
  ('organization.updated', 'organization', false),
  ('organization.deleted', 'organization', true),
  ('organization_domain.created', 'organization_domain', false),
  ('organization_domain.updated', 'organization_domain', false),
  ('organization_domain.verified', 'organization_domain', false),
  ('organization_domain.deleted', 'organization_domain', true),
  ('organization_membership.created', 'organization_membership', false),
  ('organization_membership.updated', 'organization_membership', false),
  ('organization_membership.deleted', 'organization_membership', true),
  ('invitation.created', 'invitation', false),
  ('invitation.accepted', 'invitation', false),
  ('invitation.resent', 'invitation', false),
  ('invitation.revoked', 'invitation', false),
  ('connection.activated', 'connection', false),
  ('connection.deactivated', 'connection', false),
  ('connection.deleted', 'connection', true),
  ('dsync.activated', 'directory', false),
  ('dsync.deleted', 'directory', true),
  ('dsync.user.created', 'directory_user', false),
  ('dsync.user.updated', 'directory_user', false),
  ('dsync.user.deleted', 'directory_user', true),
  ('dsync.group.created', 'directory_group', false),
  ('dsync.group.updated', 'directory_group', false),
  ('dsync.group.deleted', 'directory_group', true),
  ('dsync.group.user_added', 'directory_group_user', false),
  ('dsync.group.user_removed', 'directory_group_user', false),
  ('session.created', 'session', false),
  ('session.revoked', 'session', true)
on conflict (event) do update
  set (kind, ends) = (excluded.kind, excluded.ends);

create or replace function identity.provider_events()
returns setof text
language sql
stable
security definer
set search_path = ''
begin atomic
  select e.event
  from identity.provider_event e
  order by e.event;
end;
comment on function identity.provider_events() is 'The events to ask the identity provider for.';
grant execute on function identity.provider_events() to freehold_worker;
--! EndIncluded identity/provider_event.sql
--! Included identity/provider_object.sql
-- The state that the events of the identity provider add up to. It depends on which events came, not on their order.

create or replace function identity.observe(issuer text, kind text, id text, data jsonb, updated_at timestamptz, told_by text, ended boolean)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  if observe.kind in ('user', 'directory_user') and observe.data ->> 'email' is not null then
    insert into identity.provider_address as a (issuer, kind, id, email, verified)
    values (
      observe.issuer, observe.kind, observe.id, lower(observe.data ->> 'email'), coalesce((observe.data ->> 'email_verified')::boolean, false))
    on conflict on constraint provider_address_pkey do update
      set verified = a.verified or excluded.verified;
  end if;
  insert into identity.provider_object as o (issuer, kind, id, data, updated_at, told_by, ended)
  values (observe.issuer, observe.kind, observe.id, observe.data, observe.updated_at, observe.told_by, observe.ended)
  on conflict on constraint provider_object_pkey do update
    set (data, updated_at, told_by, ended) = (excluded.data, excluded.updated_at, excluded.told_by, excluded.ended)
    where (excluded.ended, excluded.updated_at, excluded.told_by) > (o.ended, o.updated_at, o.told_by);
  return found;
end
$$;
comment on function identity.observe(text, text, text, jsonb, timestamptz, text, boolean) is
  'Takes over what the identity provider tells of an object, unless something newer is known or the object has ended. Returns whether it was news.';

create or replace function identity.known(issuer text, kind text, id text)
returns identity.provider_object
language sql
stable
security definer
set search_path = ''
begin atomic
  select o
  from identity.provider_object o
  where o.issuer = known.issuer
    and o.kind = known.kind
    and o.id = known.id;
end;
comment on function identity.known(text, text, text) is 'What is known of an object of the identity provider; null for nothing.';

create or replace function identity.directory_users_of(issuer text, organization text, subject text)
returns setof identity.provider_object
language sql
stable
security definer
set search_path = ''
begin atomic
  select distinct d
  from identity.provider_address u
  join identity.provider_address a on a.issuer = u.issuer and a.email = u.email and a.kind = 'directory_user'
  join identity.provider_object d on d.issuer = a.issuer and d.kind = 'directory_user' and d.id = a.id
  where u.issuer = directory_users_of.issuer
    and u.kind = 'user'
    and u.id = directory_users_of.subject
    and d.organization = directory_users_of.organization;
end;
comment on function identity.directory_users_of(text, text, text) is
  'The users of an organization''s directories who are this user: those who ever shared an address.';

create or replace function identity.subjects_of(issuer text, directory_user text)
returns setof text
language sql
stable
security definer
set search_path = ''
begin atomic
  select distinct u.id
  from identity.provider_address a
  join identity.provider_address u on u.issuer = a.issuer and u.email = a.email and u.kind = 'user'
  where a.issuer = subjects_of.issuer
    and a.kind = 'directory_user'
    and a.id = subjects_of.directory_user;
end;
comment on function identity.subjects_of(text, text) is 'The users who are this user of a directory.';

create or replace function identity.is_active_directory_user(directory_user identity.provider_object)
returns boolean
language sql
stable
security definer
set search_path = ''
-- a directory that ends takes its users with it, and tells nothing of each
return not directory_user.ended
  and coalesce(directory_user.data ->> 'state', 'active') = 'active'
  and not coalesce((identity.known(directory_user.issuer, 'directory', directory_user.directory)).ended, false);
comment on function identity.is_active_directory_user(identity.provider_object) is 'Whether a user of a directory is in it, and active.';
--! EndIncluded identity/provider_object.sql
--! Included group_role/group_role.sql
-- Which role a group of the tenant's directory gives.

comment on table app.group_role is 'The role that members of a group of the directory have. Of several, the one with the lowest position counts.';
comment on column app.group_role.group_name is E'@example Engineering\nThe group''s name in the directory, 1 to 200 characters.';
comment on column app.group_role.role is E'@example member\nThe role that it gives.';
comment on column app.group_role.position is E'@example 100\nWhich one counts, when somebody is in several: the lowest. 1 to 1000.';

select platform.declare_entity(
  'app.group_role',
  permissions => '{"read": "admin", "create": "admin", "update": "admin", "delete": "admin"}',
  lifecycle => '{
    "initial": "active",
    "concealed": ["deleted"],
    "transitions": {
      "delete": {"from": ["active"], "to": "deleted", "event": "group_role.deleted",
        "description": "Ends what a group gives: its members have the tenant''s default role, unless another group gives one."}
    }
  }',
  events => '{"descriptions": {
    "group_role.created": "A group of the directory was given a role.",
    "group_role.updated": "Another role, name or position was given to a group of the directory.",
    "group_role.deleted": "A group of the directory gives no role any more."
  }}',
  creatable => '{group_name,role,position}',
  editable => '{group_name,role,position}'
);

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
  from unnest(platform.permissions_of(new.role)) p
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
comment on function app.group_role_check() is 'Trigger: no one gives more than they hold, by way of a group neither.';
create or replace trigger _200_check
  before insert or update of role on app.group_role
  for each row execute function app.group_role_check();
--! EndIncluded group_role/group_role.sql
--! Included tenant/tenant.sql
-- The tenant itself: an entity like the others, whose only row is its own.

comment on table app.tenant is 'The organization that everything else belongs to.';
comment on column app.tenant.name is E'@example Acme Ltd\nName as people see it.';
comment on column app.tenant.slug is E'@example acme\nShort name in addresses; unique over all tenants.';
comment on column app.tenant.admit_verified_domains is 'Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified.';
comment on column app.tenant.default_role is E'@example member\nThe role of who joins without an invitation or a group that gives one.';
comment on column app.tenant.closes_at is 'When the grace period ends and the tenant is closed.';

select platform.declare_entity(
  'app.tenant',
  permissions => '{"read": "viewer", "update": "owner", "close": "owner",
    "activate": [], "suspend": [], "reactivate": [], "finish_closing": []}',
  lifecycle => '{
    "initial": "provisioning",
    "transitions": {
      "activate": {"from": ["provisioning"], "to": "active", "event": "tenant.activated"},
      "suspend": {"from": ["active"], "to": "suspended", "event": "tenant.suspended"},
      "reactivate": {"from": ["suspended"], "to": "active", "event": "tenant.reactivated"},
      "close": {"from": ["active", "suspended"], "to": "closing", "event": "tenant.closing",
        "description": "Begins the end of the tenant: everybody is locked out, and after 30 days it is closed."},
      "finish_closing": {"from": ["closing"], "to": "closed", "event": "tenant.closed"}
    }
  }',
  events => '{"descriptions": {
    "tenant.created": "A tenant was made, and is being set up.",
    "tenant.updated": "The name or the rules of a tenant were changed.",
    "tenant.activated": "A tenant was set up, and is in use.",
    "tenant.suspended": "A tenant was suspended: members and API keys are locked out, and nothing is lost.",
    "tenant.reactivated": "A suspended tenant is in use again.",
    "tenant.closing": "A tenant is about to end: everybody is locked out, and it is closed at closes_at.",
    "tenant.closed": "A tenant ended with its grace period, and what it had is deleted."
  }}',
  editable => '{name,admit_verified_domains,default_role}',
  due => '{"finish_closing": {"column": "closes_at", "states": ["closing"]}}',
  across => '{"freehold_resolver": ["select"], "freehold_janitor": ["select"]}'
);

create or replace function app.tenant_set_grace()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.closes_at := statement_timestamp() + interval '30 days';
  return new;
end
$$;
comment on function app.tenant_set_grace() is 'Trigger: a closing tenant has 30 days.';
create or replace trigger _200_set_grace
  before update of status on app.tenant
  for each row
  when (new.status = 'closing' and old.status <> 'closing')
  execute function app.tenant_set_grace();

-- after the record, which verifies the context of the caller: who closes the tenant ends their own
create or replace trigger _950_follow_tenant
  after update of status on app.tenant
  for each row
  when (new.status is distinct from old.status)
  execute function identity.follow_tenant();

create or replace function platform.create_tenant(
  name text,
  slug text,
  owner_email text,
  owner_name text,
  issuer text,
  subject text,
  plan text
)
returns uuid
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  tenant uuid := uuidv7();
  person uuid;
begin
  insert into identity.tenant_slug (slug, tenant_id)
  values (create_tenant.slug, tenant);
  perform platform.add_principal(tenant, tenant, 'system');
  perform platform.enter_as_system(tenant, 'create the tenant');

  insert into app.tenant (tenant_id, id, name, slug)
  values (tenant, tenant, create_tenant.name, create_tenant.slug);
  perform app.start_subscription(plan);

  person := identity.ensure_person(issuer, subject, owner_email, owner_name);
  insert into app.membership (tenant_id, person_id, email, name, role)
  values (tenant, person, owner_email, owner_name, 'owner');
  perform app.activate_tenant(tenant);
  return tenant;
end
$$;
comment on function platform.create_tenant(text, text, text, text, text, text, text) is
  'Creates a tenant with its owner and subscription, and activates it; the transaction stays in the tenant as the system. Returns its id.';
grant execute on function platform.create_tenant(text, text, text, text, text, text, text) to freehold_worker;
--! EndIncluded tenant/tenant.sql
--! Included membership/membership.sql
-- Members: a person in a tenant, with one role.

comment on table app.membership is 'A person who works in the tenant, with one role.';
comment on column app.membership.person_id is E'@behavior -*\nThe person, whatever tenants they belong to.';
comment on column app.membership.email is E'@format email\n@example ada@example.com\nAddress as the identity provider verified it.';
comment on column app.membership.name is E'@example Ada Lovelace\nName as people see it.';
comment on column app.membership.role is E'@example member\nowner, admin, member, viewer or billing.';

select platform.declare_entity(
  'app.membership',
  permissions => '{"read": "viewer", "update": "admin", "suspend": "admin", "reactivate": "admin", "remove": "admin"}',
  lifecycle => '{
    "initial": "active",
    "transitions": {
      "suspend": {"from": ["active"], "to": "suspended", "event": "user.suspended",
        "description": "Locks a member out from their next request on."},
      "reactivate": {"from": ["suspended"], "to": "active", "event": "user.reactivated",
        "description": "Lets a suspended member in again."},
      "remove": {"from": ["active", "suspended"], "to": "removed", "event": "user.removed",
        "description": "Ends a membership for good; the person can be invited again."}
    }
  }',
  events => '{"created": "user.joined", "updated": "user.updated",
    "changed": [{"event": "user.role_changed", "when": "new.role <> old.role", "description": "A member was given another role."}],
    "descriptions": {
      "user.joined": "A person became a member of the tenant.",
      "user.updated": "The name or the address of a member was changed.",
      "user.suspended": "A member was locked out, from their next request on.",
      "user.reactivated": "A suspended member was let in again.",
      "user.removed": "A member left the tenant, or was removed from it, for good."
    }}',
  editable => '{role}',
  limited_by => '{"entitlement": "seats", "counted": "new.status <> ''removed''", "usage": "app.seats_used()"}',
  across => '{"freehold_resolver": ["select"]}'
);

create or replace trigger _700_follow_principal
  after insert on app.membership
  for each row execute function identity.follow_principal('member');
-- after the record, which verifies the context of the caller: who leaves ends their own
create or replace trigger _950_follow_principal
  after update of role, status on app.membership
  for each row
  when (new.role <> old.role or new.status <> old.status)
  execute function identity.follow_principal('member');

create or replace function app.membership_follow_person()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into identity.person_principal (person_id, tenant_id, principal_id)
  values (new.person_id, new.tenant_id, new.id);
  return null;
end
$$;
comment on function app.membership_follow_person() is 'Trigger: which principals a person has, so that a revoked session finds them.';
create or replace trigger _720_follow_person
  after insert on app.membership
  for each row execute function app.membership_follow_person();

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
    select unnest(platform.permissions_of(new.role))
    union
    select unnest(platform.permissions_of(old.role))
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
comment on function app.membership_check_role() is 'Trigger: no one gives or takes a role that holds more than they do.';
create or replace trigger _200_check_role
  before update of role, status on app.membership
  for each row
  when (new.role <> old.role or new.status <> old.status)
  execute function app.membership_check_role();

create or replace function app.membership_keep_owner()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_tenant(old.tenant_id);
  -- two owners who step down at once must see each other
  perform pg_advisory_xact_lock(hashtextextended(old.tenant_id::text || 'owners', 0));
  if not exists (
    select from app.membership m
    where m.tenant_id = old.tenant_id
      and m.role = 'owner'
      and m.status = 'active'
  ) then
    raise exception using
      errcode = 'ZF009',
      message = 'the tenant would have no owner left',
      detail = 'Give another member the role owner first.';
  end if;
  return null;
end
$$;
comment on function app.membership_keep_owner() is 'Trigger: a tenant keeps one active owner.';
create or replace trigger _300_keep_owner
  after update of role, status on app.membership
  for each row
  when (old.role = 'owner' and old.status = 'active' and (new.role <> 'owner' or new.status <> 'active'))
  execute function app.membership_keep_owner();

create or replace function app.seats_used()
returns bigint
language sql
stable
security definer
set search_path = ''
begin atomic
  select
    (select count(*) from app.membership m where m.tenant_id = platform.tenant_id() and m.status <> 'removed')
    + (select count(*) from app.invitation i where i.tenant_id = platform.tenant_id() and i.status = 'pending');
end;
comment on function app.seats_used() is 'Seats in use: members who are not removed, and pending invitations.';
grant execute on function app.seats_used() to freehold_user;
--! EndIncluded membership/membership.sql
--! Included membership/end_access.sql
-- What ends with a membership: its sessions and the keys that it made.

create or replace function identity.end_sessions(tenant uuid, person uuid)
returns void
language sql
volatile
security definer
set search_path = ''
begin atomic
  update identity.session s
  set revoked_at = statement_timestamp(),
    sealed_tokens = null
  where s.tenant_id = tenant
    and s.person_id = person
    and s.revoked_at is null;
end;
comment on function identity.end_sessions(uuid, uuid) is 'Ends the sessions of a person in a tenant.';

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
comment on function app.membership_end_access() is
  'Trigger: who is suspended or removed loses their sessions, and their keys open nothing; who is removed has them revoked. A removal by somebody of the tenant is remembered.';
-- before the principal follows: the context of who removes themselves ends with that
create or replace trigger _940_end_access
  after update of status on app.membership
  for each row
  when (new.status <> old.status and new.status <> 'active')
  execute function app.membership_end_access();

create or replace function app.membership_check_block()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if exists (select from identity.blocked_member b where b.tenant_id = new.tenant_id and b.membership_id = new.id) then
    raise exception using
      errcode = 'ZF005',
      message = 'the identity provider has deactivated this member',
      detail = 'Activate them in the directory, or in the organization at the identity provider.';
  end if;
  return new;
end
$$;
comment on function app.membership_check_block() is 'Trigger: whom the identity provider has deactivated, nobody reactivates here.';
create or replace trigger _210_check_block
  before update of status on app.membership
  for each row
  when (old.status = 'suspended' and new.status = 'active')
  execute function app.membership_check_block();
--! EndIncluded membership/end_access.sql
--! Included api_key/api_key.sql
-- API keys: shown once, kept as a hash outside the tenant's reach.

comment on table app.api_key is 'A key that opens the API with its own permissions.';
comment on column app.api_key.name is E'@example Nightly import\nWhat it is for, 1 to 200 characters.';
comment on column app.api_key.prefix is E'@example fh_live_a1b2c3\nThe beginning of the key, to tell keys apart.';
comment on column app.api_key.scopes is E'@example ["project:read"]\nPermissions of the key, such as project:read.';
comment on column app.api_key.allowed_networks is E'@example ["203.0.113.0/24"]\nWhere it may be used from, in CIDR notation; empty for anywhere.';
comment on column app.api_key.created_by is 'The member who made or rotated it; it opens nothing while they are suspended, and ends with their membership.';
comment on column app.api_key.expires_at is 'When it ends by itself; null for never.';

select platform.declare_entity(
  'app.api_key',
  permissions => '{"read": "admin", "create": "admin", "update": "admin", "revoke": "admin", "expire": []}',
  lifecycle => '{
    "initial": "active",
    "transitions": {
      "revoke": {"from": ["active"], "to": "revoked", "event": "api_key.revoked",
        "description": "Ends a key from its next use on."},
      "expire": {"from": ["active"], "to": "expired", "event": "api_key.expired"}
    }
  }',
  events => '{"descriptions": {
    "api_key.created": "An API key was made. Its secret is in no event.",
    "api_key.updated": "An API key was given another name, other networks, or, when it was rotated, an end.",
    "api_key.revoked": "An API key was revoked, and opens nothing from its next use on.",
    "api_key.expired": "The time of an API key is over, and it opens nothing any more."
  }}',
  creatable => '{}',
  editable => '{name, allowed_networks}',
  due => '{"expire": {"column": "expires_at", "states": ["active"]}}',
  across => '{"freehold_resolver": ["select"]}'
);

create or replace trigger _700_follow_principal
  after insert on app.api_key
  for each row execute function identity.follow_principal('api_key');
-- after the record, which verifies the context of the caller: a key may revoke itself
create or replace trigger _950_follow_principal
  after update of scopes, status, allowed_networks on app.api_key
  for each row
  when (new.scopes <> old.scopes or new.status <> old.status or new.allowed_networks <> old.allowed_networks)
  execute function identity.follow_principal('api_key');

create or replace trigger _800_check_count
  after insert on app.api_key
  for each row execute function platform.check_count('200', '{active}');

do $$
begin
  if to_regtype('app.created_api_key') is null then
    create type app.created_api_key as (id uuid, secret text);
  end if;
end
$$;
comment on type app.created_api_key is 'The id of a new API key, and its secret, which is shown this once.';

create or replace function app.create_api_key(name text, scopes text[], expires_at timestamptz default null, allowed_networks cidr[] default '{}')
returns app.created_api_key
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  made app.created_api_key;
  key app.api_key;
  unknown text;
  random text := encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
begin
  perform platform.require('api_key:create');
  select string_agg(coalesce(s, 'null'), ', ' order by s)
  into unknown
  from unnest(create_api_key.scopes) s
  where s is null
    or not platform.allows(s);
  if unknown is not null or create_api_key.scopes is null then
    raise exception using
      errcode = 'ZF003',
      message = 'a key cannot hold what you do not hold yourself',
      detail = format('Not yours to give: %s.', coalesce(unknown, 'null'));
  end if;
  -- beyond year 9999 a time has no form in JSON
  if create_api_key.expires_at not between statement_timestamp() and '9999-12-31 00:00:00+00' then
    raise exception using
      errcode = 'ZF010',
      message = 'expires_at must lie in the future, before the year 9999 ends',
      detail = 'Leave it out for a key that does not expire.';
  end if;
  made.secret := platform.key_prefix() || left(random, 48);
  -- six more digits that follow from the others, for scanners of leaked secrets
  made.secret := made.secret || left(encode(sha256(convert_to(made.secret, 'UTF8')), 'hex'), 6);
  insert into app.api_key (name, prefix, scopes, expires_at, allowed_networks, created_by)
  select create_api_key.name, left(made.secret, 14), create_api_key.scopes, create_api_key.expires_at, coalesce(create_api_key.allowed_networks, '{}'),
    case v.actor_type when 'member' then v.actor_id when 'api_key' then (select k.created_by from app.api_key k where k.tenant_id = v.tenant_id and k.id = v.actor_id) end
  from platform.verified_context v
  returning * into key;
  insert into identity.api_key_secret (hash, tenant_id, api_key_id)
  values (sha256(convert_to(made.secret, 'UTF8')), key.tenant_id, key.id);
  made.id := key.id;
  return made;
end
$$;
comment on function app.create_api_key(text, text[], timestamptz, cidr[]) is
  'Makes an API key with some of your own permissions, good from anywhere or from those networks alone. The secret is in this answer and nowhere else.
Event: api_key.created.';
grant execute on function app.create_api_key(text, text[], timestamptz, cidr[]) to freehold_user;

create or replace function app.rotate_api_key(id uuid, grace_hours integer default 24, expires_at timestamptz default null)
returns app.created_api_key
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  former app.api_key;
  made app.created_api_key;
begin
  perform platform.require('api_key:create');
  if coalesce(grace_hours not between 0 and 168, true) then
    raise exception using
      errcode = 'ZF010', message = 'graceHours is 0 to 168', detail = 'For that long both keys are good: long enough to bring the new one to where it is used.';
  end if;
  select *
  into former
  from app.api_key
  where tenant_id = platform.tenant_id()
    and id = rotate_api_key.id
  for no key update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such api_key', detail = format('api_key %s', rotate_api_key.id);
  end if;
  if former.status <> 'active' or former.expires_at <= statement_timestamp() then
    raise exception using
      errcode = 'ZF005', message = 'only an active key is rotated', detail = format('It is %s. Create a new one.', former.status);
  end if;
  made := app.create_api_key(former.name, former.scopes, coalesce(rotate_api_key.expires_at, former.expires_at), former.allowed_networks);
  if grace_hours = 0 then
    perform app.revoke_api_key(former.id);
  else
    update app.api_key
    set expires_at = statement_timestamp() + make_interval(hours => grace_hours)
    where tenant_id = former.tenant_id
      and id = former.id
      and (expires_at is null or expires_at > statement_timestamp() + make_interval(hours => grace_hours));
  end if;
  return made;
end
$$;
comment on function app.rotate_api_key(uuid, integer, timestamptz) is
  'Makes a key like this one, with a new secret, which is in this answer and nowhere else. The former is good for graceHours more (0 to 168, default 24), or no more at once. The new one
ends at expiresAt, or else when the former would have. Events: api_key.created, api_key.updated or api_key.revoked. Errors: ZF003 when the key holds what you do not, ZF004, ZF005, ZF010.';
grant execute on function app.rotate_api_key(uuid, integer, timestamptz) to freehold_user;

create or replace function app.api_key_last_used_at(key app.api_key)
returns timestamptz
language sql
stable
security definer
set search_path = ''
begin atomic
  select s.last_used_at
  from identity.api_key_secret s
  join platform.verified_context v on v.tenant_id = s.tenant_id
  where s.api_key_id = key.id
    and platform.allows('api_key:read');
end;
comment on function app.api_key_last_used_at(app.api_key) is 'When it last opened the API, to the minute; null for never.';
grant execute on function app.api_key_last_used_at(app.api_key) to freehold_user;

create or replace function platform.key_prefix()
returns text
language sql
stable
set search_path = ''
return 'fh_' || coalesce(nullif(current_setting('freehold.key_mode', true), ''), 'test') || '_';
comment on function platform.key_prefix() is
  'fh_live_ where the database is told so (alter database ... set freehold.key_mode = ''live''), fh_test_ elsewhere.';
grant execute on function platform.key_prefix() to freehold_user;
--! EndIncluded api_key/api_key.sql
--! Included identity/member_state.sql
-- What a member should be, by all that the identity provider has told.

create or replace function identity.group_role_of(issuer text, organization text, subject text, tenant uuid)
returns text
language sql
stable
security definer
set search_path = ''
begin atomic
  select r.role
  from identity.directory_users_of(issuer, organization, subject) d
  join identity.provider_object gu
    on gu.issuer = d.issuer and gu.subject = d.id and gu.kind = 'directory_group_user' and (gu.data ->> 'present')::boolean
  join identity.provider_object g
    on g.issuer = d.issuer and g.kind = 'directory_group' and g.id = gu.data ->> 'directory_group_id' and not g.ended
  join app.group_role r on r.tenant_id = tenant and r.group_name = g.data ->> 'name' and r.status = 'active'
  where identity.is_active_directory_user(d)
  order by r.position, r.group_name
  limit 1;
end;
comment on function identity.group_role_of(text, text, text, uuid) is
  'The role that the groups of somebody''s directory give them; null when none does. Inside the tenant.';

create or replace function identity.desired_state(issuer text, organization text, subject text)
returns text
language sql
stable
security definer
set search_path = ''
begin atomic
  with memberships as (
    select m.data ->> 'status' as status, m.ended
    from identity.provider_object m
    where m.issuer = desired_state.issuer
      and m.organization = desired_state.organization
      and m.subject = desired_state.subject
      and m.kind = 'organization_membership'
  ),
  directory as (
    select identity.is_active_directory_user(d) as active
    from identity.directory_users_of(desired_state.issuer, desired_state.organization, desired_state.subject) d
  )
  select case
    when not exists (select from memberships) then null
    when (identity.known(desired_state.issuer, 'user', desired_state.subject)).ended
      or not exists (select from memberships m where not m.ended) then 'removed'
    when (identity.known(desired_state.issuer, 'organization', desired_state.organization)).ended then 'suspended'
    when exists (select from directory) and not exists (select from directory d where d.active) then 'suspended'
    when exists (select from memberships m where not m.ended and m.status = 'active') then 'active'
    when exists (select from memberships m where not m.ended and m.status = 'inactive') then 'suspended'
    else 'pending'
  end;
end;
comment on function identity.desired_state(text, text, text) is
  'active, suspended, removed or pending; null when nothing is known. Suspended: the membership or all of the person''s directory users are inactive, or the organization
has ended. Removed: the person or every membership of theirs has ended.';

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
comment on function identity.is_admitted(text, text, text, uuid) is
  'Whether somebody whom nobody has invited may become a member: their directory has them, or an address of theirs is of a verified domain and the tenant admits those.
Inside the tenant.';

create or replace function identity.former_member(tenant uuid, person uuid, out role text, out invited boolean)
language sql
stable
security definer
set search_path = ''
begin atomic
  select coalesce(g.former_role, m.role),
    not exists (select from identity.admitted_member a where a.tenant_id = m.tenant_id and a.membership_id = m.id)
  from app.membership m
  left join identity.group_member g on g.tenant_id = m.tenant_id and g.membership_id = m.id
  where m.tenant_id = former_member.tenant
    and m.person_id = former_member.person
    and m.status = 'removed'
  order by m.updated_at desc, m.id desc
  limit 1;
end;
comment on function identity.former_member(uuid, uuid) is
  'The role that somebody had whose membership has ended, and whether they had been invited; null for who never was a member. Inside the tenant.';
--! EndIncluded identity/member_state.sql
--! Included identity/reconcile.sql
-- What follows for members from what the identity provider has told. Each function looks at the state and not at the event, and may run again at any time.

create or replace function identity.waiting_invitation(issuer text, subject text)
returns uuid
language sql
stable
security definer
set search_path = ''
begin atomic
  -- the one that the provider says this user accepted, or else one to an address that is, or was, verified as theirs
  select i.id
  from app.invitation i
  left join identity.provided_invitation pi on pi.tenant_id = i.tenant_id and pi.invitation_id = i.id
  left join identity.provider_object p on p.issuer = pi.issuer and p.kind = 'invitation' and p.id = pi.id
  where i.tenant_id = platform.tenant_id()
    and i.status = 'pending'
    and i.expires_at > statement_timestamp()
    and (p.data ->> 'accepted_user_id' = waiting_invitation.subject
      or exists (
        select from identity.provider_address a
        where a.issuer = waiting_invitation.issuer and a.kind = 'user' and a.id = waiting_invitation.subject and a.verified and a.email = lower(i.email)))
  order by p.data ->> 'accepted_user_id' = waiting_invitation.subject desc nulls last, i.id
  limit 1;
end;
comment on function identity.waiting_invitation(text, text) is 'The invitation that a user of the identity provider has come by; null for none. Inside the tenant.';

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
comment on function identity.admit(text, text, text, uuid, text, text) is
  'Makes somebody a member who was invited, now or before, whose directory has them, or whom the tenant admits by their domain; null for who is none of these, or
was removed by somebody of the tenant. Errors: ZF007.';

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
comment on function identity.block(app.membership, text) is
  'Locks out a member whom the identity provider has deactivated, from their next statement on. Inside the tenant.';

create or replace function identity.unblock(member app.membership)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  lifted identity.blocked_member;
begin
  delete from identity.blocked_member b
  where b.tenant_id = member.tenant_id
    and b.membership_id = member.id
  returning * into lifted;
  if lifted.suspended and member.status = 'suspended' then
    perform app.reactivate_membership(member.id);
  end if;
end
$$;
comment on function identity.unblock(app.membership) is 'Lets a member in again whom the identity provider has activated; one whom somebody here had suspended stays so. Inside the tenant.';

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
comment on function identity.follow_role(text, text, app.membership, text) is
  'Gives a member the role of their directory''s groups; the one that they had before when they have left the last that gave one. Inside the tenant.';

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
comment on function identity.settle_invitation(text, app.membership, text) is
  'Accepts the invitation of somebody who became a member before the identity provider told that they had accepted it, and gives them its role. Inside the tenant.';

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
      -- suspended, or asked to join again
      perform identity.block(member, 'the identity provider has deactivated them');
  end case;
  return '{}';
end
$$;
comment on function identity.reconcile_member(text, text, text) is
  'Makes a member what the identity provider says: joined, suspended, reactivated or removed, with their name, address and the role of their groups. Returns what has to be
known first, as kind/id. Errors: ZF007 when the tenant has no seat.';
--! EndIncluded identity/reconcile.sql
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

create or replace function identity.enter_as_member(tenant uuid, person uuid)
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
  if (select t.status from app.tenant t where t.tenant_id = tenant and t.id = tenant) <> 'active' then
    raise exception using errcode = 'ZF011', message = 'the tenant is not active';
  end if;
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
  perform platform.enter(tenant, member.id, platform.permissions_of(member.role));
  return member;
end
$$;
comment on function identity.enter_as_member(uuid, uuid) is
  'Takes the rest of the transaction into a tenant as a member. Errors: ZF011 when the tenant is not active, ZF017 when the person is no active member.';

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
  user_agent text
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
  member app.membership := identity.enter_as_member(tenant, person);
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
  insert into identity.session (
    token_hash, person_id, tenant_id, expires_at, issuer, provider_session, method, ip, user_agent, sealed_tokens, tokens_expire_at)
  values (
    sign_in.token_hash, person, tenant, statement_timestamp() + interval '7 days', sign_in.issuer, sign_in.provider_session, sign_in.method,
    sign_in.ip, left(sign_in.user_agent, 500), sign_in.sealed_tokens, sign_in.tokens_expire_at)
  returning * into made;
  perform platform.record_event('user.signed_in', 'membership', member.id, jsonb_build_object(
    'id', member.id, 'session_id', made.id, 'method', made.method, 'ip', host(made.ip), 'user_agent', made.user_agent));
  return made.expires_at;
end
$$;
comment on function identity.sign_in(text, text, text, text, text, text, text, bytea, text, timestamptz, inet, text) is
  'Begins a session of seven days in the tenant of the organization, for the person whom the identity provider has vouched for. Returns its end.
Errors: ZF011, ZF017. Event: user.signed_in.';

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
    perform identity.enter_as_member(identity.tenant_of(claimed.issuer, claim_tokens.organization), claimed.person_id);
  end if;
  return claimed.sealed_tokens;
end
$$;
comment on function identity.claim_tokens(bytea, text) is
  'The sealed tokens of a session whose provider is to be asked, for the one request that may do it; null for all others, for 20 seconds. A token for refreshing is
good once: a second request with it would end the session at the provider. With an organization, to go over to it, also before they are due. Errors: ZF011, ZF017.';

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
  member := identity.enter_as_member(switched.tenant_id, switched.person_id);
  perform platform.record_event('user.signed_in', 'membership', member.id, jsonb_build_object(
    'id', member.id, 'session_id', switched.id, 'method', switched.method, 'ip', host(switched.ip), 'user_agent', switched.user_agent));
  return switched.expires_at;
end
$$;
comment on function identity.switch_tenant(bytea, text, text, bytea, text, timestamptz) is
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
  person uuid;
  ending identity.session;
begin
  select s.person_id
  into person
  from identity.session s
  where s.token_hash = revoke_session.token_hash
    and s.revoked_at is null
    and s.expires_at > statement_timestamp();
  for ending in
    select s.*
    from identity.session s
    where s.person_id = person
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
    where l.person_id = person;
  end if;
end
$$;
comment on function identity.revoke_session(bytea, uuid) is
  'Ends one session of the person whose cookie it is, or with null all of them and every token from before. Returns what the identity provider calls those that it
has ended. Event: user.signed_out, one for each.';

grant execute on function
  identity.sign_in(text, text, text, text, text, text, text, bytea, text, timestamptz, inet, text),
  identity.claim_tokens(bytea, text), identity.keep_tokens(bytea, text, text, timestamptz),
  identity.switch_tenant(bytea, text, text, bytea, text, timestamptz),
  identity.sign_out(bytea, text), identity.revoke_session(bytea, uuid)
to freehold_gate;
--! EndIncluded identity/session.sql
--! Included identity/inbox.sql
-- The inbox: each event of the identity provider is taken in once and applied, and what cannot be applied yet is tried again.

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
comment on function identity.reconcile_person(text, text) is
  'Makes a person and all their members what the identity provider says of the user. Returns what has to be known first, as kind/id.';

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
      return query
        select distinct m.subject from identity.provider_object m
        where m.issuer = object.issuer and m.organization = object.id and m.kind = 'organization_membership';
    when 'organization_domain' then
      return query
        select distinct m.subject from identity.provider_object m
        where m.issuer = object.issuer and m.organization = object.organization and m.kind = 'organization_membership';
    when 'directory_user' then
      return query select identity.subjects_of(object.issuer, object.id);
    when 'directory_group_user' then
      return query select identity.subjects_of(object.issuer, object.subject);
    when 'directory_group' then
      return query
        select s from identity.provider_object gu, identity.subjects_of(gu.issuer, gu.subject) s
        where gu.issuer = object.issuer and gu.directory = object.directory and gu.kind = 'directory_group_user'
          and gu.data ->> 'directory_group_id' = object.id;
    when 'directory' then
      return query
        select s from identity.provider_object d, identity.subjects_of(d.issuer, d.id) s
        where d.issuer = object.issuer and d.directory = object.id and d.kind = 'directory_user';
    else
      null;
  end case;
end
$$;
comment on function identity.concerned(identity.provider_object) is 'The users for whom something may follow from what was told of an object.';

create or replace function identity.follow_object(object identity.provider_object)
returns text[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  missing text[] := '{}';
  subject text;
  ending identity.session;
  link identity.provided_invitation;
begin
  for subject in
    select distinct c from identity.concerned(object) c order by c
  loop
    missing := missing || identity.reconcile_person(object.issuer, subject);
  end loop;
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
  return missing;
end
$$;
comment on function identity.follow_object(identity.provider_object) is
  'Does what follows from the state of an object: for members, sessions and invitations. Returns what has to be known first, as kind/id.';

create or replace function identity.take_over(issuer text, kind text, told jsonb, at timestamptz, told_by text, ended boolean)
returns text[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  id text := told ->> 'id';
  object identity.provider_object;
begin
  if id is null then
    raise exception using errcode = 'ZF010', message = format('the %s has no id', kind);
  end if;
  perform identity.observe(issuer, kind, id, told, coalesce((told ->> 'updated_at')::timestamptz, at), told_by, ended);
  object := identity.known(issuer, kind, id);
  return identity.follow_object(object);
end
$$;
comment on function identity.take_over(text, text, jsonb, timestamptz, text, boolean) is
  'Takes over what the identity provider tells of one object, in its own words, and does what follows. Returns what has to be known first, as kind/id.';

create or replace function identity.apply(entry identity.inbox, kind text, ends boolean)
returns text[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  told jsonb := entry.data;
begin
  if kind <> 'directory_group_user' then
    return identity.take_over(entry.issuer, kind, told, entry.occurred_at, entry.id, ends);
  end if;
  -- it tells of three: the user, the group, and that the one is in the other, which has neither an id nor a time of its own
  perform identity.take_over(entry.issuer, 'directory_user', told -> 'user', entry.occurred_at, entry.id, false),
    identity.take_over(entry.issuer, 'directory_group', told -> 'group', entry.occurred_at, entry.id, false);
  return identity.take_over(entry.issuer, kind, jsonb_build_object(
    'id', concat_ws('/', told #>> '{group,id}', told #>> '{user,id}'),
    'directory_id', told ->> 'directory_id',
    'directory_group_id', told #>> '{group,id}',
    'directory_user_id', told #>> '{user,id}',
    'present', entry.event = 'dsync.group.user_added'), entry.occurred_at, entry.id, false);
end
$$;
comment on function identity.apply(identity.inbox, text, boolean) is 'Applies one event. Returns what has to be known first, as kind/id.';

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
comment on function identity.apply_event(text) is
  'Applies an event of the inbox: applied, ignored when nobody listens to its kind, or deferred when something has to be known first or it failed. Then it is tried again, after 5 seconds
and up to an hour.';

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
  return identity.apply_event(receive_event.event ->> 'id');
end
$$;
comment on function identity.receive_event(text, jsonb, text) is
  'Takes in one event of the identity provider, as it sends them, and applies it. Returns applied, ignored, deferred, or known when it was taken in before. source is webhook or poll.';

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
comment on function identity.retry_events(integer) is 'Applies what is due of the inbox, at most that many, the oldest first, and tells what came of each.';

create or replace function identity.receive_object(issuer text, kind text, id text, object jsonb)
returns text[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(7100050);
  -- what does not exist has ended, or will be told of later: an end that is not true would be final
  if object is null then
    return '{}';
  end if;
  return identity.take_over(issuer, kind, object, statement_timestamp(), '', false);
end
$$;
comment on function identity.receive_object(text, text, text, jsonb) is
  'Takes over an object of the identity provider that was asked for, in its own words, and does what follows. Returns what has to be known first, as kind/id.';

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
grant execute on function identity.receive_event(text, jsonb, text), identity.receive_object(text, text, text, jsonb) to freehold_gate, freehold_worker;
grant execute on function identity.knows_member(text, text, text) to freehold_gate;
grant execute on function identity.retry_events(integer), identity.poll_position(text), identity.move_poll_position(text, text) to freehold_worker;
--! EndIncluded identity/inbox.sql
--! Included identity/session_view.sql
-- What a browser may know of its session: who, where, and which other ones there are. It looks across the tenants of one person, and so is the resolver's.

create or replace function identity.write_session_view()
returns void
language plpgsql
volatile
set search_path = ''
as $write$
begin
  perform platform.execute_as('freehold_resolver', $sql$
create or replace function identity.describe_session(token_hash bytea)
returns jsonb
language sql
stable
security definer
set search_path = ''
begin atomic
  select jsonb_build_object(
    'id', s.id,
    'person', jsonb_build_object('id', p.id, 'email', p.email, 'name', p.name),
    'tenant', jsonb_build_object('id', t.id, 'name', t.name, 'slug', t.slug),
    'membership', jsonb_build_object('id', m.id, 'role', m.role, 'permissions', to_jsonb(platform.permissions_of(m.role))),
    'method', s.method,
    'created_at', s.created_at,
    'expires_at', s.expires_at,
    'organizations', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', o.organization, 'name', ot.name, 'role', om.role, 'current', ot.id = s.tenant_id) order by ot.name, o.organization), '[]')
      from identity.person_principal pp
      join app.membership om on om.tenant_id = pp.tenant_id and om.id = pp.principal_id and om.status = 'active'
      join app.tenant ot on ot.tenant_id = om.tenant_id and ot.id = om.tenant_id and ot.status = 'active'
      join identity.organization o on o.tenant_id = ot.id and o.issuer = s.issuer
      where pp.person_id = s.person_id))
  from identity.session s
  join identity.person p on p.id = s.person_id
  join app.tenant t on t.tenant_id = s.tenant_id and t.id = s.tenant_id
  join app.membership m on m.tenant_id = s.tenant_id and m.person_id = s.person_id and m.status = 'active'
  where s.token_hash = describe_session.token_hash
    and s.revoked_at is null
    and s.expires_at > statement_timestamp()
    and not exists (select from identity.blocked_member b where b.tenant_id = m.tenant_id and b.membership_id = m.id);
end;
$sql$);
  perform platform.execute_as('freehold_resolver', $sql$
create or replace function identity.list_sessions(token_hash bytea)
returns jsonb
language sql
stable
security definer
set search_path = ''
begin atomic
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', s.id,
    'tenant', jsonb_build_object('id', t.id, 'name', t.name),
    'method', s.method,
    'ip', host(s.ip),
    'user_agent', s.user_agent,
    'created_at', s.created_at,
    'last_seen_at', s.last_seen_at,
    'expires_at', s.expires_at,
    'current', s.id = own.id) order by s.last_seen_at desc, s.id), '[]')
  from identity.session own
  join identity.session s on s.person_id = own.person_id
  join app.tenant t on t.tenant_id = s.tenant_id and t.id = s.tenant_id
  where own.token_hash = list_sessions.token_hash
    and own.revoked_at is null
    and own.expires_at > statement_timestamp()
    and s.revoked_at is null
    and s.expires_at > statement_timestamp();
end;
$sql$);
  perform platform.execute_as('freehold_resolver',
    'grant execute on function identity.describe_session(bytea), identity.list_sessions(bytea) to freehold_gate');
  perform platform.execute_as('freehold_resolver', $sql$comment on function identity.describe_session(bytea) is
    'Who the cookie is, in which tenant, with which permissions, and the organizations that they can switch to; null when the session has ended.'$sql$);
  perform platform.execute_as('freehold_resolver', $sql$comment on function identity.list_sessions(bytea) is
    'All sessions of the person whose cookie it is, the last used first.'$sql$);
end
$write$;
comment on function identity.write_session_view() is 'Writes what a browser may know of its session as the resolver, which owns it.';

grant select on identity.session, identity.person, identity.person_principal, identity.organization to freehold_resolver;
select identity.write_session_view();
--! EndIncluded identity/session_view.sql
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
  tenant_status text;
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
      select m.tenant_id, m.id, s.expires_at, s.tokens_expire_at, platform.permissions_of(m.role)
      into resolve.tenant_id, actor_id, credential_ends, tokens_end, permissions
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
      select m.tenant_id, m.id, to_timestamp((request -> 'token' ->> 'expires_at')::bigint), platform.permissions_of(m.role)
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

  select t.status
  into tenant_status
  from app.tenant t
  where t.tenant_id = resolve.tenant_id
    and t.id = resolve.tenant_id;
  if tenant_status <> 'active' then
    raise exception using errcode = 'ZF011', message = format('the tenant is %s', tenant_status);
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
    resolve.tenant_id, resolve.actor_id, resolve.expires_at, null, resolve.permissions) s;
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
Errors: ZF001 for a credential that is not good, ZF011 for a tenant that is not active, ZF016 when the provider has not answered for an hour.'$sql$);
end
$write$;
comment on function identity.write_resolve() is 'Writes identity.resolve as the resolver, which owns it.';

grant select on identity.session, identity.api_key_secret, identity.organization, identity.login, identity.blocked_member to freehold_resolver;
-- for last_used_at and last_seen_at
grant update on identity.api_key_secret, identity.session to freehold_resolver;
select identity.write_resolve();
--! EndIncluded identity/resolve.sql
--! Included tenant/purge.sql
-- The end of a tenant: what is left of a closed one is deleted, a part at a time, inside its own context.

select platform.execute_as('freehold_janitor', $sql$
create or replace function platform.closed_tenants()
returns setof uuid
language sql
stable
security definer
set search_path = ''
begin atomic
  select t.id
  from app.tenant t
  where t.status = 'closed'
  order by t.id;
end;
comment on function platform.closed_tenants() is 'Tenants that are closed and not yet purged.';
grant execute on function platform.closed_tenants() to freehold_worker;
$sql$);

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
comment on function platform.purge_tenant(uuid, integer) is
  'Deletes rows of a closed tenant, at most that many, and in the end the tenant with its keys, sessions and people. Returns whether there is more.
What remains are its slug and platform.system_entry. Errors: ZF004 when it is gone, ZF005 when it is not closed.';
grant execute on function platform.purge_tenant(uuid, integer) to freehold_worker;
--! EndIncluded tenant/purge.sql
