--! Previous: sha1:7300b8a91e3933f6b313f494834ff3e472812e7f
--! Hash: sha1:bd39fdde25ecaac4f3efde589cb736a6f897581f
--! Message: security

-- What a tenant demands of those who sign in to it, and support who acts as one of its members.

alter table app.tenant
  add column max_session_hours integer not null default 168 check (max_session_hours between 1 and 2160),
  add column max_idle_minutes integer not null default 1440 check (max_idle_minutes between 5 and 129600),
  add column allowed_networks cidr[] not null default '{}' check (cardinality(allowed_networks) <= 50 and array_position(allowed_networks, null) is null),
  add column login_methods text[] not null default '{}' check (cardinality(login_methods) <= 30 and array_position(login_methods, null) is null),
  add column require_sso boolean not null default false;

create table app.impersonation (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  membership_id uuid not null,
  email text not null check (length(email) between 3 and 320),
  reason text not null check (length(reason) between 1 and 1000),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, membership_id) references app.membership (tenant_id, id)
);
create index impersonation_membership on app.impersonation (tenant_id, membership_id);

alter table identity.session
  add column impersonation_id uuid;
comment on column identity.session.impersonation_id is 'Support acts as the person: the row of app.impersonation says who, and why.';

create table identity.guarded_entity (
  entity text primary key
);
comment on table identity.guarded_entity is E'@reference\nEntities that nobody changes who acts as somebody else: who may come in, and with what.';

drop function identity.sign_in(text, text, text, text, text, text, text, bytea, text, timestamptz, inet, text);
drop function identity.enter_as_member(uuid, uuid);

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
  ('ZF018', 'refused_by_policy', 403, 'The security policy of the tenant does not allow this.', 'Come as it asks, or have an owner change what it asks.'),
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
--! Included tenant/tenant.sql
-- The tenant itself: an entity like the others, whose only row is its own.

comment on table app.tenant is 'The organization that everything else belongs to.';
comment on column app.tenant.name is E'@example Acme Ltd\nName as people see it.';
comment on column app.tenant.slug is E'@example acme\nShort name in addresses; unique over all tenants.';
comment on column app.tenant.admit_verified_domains is 'Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified.';
comment on column app.tenant.default_role is E'@example member\nThe role of who joins without an invitation or a group that gives one.';
comment on column app.tenant.max_session_hours is E'@example 168\nHow long a session lasts at most: 1 to 2160 hours.';
comment on column app.tenant.max_idle_minutes is E'@example 1440\nHow long a session may go unused: 5 to 129600 minutes.';
comment on column app.tenant.allowed_networks is E'@example ["203.0.113.0/24"]\nWhere members and keys may come from, in CIDR notation; empty for anywhere.';
comment on column app.tenant.login_methods is E'@example ["SSO", "Passkey"]\nHow members may sign in, as the identity provider names it; empty for any way.';
comment on column app.tenant.require_sso is 'Whether members must come by single sign-on.';
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
  events => '{"changed": [{
    "event": "tenant.security_changed",
    "when": "(new.max_session_hours, new.max_idle_minutes, new.allowed_networks, new.login_methods, new.require_sso, new.admit_verified_domains, new.default_role) is distinct from (old.max_session_hours, old.max_idle_minutes, old.allowed_networks, old.login_methods, old.require_sso, old.admit_verified_domains, old.default_role)",
    "description": "What a tenant demands of those who sign in, or whom it admits, was changed."
  }], "descriptions": {
    "tenant.created": "A tenant was made, and is being set up.",
    "tenant.updated": "A tenant was given another name.",
    "tenant.activated": "A tenant was set up, and is in use.",
    "tenant.suspended": "A tenant was suspended: members and API keys are locked out, and nothing is lost.",
    "tenant.reactivated": "A suspended tenant is in use again.",
    "tenant.closing": "A tenant is about to end: everybody is locked out, and it is closed at closes_at.",
    "tenant.closed": "A tenant ended with its grace period, and what it had is deleted."
  }}',
  editable => '{name,admit_verified_domains,default_role,max_session_hours,max_idle_minutes,allowed_networks,login_methods,require_sso}',
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
--! Included tenant/security.sql
-- What a tenant demands of those who come to it: how, from where, and for how long.

