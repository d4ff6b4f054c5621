--! Previous: -
--! Hash: sha1:a6a90900634f357fa6d27a8f7bdbc794df1797c9
--! Message: platform

-- The mechanism: schemas, default privileges and the platform's own tables.
-- Run as freehold_owner, which owns the database and is bound by every policy below (RLS is forced).

create schema platform;
create schema identity;
create schema catalog;
create schema app;
create schema generated;

comment on schema platform is 'The mechanism: context, declarations, lifecycles, events, proof. Not exposed.';
comment on schema identity is 'Who may act: people, sessions, principals. Global, not exposed.';
comment on schema catalog is 'What is sold: plans and their entitlements. Global, read-only.';
comment on schema app is 'The domain: every table belongs to a tenant and is declared. Exposed as GraphQL.';
comment on schema generated is 'Functions written by platform.declare_entity. Never edited by hand.';

-- PostgreSQL gives PUBLIC the right to execute each new function: take it away before the first one exists.
alter default privileges revoke execute on functions from public;

-- The bare minimum for names to resolve; what is inside each schema is granted object by object.
grant usage on schema platform, app, catalog to freehold_user;
grant usage on schema platform, app to freehold_app;
grant usage on schema identity, platform to freehold_gate;
grant usage on schema platform, app, catalog to freehold_worker;
grant usage on schema platform, identity, app, catalog to freehold_resolver, freehold_recorder, freehold_dispatcher, freehold_janitor;
-- Narrow roles own definer functions, and an owner needs CREATE where its function lives. They cannot log in.
grant create on schema identity to freehold_resolver;
grant usage, create on schema generated to freehold_recorder;
grant create on schema platform to freehold_recorder, freehold_dispatcher, freehold_janitor;

create table platform.error (
  sqlstate text primary key check (sqlstate ~ '^[0-9A-Z]{5}$'),
  code text not null check (code ~ '^[a-z_]+$'),
  http_status integer not null check (http_status between 400 and 599),
  message text not null,
  remedy text not null
);
comment on table platform.error is
  E'@reference\nThe one error vocabulary: SQLSTATE to code, HTTP status and remedy. GraphQL shows the code in extensions.code.';

create table platform.role (
  key text primary key,
  description text not null,
  includes text[] not null default '{}'
);
comment on table platform.role is E'@reference\nBuilt-in roles of a member. A role holds its own permissions and those of the roles it includes.';

create table platform.permission (
  key text primary key check (key ~ '^[a-z_]+:[a-z_]+$'),
  -- the sequence gives none twice: what was signed for a permission that is gone is worth nothing to a new one
  number integer generated always as identity unique,
  entity text not null,
  description text not null
);
comment on column platform.permission.number is 'Place of the permission in the claims of a context.';
comment on table platform.permission is E'@reference\nEvery permission, written by declarations: entity:command or entity:transition.';

create table platform.role_permission (
  role text not null references platform.role,
  permission text not null references platform.permission on delete cascade,
  primary key (role, permission)
);
comment on table platform.role_permission is E'@reference\nWhich role is given which permission by a declaration, before inclusion.';

create table platform.entity (
  name text primary key,
  relation text not null unique,
  kind text not null check (kind in ('entity', 'record', 'states')),
  declaration jsonb not null,
  policies text,
  grants text
);
comment on table platform.entity is
  E'@reference\nEvery declared table of schema app. What is not here must not exist: see platform.violations().';

create table platform.transition (
  entity text not null references platform.entity on delete cascade,
  name text not null,
  from_state text not null,
  to_state text not null,
  event text not null,
  primary key (entity, name, from_state)
);
comment on table platform.transition is E'@reference\nThe lifecycles: which state may follow which, by which verb, and the event that tells of it.';

create table platform.event_type (
  type text primary key check (type ~ '^[a-z_]+\.[a-z_]+$'),
  entity text not null,
  description text not null,
  schema jsonb not null
);
comment on table platform.event_type is E'@reference\nThe vocabulary of events, each with the JSON Schema (2020-12) of its data.';

create table platform.event_task (
  type text not null references platform.event_type on delete cascade,
  task text not null,
  primary key (type, task)
);
comment on table platform.event_task is E'@reference\nInternal subscribers: the worker runs the task once for each event of the type.';

create table platform.due_action (
  entity text not null references platform.entity on delete cascade,
  verb text not null,
  due_column text not null,
  states text[] not null,
  primary key (entity, verb)
);
comment on table platform.due_action is
  E'@reference\nWhat time does by itself: a row in one of the states whose due column has passed is taken through the verb by the worker.';

create table platform.system_entry (
  id uuid primary key default uuidv7(),
  tenant_id uuid not null,
  login text not null,
  reason text not null check (length(reason) between 1 and 500),
  entered_at timestamptz not null default now()
);
comment on table platform.system_entry is 'Each time the system acted inside a tenant, and why. Append-only.';

create table platform.tenant_plan (
  tenant_id uuid primary key,
  plan text not null
);
comment on table platform.tenant_plan is
  'The plan that holds for a tenant, kept by its subscription: a limit is looked up here in one key, outside row-level security.';

create table platform.counter (
  tenant_id uuid not null,
  name text not null,
  value bigint not null,
  primary key (tenant_id, name)
);
comment on table platform.counter is 'Gap-free counters of a tenant: the row stays locked until the number is committed or rolled back.';

create table identity.principal (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null check (kind in ('member', 'api_key', 'system')),
  version bigint not null default 1,
  inner_pad bytea not null check (length(inner_pad) = 64),
  outer_pad bytea not null check (length(outer_pad) = 64),
  inner_block bytea not null generated always as (inner_pad || int8send(version)) stored,
  primary key (tenant_id, id)
);
comment on table identity.principal is
  'Who can act in a tenant, with the key that signs their contexts and the version of what they may do.
Raising the version ends every context minted before, on its next statement.';
comment on column identity.principal.inner_pad is
  'With outer_pad, the key''s two blocks of RFC 2104, so that a verification is two calls of sha256(). Only the owner reads them.';
comment on column identity.principal.inner_block is
  'What precedes the claims in the inner hash: the pad, and the version in eight bytes. Made here once, and not with each statement.';

create table identity.person (
  id uuid primary key default uuidv7(),
  email text not null check (length(email) between 3 and 320),
  email_verified boolean not null default false,
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default now()
);
comment on table identity.person is 'A human, whatever tenants they belong to.';

create table identity.login (
  issuer text not null,
  subject text not null,
  person_id uuid not null references identity.person on delete cascade,
  primary key (issuer, subject)
);
create index on identity.login (person_id);
comment on table identity.login is 'How a person is recognised: issuer and subject of a verified credential, never an e-mail address.';

create table identity.session (
  id uuid primary key default uuidv7(),
  token_hash bytea not null unique check (length(token_hash) = 32),
  person_id uuid not null references identity.person on delete cascade,
  tenant_id uuid not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index on identity.session (person_id);
comment on table identity.session is 'A signed-in browser. Only the SHA-256 of its cookie is kept.';

create table identity.person_principal (
  person_id uuid not null references identity.person on delete cascade,
  tenant_id uuid not null,
  principal_id uuid not null,
  primary key (person_id, tenant_id, principal_id)
);
comment on table identity.person_principal is 'The principals of a person over all tenants, so that a revoked session finds them.';

create table identity.api_key_secret (
  hash bytea primary key check (length(hash) = 32),
  tenant_id uuid not null,
  api_key_id uuid not null,
  unique (tenant_id, api_key_id)
);
comment on table identity.api_key_secret is 'SHA-256 of API keys. Global because the tenant is not known before the key is.';

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

create or replace function platform.enter_as_system(tenant uuid, reason text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  minted record;
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
  minted := platform.sign_context(
    tenant, tenant, statement_timestamp() + interval '60 seconds', null,
    array(select p.key from platform.permission p order by p.key));
  perform set_config('freehold.tenant_id', tenant::text, true),
    set_config('freehold.claims', minted.claims, true),
    set_config('freehold.signature', minted.signature, true);
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
--! Included platform/roles.sql
-- Built-in roles, and how a role becomes a list of permissions.

insert into platform.role (key, description, includes)
values
  ('viewer', 'Sees what the tenant has.', '{}'),
  ('member', 'Works: creates and changes.', '{viewer}'),
  ('billing', 'Sees everything and decides on plan and invoices.', '{viewer}'),
  ('admin', 'Manages people, keys and endpoints.', '{member}'),
  ('owner', 'May do everything, and always exists.', '{admin,billing}')
on conflict (key) do update
  set (description, includes) = (excluded.description, excluded.includes);

create or replace function platform.role_closure(role text)
returns setof text
language sql
stable
set search_path = ''
begin atomic
  with recursive held as (
    select r.key, r.includes
    from platform.role r
    where r.key = role
    union
    select r.key, r.includes
    from held h
    join platform.role r on r.key = any (h.includes)
  )
  select h.key
  from held h;
end;
comment on function platform.role_closure(text) is 'The role and all roles that it includes.';

create or replace function platform.permissions_of(role text)
returns text[]
language sql
stable
security definer
set search_path = ''
begin atomic
  select coalesce(array_agg(distinct rp.permission order by rp.permission), '{}')
  from platform.role_permission rp
  where rp.role in (select platform.role_closure(permissions_of.role));
end;
comment on function platform.permissions_of(text) is 'All permissions of a built-in role, sorted.';
grant execute on function platform.permissions_of(text) to freehold_resolver, freehold_user;

create or replace function platform.execute_as(role_name name, statement text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  former text := current_setting('role');
begin
  -- A function is replaced by its owner only, and narrow roles are not inherited by the migrator (their policies would be too).
  perform set_config('role', role_name, true);
  execute statement;
  perform set_config('role', former, true);
end
$$;
comment on function platform.execute_as(name, text) is 'Runs one DDL statement as a narrow role, which then owns what it made.';

-- Default privileges are a role's own: what a narrow role makes must not begin as executable by PUBLIC either.
do $$
declare
  narrow name;
begin
  foreach narrow in array '{freehold_resolver,freehold_recorder,freehold_dispatcher,freehold_janitor}'::name[] loop
    perform platform.execute_as(narrow, 'alter default privileges revoke execute on functions from public');
  end loop;
end
$$;
--! EndIncluded platform/roles.sql
--! Included platform/policies.sql
-- The one place that writes a policy.

create or replace function platform.write_policies(entity text)
returns text
language plpgsql
volatile
set search_path = ''
as $$
declare
  declared platform.entity;
  own constant text := 'tenant_id = platform.tenant_id()';
  verb text;
  permission platform.permission;
  guard text;
  shown text := '';
  policy record;
begin
  select e.* into strict declared from platform.entity e where e.name = write_policies.entity;

  execute format('alter table %s enable row level security, force row level security', declared.relation);
  for policy in
    select p.polname from pg_catalog.pg_policy p where p.polrelid = declared.relation::regclass
  loop
    execute format('drop policy %I on %s', policy.polname, declared.relation);
  end loop;

  -- Requests: own tenant, a verified context, and the permission of the command.
  -- tenant_id() is a setting, which a statement can change under way: it serves the index and the estimate, and proves nothing.
  -- The proof is the tenant that was verified, once a statement, in the InitPlan. Each row is compared with it by a function call, not
  -- by =, for the planner may put one equal expression in the place of another, and would trust the setting again.
  -- Tried: tenant_id = any (array(select ...)), which no equivalence replaces and the index takes: a count of many rows costs 1.06
  -- instead of 1.16, and EXPLAIN ANALYZE counts no row of another tenant. But the planner multiplies the two conditions, expects a row
  -- or two of a tenant whatever its size, and takes any index for any other: an update by id went through that of lead_id.
  if declared.declaration ->> 'concealed' is not null then
    shown := (
      select string_agg(format(' and status <> %L', s), '')
      from jsonb_array_elements_text(declared.declaration -> 'concealed') s);
  end if;
  if (declared.declaration ->> 'retained')::boolean then
    shown := shown || ' and id >= (select platform.retention_floor())';
  end if;
  foreach verb in array array['select', 'insert', 'update', 'delete'] loop
    select p.*
    into permission
    from platform.permission p
    where p.key = write_policies.entity || ':' || case verb when 'select' then 'read' when 'insert' then 'create' else verb end;
    continue when not found;
    guard := format('%s and uuid_eq(tenant_id, (select v.tenant_id from platform.verified_context v where platform.allows(%L, %s)))',
      own, permission.key, permission.number);
    execute format('create policy %I on %s as permissive for %s to freehold_user %s',
      'request_' || verb, declared.relation, verb,
      case verb
        when 'select' then format('using (%s%s)', guard, shown)
        when 'insert' then format('with check (%s)', guard)
        -- the row was reached through USING, which verified the context for this statement: 40 µs saved
        when 'update' then format('using (%s%s) with check (%s)', guard, shown, own)
        else format('using (%s%s)', guard, shown)
      end);
  end loop;

  -- Definer functions of the owner check their permission by name; here they are held to the verified tenant.
  guard := format('%s and uuid_eq(tenant_id, (select v.tenant_id from platform.verified_context v))', own);
  execute format('create policy definer_select on %s as permissive for select to freehold_owner using (%s)', declared.relation, guard);
  execute format('create policy definer_insert on %s as permissive for insert to freehold_owner with check (%s)', declared.relation, guard);
  execute format('create policy definer_update on %s as permissive for update to freehold_owner using (%s) with check (%s)',
    declared.relation, guard, own);
  execute format('create policy definer_delete on %s as permissive for delete to freehold_owner using (%s)', declared.relation, guard);

  execute format('revoke all on %s from freehold_resolver, freehold_recorder, freehold_dispatcher, freehold_janitor', declared.relation);
  -- Narrow roles of the platform's own functions that cross tenants: {"freehold_janitor": ["select"]}.
  for policy in
    select r.key as role, v.value as command
    from jsonb_each(coalesce(declared.declaration -> 'across', '{}')) r,
      jsonb_array_elements_text(r.value) v
  loop
    execute format('create policy %I on %s as permissive for %s to %I %s',
      policy.role || '_' || policy.command, declared.relation, policy.command, policy.role,
      case policy.command
        when 'insert' then 'with check (true)'
        when 'update' then 'using (true) with check (true)'
        else 'using (true)'
      end);
    execute format('grant %s on %s to %I', policy.command, declared.relation, policy.role);
  end loop;

  return platform.policies_of(declared.relation::regclass);
end
$$;
comment on function platform.write_policies(text) is
  'Enables and forces row-level security on a declared table and writes its policies anew. Returns them as text, which platform.violations() compares.';

create or replace function platform.grants_of(relation regclass)
returns text
language sql
stable
set search_path = ''
begin atomic
  select string_agg(g.line, E'\n' order by g.line)
  from (
    select format('%s %s', x.grantee::regrole, x.privilege_type) as line
    from pg_catalog.pg_class c, aclexplode(c.relacl) x
    where c.oid = relation
      and x.grantee <> c.relowner
    union all
    select format('%s %s (%s)', x.grantee::regrole, x.privilege_type, a.attname)
    from pg_catalog.pg_class c
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and not a.attisdropped
    cross join aclexplode(a.attacl) x
    where c.oid = relation
      and x.grantee <> c.relowner
  ) g;
end;
comment on function platform.grants_of(regclass) is 'The privileges on a table and its columns as text, in order.';

create or replace function platform.hide_statistics(relation regclass)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  told record;
begin
  for told in
    select a.attname, i.relname as index_name, a.attnum, t.relname, t.relnamespace::regnamespace::text as schema_name
    from pg_catalog.pg_class t
    left join pg_catalog.pg_index x on x.indrelid = t.oid
    join pg_catalog.pg_class i on i.oid in (t.oid, x.indexrelid)
    join pg_catalog.pg_attribute a on a.attrelid = i.oid and a.attnum > 0 and not a.attisdropped and a.attstattarget is distinct from 0
    where t.oid = relation
      and a.atttypid in ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype)
      -- of an index, only its expressions have statistics of their own
      and (i.oid = t.oid or x.indkey[a.attnum - 1] = 0)
      -- states and other words of the schema, of which the planner should know how common they are
      and not exists (
        select from pg_catalog.pg_constraint k
        where k.conrelid = t.oid and k.contype = 'f' and k.conkey = array[a.attnum] and i.oid = t.oid)
    group by a.attname, i.relname, a.attnum, t.relname, t.relnamespace
  loop
    if told.index_name = told.relname then
      execute format('alter table %s alter column %I set statistics 0', relation, told.attname);
    else
      execute format('alter index %I.%I alter column %s set statistics 0', told.schema_name, told.index_name, told.attnum);
    end if;
    perform pg_catalog.pg_clear_attribute_stats(told.schema_name, told.index_name, told.attname, false);
  end loop;
end
$$;
comment on function platform.hide_statistics(regclass) is
  'Keeps what people write (names, addresses, texts) out of pg_statistic, which holds values of all tenants: the planner answers from it, and EXPLAIN
tells whoever may run SQL how many rows it expects, row-level security or not.';

create or replace function platform.policies_of(relation regclass)
returns text
language sql
stable
set search_path = ''
begin atomic
  select string_agg(
    concat_ws(' ', p.polname, p.polcmd, p.polpermissive,
      (select string_agg(r::regrole::text, ',' order by r::regrole::text) from unnest(p.polroles) r),
      pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)),
    E'\n' order by p.polname)
  from pg_catalog.pg_policy p
  where p.polrelid = relation;
end;
comment on function platform.policies_of(regclass) is 'The policies of a table as text, in order of name.';
--! EndIncluded platform/policies.sql
--! Included platform/lifecycle.sql
-- Lifecycles: the guard that holds for every path, psql included.

create or replace function platform.raise_illegal_transition(entity text, id uuid, from_state text, attempted text)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  legal text;
begin
  select string_agg(format('%s (to %s)', t.name, t.to_state), ', ' order by t.name)
  into legal
  from platform.transition t
  where t.entity = raise_illegal_transition.entity
    and t.from_state = raise_illegal_transition.from_state;
  raise exception using
    errcode = 'ZF005',
    message = format('%s cannot %s: it is %s', entity, attempted, from_state),
    detail = format('Legal from %s: %s.', from_state, coalesce(legal, 'nothing, it is a final state'));
end
$$;
comment on function platform.raise_illegal_transition(text, uuid, text, text) is
  'Raises ZF005 with the transitions that are legal from the present state.';
grant execute on function platform.raise_illegal_transition(text, uuid, text, text) to freehold_user, freehold_worker;

create or replace function platform.is_closed(tenant uuid)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (select from app.tenant t where t.tenant_id = tenant and t.status = 'closed');
end
$$;
comment on function platform.is_closed(uuid) is
  'Whether the tenant is closed, so that its rows may be purged. For triggers on DELETE: who sees the tenant not, deletes nothing.';

create or replace function platform.refuse_delete()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if platform.is_closed(old.tenant_id) then
    return old;
  end if;
  raise exception using
    errcode = 'ZF008',
    message = format('a %s is never deleted by DELETE', tg_table_name),
    detail = 'Take it to its final state; what is left is purged with its tenant.';
end
$$;
comment on function platform.refuse_delete() is 'Trigger: a row of an entity is deleted with its closed tenant, and never before.';

create or replace function platform.keep_tenant()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.tenant_id is distinct from old.tenant_id then
    raise exception using
      errcode = 'ZF008',
      message = 'the tenant of a row never changes',
      detail = 'Create a new one instead.';
  end if;
  return new;
end
$$;
comment on function platform.keep_tenant() is 'Trigger: a row stays with its tenant. For records; entities have their guard.';

create or replace function platform.raise_unchangeable(entity text, id uuid, version integer, wanted integer)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if version = wanted then
    raise exception using
      errcode = 'ZF008',
      message = 'tenant and id of a row never change',
      detail = 'Create a new one instead.';
  end if;
  raise exception using
    errcode = 'ZF006',
    message = format('%s has version %s, not %s', entity, version, coalesce(wanted::text, 'null')),
    detail = format('Current version: %s.', version);
end
$$;
comment on function platform.raise_unchangeable(text, uuid, integer, integer) is
  'Raises ZF006 when another version was expected, ZF008 when tenant or id would change.';
grant execute on function platform.raise_unchangeable(text, uuid, integer, integer) to freehold_user;

create or replace function platform.write_guard(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  declared platform.entity;
  initial text[];
  legal text;
  begins text := '';
  follows text := '';
begin
  select e.* into strict declared from platform.entity e where e.name = write_guard.entity;
  if declared.declaration -> 'lifecycle' is not null then
    initial := array(
      select jsonb_array_elements_text(case jsonb_typeof(declared.declaration #> '{lifecycle,initial}')
        when 'array' then declared.declaration #> '{lifecycle,initial}'
        else jsonb_build_array(declared.declaration #> '{lifecycle,initial}') end));
    begins := format($sql$
  if new.status <> all (%L::text[]) then
    raise exception using
      errcode = 'ZF005',
      message = format('%s cannot begin as %%s', new.status),
      detail = %L;
  end if;$sql$, initial, entity, format('A new one is %s.', array_to_string(initial, ' or ')));
    -- The pairs are written into the function: looking them up cost 5 µs a row, comparing constants is not measurable.
    select string_agg(distinct format('(%L, %L)', t.from_state, t.to_state), ', ')
    into legal
    from platform.transition t
    where t.entity = write_guard.entity;
    follows := format($sql$
  if new.status <> old.status and (old.status, new.status) not in (%s) then
    perform platform.raise_illegal_transition(%L, old.id, old.status, 'become ' || new.status);
  end if;$sql$, coalesce(legal, '(null, null)'), entity);
  end if;

  -- One function for each command and few, large expressions: PL/pgSQL prepares every expression anew in each
  -- transaction, at 2 to 3 µs.
  execute format($sql$
create or replace function generated.%1$I()
returns trigger
language plpgsql
set search_path = ''
as $guard$
begin%2$s
  new.version := 1;
  return new;
end
$guard$;
$sql$, entity || '_begin', begins);
  execute format('comment on function generated.%I() is %L', entity || '_begin',
    format('Before a %s is inserted: its version is 1 and its state an initial one.', entity));
  execute format($sql$
create or replace function generated.%1$I()
returns trigger
language plpgsql
set search_path = ''
as $guard$
begin
  if (new.tenant_id, new.id, new.version) is distinct from (old.tenant_id, old.id, old.version) then
    perform platform.raise_unchangeable(%2$L, old.id, old.version, new.version);
  end if;%3$s
  if new is distinct from old then
    new.version := old.version + 1;
    new.updated_at := statement_timestamp();
  end if;
  return new;
end
$guard$;
$sql$, entity || '_follow', entity, follows);
  execute format('comment on function generated.%I() is %L', entity || '_follow',
    format('Before a %s is changed: tenant and id are fixed, the version counts, the state follows the lifecycle.', entity));
  execute format('create or replace trigger _100_begin before insert on %s for each row execute function generated.%I()',
    declared.relation, entity || '_begin');
  execute format('create or replace trigger _100_follow before update on %s for each row execute function generated.%I()',
    declared.relation, entity || '_follow');
  execute format('create or replace trigger _100_refuse_delete before delete on %s for each row execute function platform.refuse_delete()',
    declared.relation);
end
$$;
comment on function platform.write_guard(text) is 'Writes the guard triggers of an entity: immutability, version, lifecycle, no DELETE.';
--! EndIncluded platform/lifecycle.sql
--! Included platform/transitions.sql
-- One function for each verb of a lifecycle.

create or replace function platform.write_transitions(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  declared platform.entity;
  verb record;
  function_name text;
begin
  select e.* into strict declared from platform.entity e where e.name = write_transitions.entity;
  for verb in
    select t.name,
      min(t.to_state) as to_state,
      array_agg(t.from_state order by t.from_state) as from_states,
      min(t.event) as event,
      declared.declaration #>> array['lifecycle', 'transitions', t.name, 'description'] as description,
      min(p.number) as permission_number
    from platform.transition t
    join platform.permission p on p.key = t.entity || ':' || t.name
    where t.entity = write_transitions.entity
      -- a verb with arguments or effects of its own is written by hand, in the entity's folder
      and not coalesce((declared.declaration #>> array['lifecycle', 'transitions', t.name, 'handwritten'])::boolean, false)
    group by t.name
  loop
    function_name := format('app.%I', verb.name || '_' || entity);
    execute format($sql$
create or replace function %1$s(id uuid, expected_version integer default null)
returns %2$s
language plpgsql
volatile
security definer
set search_path = ''
as $verb$
#variable_conflict use_column
declare
  found_status text;
  result %2$s;
begin
  update %2$s
  set status = %4$L,
    version = coalesce(%5$I.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = %5$I.id
    and status = any (%6$L)
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows(%3$L, %10$s)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require(%3$L);
    select status into found_status from %2$s where tenant_id = platform.tenant_id() and id = %5$I.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such %7$s',
        detail = format('%7$s %%s', %5$I.id);
    end if;
    perform platform.raise_illegal_transition(%7$L, %5$I.id, found_status, %8$L);
  end if;%9$s
  return result;
end
$verb$;
$sql$,
      function_name, declared.relation, entity || ':' || verb.name, verb.to_state, verb.name || '_' || entity,
      verb.from_states, entity, verb.name,
      (select coalesce(string_agg(format(E'\n  result.%I := null;', h), ''), '')
       from jsonb_array_elements_text(declared.declaration -> 'hidden') h),
      verb.permission_number);
    execute format('comment on function %s(uuid, integer) is %L', function_name,
      -- a verb that is the system's alone is no mutation of the API
      case when declared.declaration #> array['permissions', verb.name] = '[]' then E'@behavior -mutationField\n' else '' end
      || coalesce(verb.description, format('Takes a %s from %s to %s.', entity, array_to_string(verb.from_states, ' or '), verb.to_state))
      || format(' Event: %s. Permission: %s:%s.', verb.event, entity, verb.name));
    execute format('grant execute on function %s(uuid, integer) to freehold_user', function_name);
  end loop;
end
$$;
comment on function platform.write_transitions(text) is
  'Writes one function for each verb of the lifecycle: app.archive_project(id, expected_version). Errors: ZF003, ZF004, ZF005, ZF006.';

create or replace function platform.drop_transitions(entity text, lifecycle jsonb)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  verb text;
begin
  for verb in
    select former.key
    from platform.entity e, jsonb_each(e.declaration #> '{lifecycle,transitions}') former
    where e.name = drop_transitions.entity
      and not coalesce((former.value ->> 'handwritten')::boolean, false)
      and (
        not coalesce(lifecycle -> 'transitions' ? former.key, false)
        or coalesce((lifecycle #>> array['transitions', former.key, 'handwritten'])::boolean, false))
  loop
    execute format('drop function if exists app.%I(uuid, integer)', verb || '_' || entity);
  end loop;
end
$$;
comment on function platform.drop_transitions(text, jsonb) is
  'Drops the functions of verbs that a new declaration no longer has, or writes by hand.';
--! EndIncluded platform/transitions.sql
--! Included platform/event_types.sql
-- Event types: what an entity's events are called, and the JSON Schema of what they carry.

create or replace function platform.json_type(type regtype)
returns jsonb
language sql
immutable
set search_path = ''
return case
  when type = 'uuid'::regtype then '{"type": "string", "format": "uuid"}'
  when type = 'timestamptz'::regtype then '{"type": "string", "format": "date-time"}'
  when type = 'date'::regtype then '{"type": "string", "format": "date"}'
  when type = 'boolean'::regtype then '{"type": "boolean"}'
  when type in ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype) then '{"type": "integer"}'
  when type = 'text[]'::regtype then '{"type": "array", "items": {"type": "string"}}'
  when type = 'jsonb'::regtype then '{}'
  else '{"type": "string"}'
end::jsonb;
comment on function platform.json_type(regtype) is 'How a column type appears in JSON, as JSON Schema.';

create or replace function platform.shown_columns(relation regclass, hidden text[])
returns table (name name, type regtype, required boolean, description text, states text[])
language plpgsql
stable
set search_path = ''
as $$
declare
  shown record;
begin
  for shown in
    select a.attname, a.atttypid::regtype as type, a.attnotnull,
      col_description(a.attrelid, a.attnum) as description,
      (select c.confrelid::regclass::text
       from pg_catalog.pg_constraint c
       where c.conrelid = a.attrelid and c.contype = 'f' and c.conkey = array[a.attnum]
         and exists (select from platform.entity e where e.kind = 'states' and e.relation = c.confrelid::regclass::text)
       limit 1) as state_table
    from pg_catalog.pg_attribute a
    where a.attrelid = relation
      and a.attnum > 0
      and not a.attisdropped
      and a.attname <> 'tenant_id'
      and a.attname <> all (hidden)
    order by a.attnum
  loop
    name := shown.attname;
    type := shown.type;
    required := shown.attnotnull;
    -- lines that begin with @ are smart tags, for GraphQL
    description := nullif(regexp_replace(coalesce(shown.description, ''), '(^|\n)@[^\n]*', '', 'g'), '');
    states := null;
    if shown.state_table is not null then
      execute format('select array_agg(value order by value) from %s', shown.state_table) into states;
    end if;
    return next;
  end loop;
end
$$;
comment on function platform.shown_columns(regclass, text[]) is
  'The columns of a table that may leave it, in order: what events, schemas and grants have in common.';

create or replace function platform.schema_of(relation regclass, hidden text[])
returns jsonb
language sql
stable
set search_path = ''
begin atomic
  select jsonb_build_object(
    '$schema', 'https://json-schema.org/draft/2020-12/schema',
    'type', 'object',
    'properties', jsonb_object_agg(c.name,
      case
        when c.states is not null then jsonb_build_object('type', 'string', 'enum', to_jsonb(c.states))
        when c.required then platform.json_type(c.type)
        when platform.json_type(c.type) ? 'type'
          then platform.json_type(c.type) || jsonb_build_object('type', jsonb_build_array(platform.json_type(c.type) -> 'type', 'null'))
        else platform.json_type(c.type)
      end || case when c.description is null then '{}' else jsonb_build_object('description', trim(E'\n ' from c.description)) end),
    'required', jsonb_agg(c.name),
    'additionalProperties', true)
  from platform.shown_columns(relation, hidden) c;
end;
comment on function platform.schema_of(regclass, text[]) is 'JSON Schema (2020-12) of an entity as its events show it.';

create or replace function platform.write_event_types(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  declared platform.entity;
  told jsonb;
  noun text := case when entity ~ '^[aeio]' then 'An ' else 'A ' end || replace(entity, '_', ' ');
  schema jsonb;
begin
  select e.* into strict declared from platform.entity e where e.name = write_event_types.entity;
  schema := platform.schema_of(declared.relation::regclass,
    array(select jsonb_array_elements_text(declared.declaration -> 'hidden')));
  select jsonb_object_agg(e.type, e.description)
  into told
  from (
    select declared.declaration #>> '{events,created}', format('%s was created.', noun)
    union all
    select declared.declaration #>> '{events,updated}', format('%s was changed.', noun)
    union all
    select c ->> 'event', coalesce(c ->> 'description', format('%s was changed.', noun))
    from jsonb_array_elements(declared.declaration #> '{events,changed}') c
    union all
    select t.event, format('%s went to %s.', noun, t.to_state)
    from platform.transition t
    where t.entity = write_event_types.entity
  ) e (type, description);
  -- an event that the entity no longer has; those of platform.declare_event carry no properties and stay
  delete from platform.event_type t
  where t.entity = write_event_types.entity
    and not told ? t.type
    and t.schema ? 'properties';
  insert into platform.event_type (type, entity, description, schema)
  select t.key, write_event_types.entity, t.value, schema
  from jsonb_each_text(told) t
  on conflict (type) do update
    set (entity, description, schema) = (excluded.entity, excluded.description, excluded.schema);
  delete from platform.event_task et
  using platform.event_type t
  where et.type = t.type
    and t.entity = write_event_types.entity;
  insert into platform.event_task (type, task)
  select t.key, t.value #>> '{}'
  from jsonb_each(declared.declaration -> 'tasks') t;
end
$$;
comment on function platform.write_event_types(text) is 'Writes the event types of an entity with their JSON Schema, and their internal subscribers.';
--! EndIncluded platform/event_types.sql
--! Included platform/record.sql
-- The record: each change of a declared entity writes one row to app.event, in the same transaction.

create or replace function platform.write_record_function(entity text, command text, event_type text, former text, pairs text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  name text := entity || '_record_' || command;
  relation text := (select e.relation from platform.entity e where e.name = write_record_function.entity);
begin
  perform platform.execute_as('freehold_recorder', format($sql$
create or replace function generated.%1$I()
returns trigger
language plpgsql
security definer
set search_path = ''
as $record$
begin%2$s
  -- The caller is verified here too, for a statement can change the settings after the policy has looked at them.
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous,
    actor_type, actor_id, impersonator_id, request_id, traceparent)
  select
    new.tenant_id, %3$s, %4$L, new.id, new.version, jsonb_build_object(%5$s), %6$s,
    v.actor_type, v.actor_id, v.impersonator_id,
    left(nullif(current_setting('freehold.request_id', true), ''), 200), left(nullif(current_setting('freehold.traceparent', true), ''), 100)
  from platform.verified_context v
  where v.tenant_id = new.tenant_id;
  if found then
    return null;
  end if;
  -- the logins of processes act in a context only: a statement that emptied it under way is nobody's
  if platform.claim(1) is not null or session_user in ('freehold_app', 'freehold_worker') then
    perform platform.require_tenant(new.tenant_id);
  end if;
  -- without a context, row-level security lets nobody come here but a superuser in psql
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous, actor_type)
  values (
    new.tenant_id, %3$s, %4$L, new.id, new.version, jsonb_build_object(%5$s), %6$s, 'operator');
  return null;
end
$record$;
$sql$,
    name,
    -- an update that changes nothing is not an event: the guard left its version as it was
    case command when 'update' then E'\n  if new.version = old.version then\n    return null;\n  end if;' else '' end,
    event_type, entity, pairs, former));
  perform platform.execute_as('freehold_recorder', format('comment on function generated.%I() is %L',
    name, format('After each %s of %s: one event.', command, entity)));
  perform platform.execute_as('freehold_recorder',
    format('grant execute on function generated.%I() to freehold_owner', name));
  execute format('create or replace trigger %I after %s on %s for each row execute function generated.%I()',
    '_900_record_' || command, command, relation, name);
end
$$;
comment on function platform.write_record_function(text, text, text, text, text) is
  'Writes the trigger that records one command on an entity as an event, owned by the narrow role that may insert events.';

create or replace function platform.write_record(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  declared platform.entity;
  hidden text[];
  columns name[];
  pairs text;
  changes text;
  choice text;
  rule jsonb;
begin
  select e.* into strict declared from platform.entity e where e.name = write_record.entity;
  hidden := array(select jsonb_array_elements_text(declared.declaration -> 'hidden'));
  columns := array(select c.name from platform.shown_columns(declared.relation::regclass, hidden) c);
  select string_agg(format('%L, new.%I', c, c), ', ') into pairs from unnest(columns) c;
  -- Comparing column by column and adding only what differs, in one expression: jsonb_each of both rows took 20 µs.
  select string_agg(format(
    E'\n      || case when new.%1$I is distinct from old.%1$I then jsonb_build_object(%1$L, old.%1$I) else ''{}'' end', c), '' order by n)
  into changes
  from unnest(columns) with ordinality u (c, n)
  where c not in ('id', 'version', 'updated_at', 'created_at');

  -- a step of the lifecycle is told by its own name, whatever else changed with it
  select coalesce(string_agg(distinct format(
    E'\n      when old.status = %L and new.status = %L then %L', t.from_state, t.to_state, t.event), ''), '')
  into choice
  from platform.transition t
  where t.entity = write_record.entity
    and t.from_state <> t.to_state;
  for rule in select r from jsonb_array_elements(declared.declaration #> '{events,changed}') r loop
    choice := choice || format(E'\n      when %s then %L', rule ->> 'when', rule ->> 'event');
  end loop;

  perform platform.write_record_function(entity, 'insert', quote_literal(declared.declaration #>> '{events,created}'), 'null', pairs);
  perform platform.write_record_function(entity, 'update',
    case when choice = '' then quote_literal(declared.declaration #>> '{events,updated}')
    else format('case%s else %L end', choice, declared.declaration #>> '{events,updated}') end,
    '''{}''::jsonb' || coalesce(changes, ''), pairs);
end
$$;
comment on function platform.write_record(text) is
  'Writes the triggers that record each change of an entity as an event.';
--! EndIncluded platform/record.sql
--! Included platform/events.sql
-- Events: partitions by time, append-only, and the record of what happens without a row changing.

create or replace function platform.uuidv7_floor(at timestamptz)
returns uuid
language sql
immutable
parallel safe
set search_path = ''
-- 48 bits of milliseconds since 1970: what lies before or after is at the end of the order
return rpad(lpad(to_hex(least(greatest(floor(extract(epoch from at) * 1000), 0), 281474976710655)::bigint), 12, '0'), 32, '0')::uuid;
comment on function platform.uuidv7_floor(timestamptz) is
  'The smallest UUID of that millisecond: bounds of partitions and of time ranges over version 7 ids.';

create or replace function platform.make_partitions(relation regclass, months integer default 3)
returns setof text
language plpgsql
volatile
set search_path = ''
as $$
declare
  month timestamptz := date_trunc('month', now(), 'UTC');
  partition text;
  parent_schema text := (select c.relnamespace::regnamespace::text from pg_catalog.pg_class c where c.oid = relation);
  parent_name text := (select c.relname from pg_catalog.pg_class c where c.oid = relation);
begin
  for i in 0..months loop
    partition := format('%s_%s', parent_name, to_char(month at time zone 'UTC', 'YYYY_MM'));
    if to_regclass(format('%I.%I', parent_schema, partition)) is null then
      execute format('create table %I.%I partition of %s for values from (%L) to (%L)', parent_schema, partition, relation,
        platform.uuidv7_floor(month), platform.uuidv7_floor(month + interval '1 month'));
      -- reached through the parent only, whose policies hold; a direct grant would go around them
      execute format('alter table %I.%I enable row level security, force row level security', parent_schema, partition);
      -- row triggers are the parent's, those of statements are not passed on
      if exists (
        select from pg_catalog.pg_trigger g
        where g.tgrelid = relation and g.tgfoid = 'platform.refuse_change()'::regprocedure
      ) then
        execute format('create trigger _110_refuse_truncate before truncate on %I.%I for each statement execute function platform.refuse_change()',
          parent_schema, partition);
      end if;
      perform platform.hide_statistics(format('%I.%I', parent_schema, partition)::regclass);
      return next partition;
    end if;
    month := month + interval '1 month';
  end loop;
end
$$;
comment on function platform.make_partitions(regclass, integer) is
  'Makes the monthly partitions of a table that is partitioned by a version 7 id, from this month on. Returns those it made.';

create or replace function platform.refuse_change()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' and platform.is_closed(old.tenant_id) then
    return old;
  end if;
  raise exception using
    errcode = 'ZF012',
    message = format('%s is append-only', tg_table_name),
    detail = 'Rows leave with their partition when retention ends, or with their closed tenant, never before.';
end
$$;
comment on function platform.refuse_change() is 'Trigger: refuses UPDATE, DELETE and TRUNCATE, whoever asks. The rows of a closed tenant may be deleted.';

create or replace function platform.declare_event(type text, entity text, description text, schema jsonb default null)
returns void
language sql
volatile
set search_path = ''
begin atomic
  insert into platform.event_type (type, entity, description, schema)
  values (type, entity, description, coalesce(schema, '{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}'))
  on conflict (type) do update
    set (entity, description, schema) = (excluded.entity, excluded.description, excluded.schema);
end;
comment on function platform.declare_event(text, text, text, jsonb) is
  'Declares an event that no row change causes; platform.record_event records it.';

create or replace function platform.write_record_event()
returns void
language plpgsql
volatile
set search_path = ''
as $write$
begin
  perform platform.execute_as('freehold_recorder', $sql$
create or replace function platform.record_event(type text, entity text, entity_id uuid, data jsonb)
returns uuid
language plpgsql
volatile
security definer
set search_path = ''
as $record$
declare
  made uuid;
begin
  perform platform.require(null);
  if not exists (select from platform.event_type t where t.type = record_event.type) then
    raise exception using
      errcode = 'ZF013',
      message = format('event type %s is not declared', type),
      detail = 'Declare it with platform.declare_event.';
  end if;
  insert into app.event (
    tenant_id, type, entity, entity_id, data,
    actor_type, actor_id, impersonator_id, request_id, traceparent)
  select
    v.tenant_id, record_event.type, record_event.entity, record_event.entity_id, record_event.data,
    v.actor_type, v.actor_id, v.impersonator_id,
    left(nullif(current_setting('freehold.request_id', true), ''), 200), left(nullif(current_setting('freehold.traceparent', true), ''), 100)
  from platform.verified_context v
  returning id into made;
  return made;
end
$record$;
$sql$);
  perform platform.execute_as('freehold_recorder',
    'grant execute on function platform.record_event(text, text, uuid, jsonb) to freehold_owner');
  perform platform.execute_as('freehold_recorder', $sql$comment on function platform.record_event(text, text, uuid, jsonb) is
    'Records what happens without a row changing (a sign-in, an export, a refusal) in the tenant of the verified context. Returns the event id.'$sql$);
end
$write$;
comment on function platform.write_record_event() is 'Writes platform.record_event as the recorder, which owns it.';

grant select on platform.event_type to freehold_recorder;
select platform.write_record_event();
--! EndIncluded platform/events.sql
--! Included platform/limits.sql
-- Entitlements: what the plan allows is enforced where the row is written.

create or replace function platform.write_limit(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  declared platform.entity;
  rule jsonb;
  command text;
  counted text;
begin
  select e.* into strict declared from platform.entity e where e.name = write_limit.entity;
  rule := declared.declaration -> 'limit';
  if rule is null then
    for command in
      select g.tgname
      from pg_catalog.pg_trigger g
      where g.tgrelid = declared.relation::regclass
        and g.tgname like '\_800\_limit\_%'
    loop
      execute format('drop trigger %I on %s', command, declared.relation);
    end loop;
    execute format('drop function if exists generated.%I()', entity || '_limit');
    return;
  end if;
  execute format($sql$
create or replace function generated.%1$I()
returns trigger
language plpgsql
security definer
set search_path = ''
as $limit$
declare
  allowed bigint;
  used bigint;
begin
  select e.value
  into allowed
  from catalog.plan_entitlement e
  where e.key = %2$L
    and e.plan = coalesce((select p.plan from platform.tenant_plan p where p.tenant_id = new.tenant_id), 'free');
  if found and allowed is null then
    return null;
  end if;
  -- what a plan does not name is not included
  allowed := coalesce(allowed, 0);
  perform platform.require_tenant(new.tenant_id);
  -- One writer of a limited entity at a time in a tenant: an advisory lock writes nothing, a locked row would.
  -- The count that follows sees what was committed meanwhile: a context holds in READ COMMITTED alone.
  perform pg_advisory_xact_lock(hashtextextended(new.tenant_id::text || %2$L, 0));
  used := %3$s;
  if used > allowed then
    raise exception using
      errcode = 'ZF007',
      message = format('the plan allows %%s %2$s', allowed),
      detail = format('%%s would be in use.', used);
  end if;
  return null;
end
$limit$;
$sql$, entity || '_limit', rule ->> 'entitlement', rule ->> 'usage');
  execute format('comment on function generated.%I() is %L', entity || '_limit',
    format('After a %s begins to count: no more than the plan''s %s.', entity, rule ->> 'entitlement'));
  -- Only what begins to count is counted.
  counted := rule ->> 'counted';
  execute format('create or replace trigger _800_limit_insert after insert on %s for each row when (%s) execute function generated.%I()',
    declared.relation, counted, entity || '_limit');
  execute format('create or replace trigger _800_limit_update after update of status on %s for each row when (%s and not (%s)) execute function generated.%I()',
    declared.relation, counted, regexp_replace(counted, '\mnew\.', 'old.', 'g'), entity || '_limit');
end
$$;
comment on function platform.write_limit(text) is
  'Writes the trigger that holds an entity to its entitlement. counted: a condition over new, without subqueries; usage: SQL that gives the number in use.';

create or replace function platform.check_count()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  most constant bigint := tg_argv[0];
  states constant text[] := tg_argv[1];
  used bigint;
begin
  perform platform.require_tenant(new.tenant_id);
  perform pg_advisory_xact_lock(hashtextextended(new.tenant_id::text || tg_table_name, 0));
  execute format('select count(*) from %s where tenant_id = $1 and status = any ($2)', tg_relid::regclass)
  into used
  using new.tenant_id, states;
  if used > most then
    raise exception using
      errcode = 'ZF007',
      message = format('a tenant has at most %s %ss that are %s', most, replace(tg_table_name, '_', ' '), array_to_string(states, ' or ')),
      detail = 'Whatever the plan: end one that is no longer needed, or use it for the other purpose too.';
  end if;
  return null;
end
$$;
comment on function platform.check_count() is
  'Trigger, after insert: check_count(''50'', ''{enabled,disabled}'') allows a tenant so many rows in these states, whatever its plan. For what one tenant
could make without end at the cost of all.';
--! EndIncluded platform/limits.sql
--! Included platform/due.sql
-- What time does by itself: trials end, invitations and keys expire. Declared by the entity, run by the worker.

create or replace function platform.write_due(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  delete from platform.due_action d where d.entity = write_due.entity;
  insert into platform.due_action (entity, verb, due_column, states)
  select write_due.entity, a.key, a.value ->> 'column', array(select jsonb_array_elements_text(a.value -> 'states'))
  from platform.entity e, jsonb_each(e.declaration -> 'due') a
  where e.name = write_due.entity;
end
$$;
comment on function platform.write_due(text) is 'Writes the due actions of an entity.';

grant select on platform.due_action, platform.entity to freehold_janitor;

create or replace function platform.write_due_functions()
returns void
language plpgsql
volatile
set search_path = ''
as $write$
begin
  perform platform.execute_as('freehold_janitor', $sql$
create or replace function platform.due_rows(most integer default 1000)
returns table (tenant_id uuid, entity text, verb text, id uuid)
language plpgsql
stable
security definer
set search_path = ''
as $due$
declare
  action record;
begin
  for action in
    select d.entity, d.verb, d.due_column, d.states, e.relation
    from platform.due_action d
    join platform.entity e on e.name = d.entity
  loop
    return query execute format(
      'select tenant_id, %L, %L, id from %s where %I <= statement_timestamp() and status = any ($1) order by %I limit $2',
      action.entity, action.verb, action.relation, action.due_column, action.due_column)
    using action.states, most;
  end loop;
end
$due$;
$sql$);
  perform platform.execute_as('freehold_janitor', 'grant execute on function platform.due_rows(integer) to freehold_worker');
  perform platform.execute_as('freehold_janitor', $sql$comment on function platform.due_rows(integer) is
    'Rows of all tenants whose time has come, at most that many for each action. The worker enters the tenant and calls the verb.'$sql$);
end
$write$;
comment on function platform.write_due_functions() is 'Writes platform.due_rows as the janitor, which owns it.';
select platform.write_due_functions();

create or replace function platform.run_due(entity text, verb text, id uuid)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  if not exists (select from platform.due_action d where d.entity = run_due.entity and d.verb = run_due.verb) then
    raise exception using errcode = 'ZF004', message = format('%s has no due action %s', entity, verb);
  end if;
  execute format('select app.%I($1)', verb || '_' || entity) using id;
end
$$;
comment on function platform.run_due(text, text, uuid) is 'Takes one due row through its verb, in the tenant that the transaction has entered.';
grant select on platform.due_action to freehold_user;
grant execute on function platform.run_due(text, text, uuid) to freehold_user;
--! EndIncluded platform/due.sql
--! Included platform/retention.sql
-- Retention: how far back the plan lets a tenant see, and when what nobody may see any more is deleted.

create or replace function platform.retention_days(tenant uuid)
returns bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (
    select e.value
    from catalog.plan_entitlement e
    where e.key = 'retention_days'
      and e.plan = coalesce((select p.plan from platform.tenant_plan p where p.tenant_id = tenant), 'free'));
end
$$;
comment on function platform.retention_days(uuid) is 'Days that the plan of a tenant keeps in sight; null for all.';
grant execute on function platform.retention_days(uuid), platform.uuidv7_floor(timestamptz) to freehold_janitor;

create or replace function platform.retention_floor()
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  -- null, and so nothing in sight, without a context: the setting alone proves nothing
  return (
    select platform.uuidv7_floor(coalesce(
      statement_timestamp() - make_interval(days => platform.retention_days(v.tenant_id)::integer), '-infinity'))
    from platform.verified_context v);
end
$$;
comment on function platform.retention_floor() is
  'The first version 7 id that the tenant''s plan keeps in sight. Policies of records that are retained ask for it once a statement.';
grant execute on function platform.retention_floor() to freehold_user;

create or replace function platform.drop_old_partitions()
returns setof text
language plpgsql
volatile
security definer
set search_path = ''
-- as in platform.make_all_partitions: better to come back than to have every writer wait behind us
set lock_timeout = '2s'
as $$
declare
  kept uuid;
  old record;
begin
  -- one plan without a limit keeps everything
  select platform.uuidv7_floor(statement_timestamp() - make_interval(days => max(e.value)::integer))
  into kept
  from catalog.plan_entitlement e
  where e.key = 'retention_days'
  having bool_and(e.value is not null);
  for old in
    select c.oid::regclass::text as relation
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    join platform.entity e on e.relation = i.inhparent::regclass::text and (e.declaration ->> 'retained')::boolean
    where (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([0-9a-f-]{36})''\)'))[1]::uuid <= kept
    order by 1
  loop
    execute format('drop table %s', old.relation);
    return next old.relation;
  end loop;
end
$$;
comment on function platform.drop_old_partitions() is
  'Drops the partitions of retained records that lie wholly before what the longest plan keeps in sight. Returns those it dropped.';
grant execute on function platform.drop_old_partitions() to freehold_worker;
--! EndIncluded platform/retention.sql
--! Included platform/check_declaration.sql
-- A wrong declaration is refused with everything that is wrong with it.

create or replace function platform.as_list(value jsonb)
returns jsonb
language sql
immutable
set search_path = ''
return case jsonb_typeof(value) when 'array' then value when 'null' then '[]' else coalesce(jsonb_build_array(value), '[]') end;
comment on function platform.as_list(jsonb) is 'One value or a list of them, as a list.';

create or replace function platform.check_declaration(
  relation regclass,
  permissions jsonb,
  lifecycle jsonb,
  hidden text[],
  creatable text[],
  editable text[],
  due jsonb,
  events jsonb,
  limited_by jsonb,
  tasks jsonb
)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  entity text := (select c.relname from pg_catalog.pg_class c where c.oid = relation);
  columns text[] := array(
    select a.attname from pg_catalog.pg_attribute a where a.attrelid = relation and a.attnum > 0 and not a.attisdropped);
  states text[];
  wrong text[] := '{}';
  found text;
begin
  select array_agg(format('column %s is missing', c))
  into wrong
  from unnest('{tenant_id,id,version,created_at,updated_at}'::text[]) c
  where c <> all (columns);
  wrong := coalesce(wrong, '{}');
  if (select c.relnamespace::regnamespace::text from pg_catalog.pg_class c where c.oid = relation) <> 'app' then
    wrong := wrong || 'the table is not in schema app'::text;
  end if;
  wrong := wrong || array(
    select format('column %s does not exist', c)
    from unnest(hidden || creatable || editable) c
    where c <> all (columns));
  wrong := wrong || array(
    select format('role %s does not exist', r)
    from jsonb_each(permissions) p,
      jsonb_array_elements_text(platform.as_list(p.value)) r
    where not exists (select from platform.role known where known.key = r));
  if not permissions ? 'read' then
    wrong := wrong || 'permission read is missing'::text;
  end if;
  if lifecycle is not null then
    if 'status' <> all (columns) then
      wrong := wrong || 'column status is missing'::text;
    else
      select e.relation
      into found
      from pg_catalog.pg_constraint c
      join platform.entity e on e.kind = 'states' and e.relation = c.confrelid::regclass::text
      where c.conrelid = check_declaration.relation
        and c.contype = 'f'
        and c.conkey = array[(select a.attnum from pg_catalog.pg_attribute a where a.attrelid = check_declaration.relation and a.attname = 'status')];
      if found is null then
        wrong := wrong || 'column status does not reference a table of platform.declare_states'::text;
      else
        execute format('select array_agg(value) from %s', found) into states;
        wrong := wrong || array(
          select format('initial state %s does not exist', coalesce(s, 'null'))
          from jsonb_array_elements_text(platform.as_list(lifecycle -> 'initial')) s
          where s is null or s <> all (states));
        wrong := wrong || array(
          select format('transition %s: state %s does not exist', t.key, s)
          from jsonb_each(lifecycle -> 'transitions') t,
            jsonb_array_elements_text(platform.as_list(t.value -> 'from') || platform.as_list(t.value -> 'to')) s
          where s <> all (states));
      end if;
    end if;
    wrong := wrong || array(
      select format('transition %s has no permission', t)
      from jsonb_object_keys(lifecycle -> 'transitions') t
      where not permissions ? t);
    wrong := wrong || array(
      select format('transition %s has no %s', t.key, part)
      from jsonb_each(lifecycle -> 'transitions') t,
        unnest('{from,to}'::text[]) part
      where coalesce(t.value -> part, '[]') in ('[]', 'null'));
  elsif 'status' = any (columns) then
    wrong := wrong || 'column status has no lifecycle'::text;
  end if;
  wrong := wrong || array(
    select format('due %s: column %s does not exist', d.key, coalesce(d.value ->> 'column', 'null'))
    from jsonb_each(due) d
    where coalesce(d.value ->> 'column', '') <> all (columns));
  wrong := wrong || array(
    select format('due %s has no permission', d)
    from jsonb_object_keys(due) d
    where not permissions ? d);
  wrong := wrong || array(
    select format('limited_by: %s is missing', part)
    from unnest('{entitlement,counted,usage}'::text[]) part
    where limited_by is not null and limited_by ->> part is null);
  wrong := wrong || array(
    select format('task %s: there is no event %s', t.value #>> '{}', t.key)
    from jsonb_each(tasks) t
    where t.key not in (
      select coalesce(events ->> e.name, format('%s.%s', entity, e.name)) from unnest('{created,updated}'::text[]) e (name)
      union all
      select c ->> 'event' from jsonb_array_elements(events -> 'changed') c
      union all
      select coalesce(v.value ->> 'event', format('%s.%s', entity, v.value ->> 'to')) from jsonb_each(lifecycle -> 'transitions') v));
  if wrong <> '{}' then
    raise exception using
      errcode = 'ZF013',
      message = format('the declaration of %s is not acceptable', relation),
      detail = array_to_string(wrong, '; ');
  end if;
end
$$;
comment on function platform.check_declaration(regclass, jsonb, jsonb, text[], text[], text[], jsonb, jsonb, jsonb, jsonb) is
  'Refuses a wrong declaration (ZF013), listing all that is wrong.';
--! EndIncluded platform/check_declaration.sql
--! Included platform/declare.sql
-- The one idea: declare an entity once, and the rest follows. Every function here may run again after a change.

create or replace function platform.declare_states(relation text, states jsonb)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  entity text := regexp_replace(split_part(relation, '.', 2), '_status$', '');
begin
  execute format('create table if not exists %s (value text primary key, description text not null)', relation);
  execute format('insert into %s (value, description)
    select key, value from jsonb_each_text($1)
    on conflict (value) do update set description = excluded.description
    where %s.description is distinct from excluded.description', relation, relation::regclass) using states;
  begin
    execute format('delete from %s where value <> all (array(select jsonb_object_keys($1)))', relation) using states;
  exception when foreign_key_violation then
    raise exception using
      errcode = 'ZF013',
      message = format('a state that %s no longer has is in use', relation),
      detail = 'Take its rows to another state first, in the same migration.';
  end;
  execute format('comment on table %s is %L', relation, format(E'@enum\n@reference\nStates of a %s.', replace(entity, '_', ' ')));
  execute format('grant select on %s to freehold_user, freehold_worker', relation);
  insert into platform.entity (name, relation, kind, declaration)
  values (split_part(relation, '.', 2), relation, 'states', states)
  on conflict (name) do update
    set declaration = excluded.declaration;
end
$$;
comment on function platform.declare_states(text, jsonb) is
  'Makes the state table of an entity: {"active": "In use."}. A table, not a PostgreSQL enum: enum_eq is not leakproof,
so under row-level security an index on it is not used (100 to 200 times slower).';

create or replace function platform.grant_columns(relation regclass, privilege text, columns name[])
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  if columns <> '{}' then
    execute format('grant %s (%s) on %s to freehold_user', privilege,
      (select string_agg(quote_ident(c), ', ') from unnest(columns) c), relation);
  end if;
end
$$;
comment on function platform.grant_columns(regclass, text, name[]) is 'Grants a privilege on the listed columns to the request role.';

create or replace function platform.describe_columns(relation regclass)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  told record;
begin
  for told in
    select a.attname, d.description
    from (values
      ('id', 'Identifier.'),
      ('status', 'State in its lifecycle.'),
      ('version', 'Counts its changes, from 1: the version to expect when changing it.'),
      ('created_at', 'When it was created.'),
      ('updated_at', 'When it was last changed.')
    ) d (name, description)
    join pg_catalog.pg_attribute a on a.attrelid = relation and a.attname = d.name
    where col_description(a.attrelid, a.attnum) is null
  loop
    execute format('comment on column %s.%I is %L', relation, told.attname, told.description);
  end loop;
end
$$;
comment on function platform.describe_columns(regclass) is 'Comments the columns that every entity has, where they have no comment of their own.';

create or replace function platform.write_permissions(entity text, permissions jsonb, sentence text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  verb record;
begin
  delete from platform.role_permission rp
  using platform.permission p
  where rp.permission = p.key
    and p.entity = write_permissions.entity;
  delete from platform.permission p
  where p.entity = write_permissions.entity
    and not permissions ? split_part(p.key, ':', 2);
  for verb in select key as name, value as roles from jsonb_each(permissions) loop
    -- not "on conflict": it would spend a number each time, and claims are as long as the numbers are high
    insert into platform.permission (key, entity, description)
    select entity || ':' || verb.name, entity, format(sentence, replace(verb.name, '_', ' '), replace(entity, '_', ' '))
    where not exists (select from platform.permission p where p.key = write_permissions.entity || ':' || verb.name);
    insert into platform.role_permission (role, permission)
    select r, entity || ':' || verb.name
    from jsonb_array_elements_text(case jsonb_typeof(verb.roles) when 'array' then verb.roles else jsonb_build_array(verb.roles) end) r;
  end loop;
end
$$;
comment on function platform.write_permissions(text, jsonb, text) is
  'Writes who may do what: {"read": "viewer", "pay": ["billing"], "expire": []}. An empty list leaves a verb to the system.';

create or replace function platform.declare_record(
  relation regclass,
  permissions jsonb default '{}',
  hidden text[] default '{}',
  across jsonb default '{}',
  retained boolean default false
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  entity_name text := (select c.relname from pg_catalog.pg_class c where c.oid = relation);
begin
  insert into platform.entity (name, relation, kind, declaration)
  values (entity_name, relation::text, 'record', jsonb_build_object(
    'permissions', permissions, 'hidden', hidden, 'across', across, 'retained', retained))
  on conflict (name) do update
    set declaration = excluded.declaration;
  perform platform.write_permissions(entity_name, permissions, 'May %s %s rows.');
  update platform.entity e set policies = platform.write_policies(entity_name) where e.name = entity_name;
  perform platform.hide_statistics(relation);
  execute format('revoke all on %s from public, freehold_user', relation);
  perform platform.grant_columns(relation, 'select',
    array(select 'tenant_id'::name union all select c.name from platform.shown_columns(relation, hidden) c));
  update platform.entity e set grants = platform.grants_of(e.relation::regclass) where e.name = entity_name;
  -- it fires when tenant_id is named in the SET list, so it costs other updates nothing
  execute format('create or replace trigger _100_keep_tenant before update of tenant_id on %s for each row execute function platform.keep_tenant()',
    relation);
end
$$;
comment on function platform.declare_record(regclass, jsonb, text[], jsonb, boolean) is
  'Declares a tenant table that the platform or an entity''s functions write and the tenant only reads: no lifecycle, no events of its own.
across:   narrow roles and their commands over all tenants.
retained: requests see as far back as the plan''s retention_days.';

create or replace function platform.declare_entity(
  relation regclass,
  permissions jsonb,
  lifecycle jsonb default null,
  events jsonb default '{}',
  hidden text[] default '{}',
  creatable text[] default null,
  editable text[] default null,
  limited_by jsonb default null,
  due jsonb default '{}',
  tasks jsonb default '{}',
  across jsonb default '{}'
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  entity_name text := (select c.relname from pg_catalog.pg_class c where c.oid = relation);
  writable name[];
  shown name[] := array(select c.name from platform.shown_columns(relation, hidden) c);
begin
  perform platform.check_declaration(relation, permissions, lifecycle, hidden, creatable, editable, due, events, limited_by, tasks);
  perform platform.drop_transitions(entity_name, lifecycle);
  perform platform.describe_columns(relation);
  writable := array(
    select a.attname
    from pg_catalog.pg_attribute a
    where a.attrelid = relation
      and a.attname = any (shown)
      and a.attgenerated = ''
      and a.attname <> all ('{id,status,version,created_at,updated_at}'));
  events := jsonb_build_object('created', entity_name || '.created', 'updated', entity_name || '.updated', 'changed', '[]'::jsonb) || events;
  -- the janitor finds what is due in all tenants
  across := across || jsonb_build_object('freehold_janitor', jsonb_build_array('select'));

  insert into platform.entity (name, relation, kind, declaration)
  values (entity_name, relation::text, 'entity', jsonb_strip_nulls(jsonb_build_object(
    'permissions', permissions, 'lifecycle', lifecycle, 'events', events, 'hidden', hidden, 'limit', limited_by,
    'due', due, 'tasks', tasks, 'across', across, 'concealed', lifecycle -> 'concealed')))
  on conflict (name) do update
    set declaration = excluded.declaration;

  delete from platform.transition t where t.entity = entity_name;
  insert into platform.transition (entity, name, from_state, to_state, event)
  select entity_name, t.key, f, t.value ->> 'to', coalesce(t.value ->> 'event', entity_name || '.' || (t.value ->> 'to'))
  from jsonb_each(lifecycle -> 'transitions') t,
    jsonb_array_elements_text(t.value -> 'from') f;

  perform platform.write_permissions(entity_name, permissions, 'May %s one %s.');
  perform platform.write_event_types(entity_name);
  update platform.entity e set policies = platform.write_policies(entity_name) where e.name = entity_name;
  perform platform.hide_statistics(relation);
  perform platform.write_guard(entity_name);
  perform platform.write_transitions(entity_name);
  perform platform.write_record(entity_name);
  perform platform.write_limit(entity_name);
  perform platform.write_due(entity_name);

  execute format('revoke all on %s from public, freehold_user', relation);
  -- revoking the table privilege takes the column privileges with it
  perform platform.grant_columns(relation, 'select', 'tenant_id'::name || shown);
  if permissions ? 'create' then
    perform platform.grant_columns(relation, 'insert', coalesce(creatable::name[], writable));
  end if;
  if permissions ? 'update' then
    perform platform.grant_columns(relation, 'update', coalesce(editable::name[], writable) || 'version'::name);
  end if;
  update platform.entity e set grants = platform.grants_of(e.relation::regclass) where e.name = entity_name;
end
$$;
comment on function platform.declare_entity(regclass, jsonb, jsonb, jsonb, text[], text[], text[], jsonb, jsonb, jsonb, jsonb) is
  'Declares an entity of the domain. See docs/extending.md.
permissions: {"read": "viewer", "create": "member", "archive": ["admin"]}, a role or roles for each command and verb; [] is the system alone.
lifecycle:   {"initial": "active", "concealed": ["deleted"], "transitions": {"archive": {"from": ["active"], "to": "archived", "event": "project.archived"}}}.
events:      {"created": ..., "updated": ..., "changed": [{"event": ..., "when": "new.role <> old.role"}]}, where names differ from entity.created and entity.updated.
hidden:      columns that never leave the table. creatable, editable: columns a request may set; all, when null.
limited_by:  {"entitlement": "projects", "counted": "new.status <> ''deleted''", "usage": "(select count(*) ...)"}.
due:         {"expire": {"column": "expires_at", "states": ["pending"]}}, what the worker does when the time has come.
tasks:       {"report.requested": "export_report"}, internal subscribers of its events.
across:      {"freehold_resolver": ["select"]}, narrow roles and their commands over all tenants.
Errors: ZF013 with what to correct.';
--! EndIncluded platform/declare.sql
--! Included platform/violations.sql
-- The proof by catalog: what must never be, whoever wrote the migration. Runs after every migration and in CI.

create or replace function platform.runtime_roles()
returns setof name
language sql
immutable
set search_path = ''
begin atomic
  select unnest('{freehold_gate,freehold_app,freehold_user,freehold_worker}'::name[]);
end;
comment on function platform.runtime_roles() is 'The roles in which processes run requests and jobs.';

create or replace function platform.own_roles()
returns text[]
language sql
immutable
set search_path = ''
begin atomic
  select array(select r::text from platform.runtime_roles() r)
    || '{freehold_owner,freehold_resolver,freehold_recorder,freehold_dispatcher,freehold_janitor}'::text[];
end;
comment on function platform.own_roles() is 'All roles of Freehold.';

create or replace function platform.table_violations()
returns table (rule text, object text, remedy text)
language sql
stable
set search_path = ''
begin atomic
  with app_table as (
    select c.oid, c.oid::regclass::text as name, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relispartition, e.kind, e.policies, e.grants
    from pg_catalog.pg_class c
    left join platform.entity e on e.relation = c.oid::regclass::text
    where c.relnamespace = 'app'::regnamespace
      and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  ),
  tenant_table as (
    select * from app_table where relkind in ('r', 'p') and not relispartition and kind is distinct from 'states'
  ),
  tenant_column as (
    select t.oid, t.name, a.attnum, a.attnotnull, a.atttypid
    from tenant_table t
    left join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attname = 'tenant_id' and not a.attisdropped
  )
  select 'undeclared_table', name, 'Declare it with platform.declare_entity or platform.declare_record.'
  from tenant_table
  where kind is null
  union all
  select 'no_tenant_id', name, 'Add tenant_id uuid not null default platform.tenant_id().'
  from tenant_column
  where attnum is null or not attnotnull or atttypid <> 'uuid'::regtype
  union all
  select 'row_security_off', name, 'Enable and force row-level security: declare the table again.'
  from app_table
  where relkind in ('r', 'p') and kind is distinct from 'states' and not (relrowsecurity and relforcerowsecurity)
  union all
  select 'policies_changed', name, 'Policies are written by platform.write_policies alone: declare the table again.'
  from tenant_table
  where kind is not null and policies is distinct from platform.policies_of(oid)
  union all
  select distinct 'permission_number', t.name || ' ' || named.says[1], 'The policy asks for the number of another permission: declare the table again.'
  from tenant_table t
  cross join regexp_matches(platform.policies_of(t.oid), 'allows\(''([^'']+)''::text, (\d+)\)', 'g') named (says)
  where not exists (select from platform.permission p where p.key = named.says[1] and p.number::text = named.says[2])
  union all
  select 'policy_on_partition', name, 'A partition is reached through its parent only: drop the policy.'
  from app_table t
  where t.relispartition and exists (select from pg_catalog.pg_policy p where p.polrelid = t.oid)
  union all
  select 'key_without_tenant', t.name || ' ' || i.indexrelid::regclass::text, 'Begin the key or index with tenant_id.'
  from tenant_column t
  join pg_catalog.pg_index i on i.indrelid = t.oid
  where i.indkey[0] is distinct from t.attnum
  union all
  select 'primary_key', t.name, 'Use primary key (tenant_id, id).'
  from tenant_table t
  where not exists (
    select from pg_catalog.pg_constraint k
    where k.conrelid = t.oid and k.contype = 'p' and pg_get_constraintdef(k.oid) = 'PRIMARY KEY (tenant_id, id)')
  union all
  select 'foreign_key_without_tenant', t.name || ' ' || k.conname, 'Reference (tenant_id, x_id): a single column lets a tenant point at another''s row.'
  from tenant_column t
  join pg_catalog.pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
  join tenant_column target on target.oid = k.confrelid
  where k.conkey[1] <> t.attnum or k.confkey[1] <> target.attnum
  union all
  select 'foreign_key_action', t.name || ' ' || k.conname, 'Use no action, restrict or cascade: set null would clear tenant_id.'
  from tenant_table t
  join pg_catalog.pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
  where k.confdeltype in ('n', 'd') or k.confupdtype <> 'a'
  union all
  select 'missing_trigger', t.name || ' ' || needed.name, 'Declare the entity again; do not drop or replace its triggers.'
  from tenant_table t
  cross join lateral (
    select split_part(t.name, '.', 2) as entity
  ) e
  cross join lateral (values
    ('entity', '_100_begin'::name, 'generated.' || quote_ident(e.entity || '_begin')),
    ('entity', '_100_follow', 'generated.' || quote_ident(e.entity || '_follow')),
    ('entity', '_100_refuse_delete', 'platform.refuse_delete'),
    ('entity', '_900_record_insert', 'generated.' || quote_ident(e.entity || '_record_insert')),
    ('entity', '_900_record_update', 'generated.' || quote_ident(e.entity || '_record_update')),
    ('record', '_100_keep_tenant', 'platform.keep_tenant')
  ) needed (kind, name, function)
  where t.kind = needed.kind
    and not exists (
      select from pg_catalog.pg_trigger g
      where g.tgrelid = t.oid and g.tgname = needed.name and g.tgfoid = to_regproc(needed.function) and g.tgqual is null)
  union all
  select 'disabled_trigger', g.tgrelid::regclass::text || ' ' || g.tgname, 'Enable it: rules hold for everybody, and revocation is one of them.'
  from pg_catalog.pg_trigger g
  join pg_catalog.pg_class c on c.oid = g.tgrelid
  where not g.tgisinternal
    and g.tgenabled not in ('O', 'A')
    and c.relnamespace::regnamespace::text in ('app', 'platform', 'identity', 'catalog')
  union all
  select 'grants_changed', name, 'Privileges follow from the declaration alone: declare the table again.'
  from tenant_table t
  where kind is not null
    and t.grants is distinct from platform.grants_of(oid)
  union all
  select 'trigger_name', t.name || ' ' || g.tgname, 'Name triggers _NNN_verb: they fire in order of name.'
  from tenant_table t
  join pg_catalog.pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal
  where g.tgname !~ '^_[0-9]{3}_[a-z_]+$'
  union all
  select 'enum_column', t.name || '.' || a.attname, 'Use text and platform.declare_states: enum_eq is not leakproof.'
  from tenant_table t
  join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
  join pg_catalog.pg_type ty on ty.oid = a.atttypid and ty.typtype = 'e'
  union all
  select 'unsafe_view', name, 'Create it with (security_invoker = true); no materialized views.'
  from app_table v
  where relkind in ('m', 'f')
    or (relkind = 'v' and not coalesce((select c.reloptions from pg_catalog.pg_class c where c.oid = v.oid), '{}') @> '{security_invoker=true}')
  union all
  select 'sequence', name, 'A sequence counts over all tenants: use uuidv7() or platform.next_number().'
  from app_table
  where relkind = 'S';
end;
comment on function platform.table_violations() is 'What breaks the rules of tables, policies and triggers in schema app.';

create or replace function platform.access_violations()
returns table (rule text, object text, remedy text)
language sql
stable
set search_path = ''
begin atomic
  with ours as (
    select n.oid, n.nspname
    from pg_catalog.pg_namespace n
    where n.nspname in ('platform', 'identity', 'catalog', 'app', 'generated')
  ),
  grants as (
    select c.oid, c.oid::regclass::text as name, c.relispartition, n.nspname, x.grantee, x.privilege_type
    from pg_catalog.pg_class c
    join ours n on n.oid = c.relnamespace
    cross join lateral (
      select * from aclexplode(c.relacl)
      union
      select k.* from pg_catalog.pg_attribute a, aclexplode(a.attacl) k where a.attrelid = c.oid
    ) x
    where x.grantee <> c.relowner
  )
  select distinct 'granted_to_public', name, 'Revoke it: grant to a role by name.' from grants where grantee = 0
  union all
  select 'dangerous_grant', name || ' ' || privilege_type || ' to ' || grantee::regrole::text, 'Revoke it: TRUNCATE ignores policies, TRIGGER and REFERENCES run code or probe rows.'
  from grants
  where privilege_type in ('TRUNCATE', 'TRIGGER', 'REFERENCES', 'MAINTAIN')
  union all
  select 'secret_grant', name || ' to ' || grantee::regrole::text, 'Revoke it: keys, sessions and secrets are read by narrow roles alone.'
  from grants
  where (nspname = 'identity' or name in ('platform.webhook_secret', 'platform.counter'))
    and grantee::regrole::text in (select platform.runtime_roles()::text)
  union all
  select distinct 'partition_grant', name, 'Revoke it: policies of the parent do not hold on a partition.'
  from grants
  where relispartition
  union all
  select 'create_on_schema', n.nspname || ' to ' || r, 'Revoke it: who runs requests makes no objects.'
  from ours n
  cross join platform.runtime_roles() r
  where has_schema_privilege(r, n.oid, 'create')
  union all
  select 'powerful_role', r.rolname::text, 'Runtime roles and the owner are never superuser, BYPASSRLS, CREATEROLE or REPLICATION.'
  from pg_catalog.pg_roles r
  where r.rolname in (select platform.runtime_roles() union all values ('freehold_owner'), ('freehold_resolver'), ('freehold_recorder'), ('freehold_dispatcher'), ('freehold_janitor'))
    and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolreplication)
  union all
  select 'role_membership', m.member::regrole::text || ' in ' || m.roleid::regrole::text,
    'Revoke it: app and worker become freehold_user when they say so, the owner becomes a narrow role, and nobody else anything.'
  from pg_catalog.pg_auth_members m
  join pg_catalog.pg_roles r on r.oid = m.member
  cross join lateral (select m.member::regrole::text as member, m.roleid::regrole::text as role) n
  where (n.member = any (platform.own_roles()) or n.role = any (platform.own_roles()))
    and not (
      not m.inherit_option
      and (
        not m.admin_option
        and (n.member, n.role) in (values
          ('freehold_app', 'freehold_user'), ('freehold_worker', 'freehold_user'),
          ('freehold_owner', 'freehold_resolver'), ('freehold_owner', 'freehold_recorder'),
          ('freehold_owner', 'freehold_dispatcher'), ('freehold_owner', 'freehold_janitor'))
        -- the administrator who made the roles
        or r.rolcreaterole and n.member <> all (platform.own_roles())))
  union all
  select 'role_login', r.rolname::text, 'Alter it to NOLOGIN: requests become freehold_user from a login, narrow roles own functions.'
  from pg_catalog.pg_roles r
  where r.rolcanlogin
    and r.rolname in ('freehold_user', 'freehold_resolver', 'freehold_recorder', 'freehold_dispatcher', 'freehold_janitor')
  union all
  select 'database_grant', lower(x.privilege_type) || ' to ' || case x.grantee when 0 then 'public' else x.grantee::regrole::text end,
    'Revoke it: types and tables of a temporary schema come before all others, and functions of the owner would use them.'
  from pg_catalog.pg_database d
  cross join aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x
  where d.datname = current_database()
    and x.privilege_type in ('TEMPORARY', 'CREATE')
    and (x.grantee = 0 or x.grantee::regrole::text in (select platform.runtime_roles()::text))
  union all
  select 'minting_grant', p.oid::regprocedure::text || ' to ' || x.grantee::regrole::text, 'Revoke it: who may sign or enter is everybody.'
  from pg_catalog.pg_proc p
  cross join aclexplode(p.proacl) x
  where p.pronamespace = 'platform'::regnamespace
    and x.grantee <> p.proowner
    and x.grantee <> 0
    and (p.proname in ('add_principal', 'execute_as')
      or p.proname = 'sign_context' and x.grantee::regrole::text <> 'freehold_resolver'
      or p.proname in ('enter_as_system', 'create_tenant', 'purge_tenant') and x.grantee::regrole::text <> 'freehold_worker')
  union all
  select 'leakproof_function', p.oid::regprocedure::text, 'Remove LEAKPROOF: row-level security would run it on rows of other tenants.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  where p.proleakproof
  union all
  select 'runtime_owner', c.oid::regclass::text, 'Give it to freehold_owner.'
  from pg_catalog.pg_class c
  join ours n on n.oid = c.relnamespace
  where c.relowner::regrole::text in (select platform.runtime_roles()::text)
  union all
  select 'definer_search_path', p.oid::regprocedure::text, 'Add: set search_path = ''''.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  where p.prosecdef
    and not coalesce(p.proconfig, '{}') @> '{"search_path=\"\""}'
  union all
  select 'executable_by_public', p.oid::regprocedure::text, 'Revoke execute from public.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
  where x.grantee = 0
    and p.prorettype <> 'trigger'::regtype
  union all
  select 'immutable_context', p.oid::regprocedure::text, 'Make it STABLE: a cached plan would serve the former tenant.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  where p.provolatile = 'i'
    and (coalesce(p.prosrc, '') || coalesce(pg_get_function_sqlbody(p.oid), '')) ~* 'current_setting|tenant_id\(\)|claim\(';
end;
comment on function platform.access_violations() is 'What breaks the rules of roles, grants and functions.';

create or replace function platform.violations()
returns table (rule text, object text, remedy text)
language sql
stable
set search_path = ''
begin atomic
  select v.rule, v.object, v.remedy from platform.table_violations() v
  union all
  select v.rule, v.object, v.remedy from platform.access_violations() v
  order by 1, 2;
end;
comment on function platform.violations() is
  'Everything in the catalog that breaks a rule of isolation, with the remedy. Empty, or the build fails.';
--! EndIncluded platform/violations.sql