create or replace function app.tenant_check_security()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  wrong text;
begin
  perform platform.require_tenant(new.tenant_id);
  select m
  into wrong
  from unnest(new.login_methods) m
  where m !~ '^[A-Za-z]{1,50}$'
  limit 1;
  if found then
    raise exception using
      errcode = 'ZF010', message = format('%s is no login method', left(wrong, 50)),
      detail = 'Write them as the identity provider does: SSO, Password, Passkey, MagicAuth, GoogleOAuth, MicrosoftOAuth.';
  end if;
  if new.require_sso and not old.require_sso then
    perform platform.require_feature('sso');
    if not identity.has_connection(new.tenant_id) then
      raise exception using
        errcode = 'ZF010', message = 'nobody could sign in: the organization has no active connection',
        detail = 'Connect single sign-on first, and sign in with it once.';
    end if;
  end if;
  return new;
end
$$;
comment on function app.tenant_check_security() is 'Trigger: login methods are names of some, and single sign-on is demanded where there is one.';
create or replace trigger _210_check_security
  before update of login_methods, require_sso on app.tenant
  for each row
  when ((new.login_methods, new.require_sso) is distinct from (old.login_methods, old.require_sso))
  execute function app.tenant_check_security();

create or replace function identity.has_connection(tenant uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
begin atomic
  select exists (
    select
    from identity.organization o
    join identity.provider_object c
      on c.issuer = o.issuer and c.organization = o.organization and c.kind = 'connection' and not c.ended
    where o.tenant_id = has_connection.tenant
      and c.data ->> 'state' = 'active');
end;
comment on function identity.has_connection(uuid) is 'Whether the organization of a tenant has an active connection for single sign-on.';

-- whoever changes the rules is held to them too, from the next statement on
create or replace trigger _960_follow_tenant
  after update of max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso on app.tenant
  for each row
  when ((new.max_session_hours, new.max_idle_minutes, new.allowed_networks, new.login_methods, new.require_sso)
    is distinct from (old.max_session_hours, old.max_idle_minutes, old.allowed_networks, old.login_methods, old.require_sso))
  execute function identity.follow_tenant();

create or replace function identity.check_policy(tenant app.tenant, kind text, method text, ip inet)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if tenant.status <> 'active' then
    raise exception using errcode = 'ZF011', message = format('the tenant is %s', tenant.status);
  end if;
  -- whose address is not known is in no network
  if tenant.allowed_networks <> '{}' and not coalesce(ip <<= any (tenant.allowed_networks), false) then
    raise exception using
      errcode = 'ZF018', message = 'the tenant is not entered from there', detail = 'Your address is not in its allowed networks.';
  end if;
  if kind = 'api_key' or method = 'Impersonation' then
    return;
  end if;
  if tenant.require_sso and method is distinct from 'SSO' then
    raise exception using
      errcode = 'ZF018', message = 'the tenant is entered by single sign-on',
      detail = case when kind = 'token' then 'An access token does not tell how somebody signed in: use a session or an API key.' else 'Sign in with the connection of your organization.' end;
  end if;
  if tenant.login_methods <> '{}' and not coalesce(method = any (tenant.login_methods), false) then
    raise exception using
      errcode = 'ZF018', message = 'the tenant is not entered that way',
      detail = format('Sign in with one of: %s.', array_to_string(tenant.login_methods, ', '));
  end if;
end
$$;
comment on function identity.check_policy(app.tenant, text, text, inet) is
  'Raises unless a tenant lets somebody in who comes this way: ZF011 when it is not active, ZF018 for its networks, its login methods and its single sign-on. kind is
api_key, session or token; method as the identity provider names it.';
grant execute on function identity.check_policy(app.tenant, text, text, inet) to freehold_resolver;
--! EndIncluded tenant/security.sql
--! Included impersonation/impersonation.sql
-- Support who acts as a member: who they are, and why, for the tenant to see. Events that they cause carry its id.

comment on table app.impersonation is 'Support acted as a member of the tenant. The events of that time have its id as their impersonator.';
comment on column app.impersonation.membership_id is 'The member as whom they acted.';
comment on column app.impersonation.email is E'@format email\n@example support@vendor.example\nWho acted.';
comment on column app.impersonation.reason is E'@example Ticket 4711: the export fails.\nWhy, as they gave it.';

select platform.declare_entity(
  'app.impersonation',
  permissions => '{"read": "admin"}',
  across => '{"freehold_resolver": ["select"]}',
  events => '{"created": "impersonation.began", "descriptions": {
    "impersonation.began": "Support began to act as a member of the tenant, for the reason that it gives.",
    "impersonation.updated": "Never recorded: an impersonation does not change."
  }}'
);

insert into identity.guarded_entity (entity)
values ('tenant'), ('membership'), ('invitation'), ('api_key'), ('group_role')
on conflict do nothing;

create or replace function identity.permissions_of_impersonator(permissions text[])
returns text[]
language sql
stable
security definer
set search_path = ''
begin atomic
  select coalesce(array_agg(p order by p), '{}')
  from unnest(permissions) p
  where p like '%:read'
    or split_part(p, ':', 1) not in (select g.entity from identity.guarded_entity g);
end;
comment on function identity.permissions_of_impersonator(text[]) is
  'What is left of a member''s permissions to support who acts as them: not who may come in, nor with what (identity.guarded_entity).';
grant execute on function identity.permissions_of_impersonator(text[]) to freehold_resolver;
--! EndIncluded impersonation/impersonation.sql
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
  perform platform.enter(tenant, member.id, platform.permissions_of(member.role));
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
    perform platform.enter(tenant, member.id, platform.permissions_of(member.role), acting.id);
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
comment on function identity.claim_tokens(bytea, text) is
  'The sealed tokens of a session whose provider is to be asked, for the one request that may do it; null for all others, for 20 seconds. A token for refreshing is
good once: a second request with it would end the session at the provider. With an organization, to go over to it, also before they are due. Errors: ZF003, ZF011, ZF017, ZF018.';

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
  member := identity.enter_as_member(switched.tenant_id, switched.person_id, switched.method, switched.ip);
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

grant execute on function
  identity.sign_in(text, text, text, text, text, text, text, bytea, text, timestamptz, inet, text, text, text),
  identity.claim_tokens(bytea, text), identity.keep_tokens(bytea, text, text, timestamptz),
  identity.switch_tenant(bytea, text, text, bytea, text, timestamptz),
  identity.sign_out(bytea, text), identity.revoke_session(bytea, uuid)
to freehold_gate;
--! EndIncluded identity/session.sql
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
    'membership', jsonb_build_object('id', m.id, 'role', m.role, 'permissions', to_jsonb(case
      when s.impersonation_id is null then platform.permissions_of(m.role)
      else identity.permissions_of_impersonator(platform.permissions_of(m.role)) end)),
    'method', s.method,
    'impersonator', (
      select jsonb_build_object('email', i.email, 'reason', i.reason)
      from app.impersonation i
      where i.tenant_id = s.tenant_id and i.id = s.impersonation_id),
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
    'impersonated', s.impersonation_id is not null,
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
      select m.tenant_id, m.id, s.expires_at, s.tokens_expire_at, s.method, s.created_at, s.last_seen_at, s.impersonation_id, platform.permissions_of(m.role)
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
comment on function identity.write_resolve() is 'Writes identity.resolve as the resolver, which owns it.';

grant select on identity.session, identity.api_key_secret, identity.organization, identity.login, identity.blocked_member to freehold_resolver;
-- for last_used_at and last_seen_at
grant update on identity.api_key_secret, identity.session to freehold_resolver;
select identity.write_resolve();
--! EndIncluded identity/resolve.sql
