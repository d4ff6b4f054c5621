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

create or replace function platform.not_held(permissions text[])
returns text
language sql
stable
set search_path = ''
begin atomic
  select string_agg(distinct p, ', ' order by p)
  from unnest(not_held.permissions) p
  where not platform.allows(p);
end;
comment on function platform.not_held(text[]) is
  'What of these permissions the caller does not hold, listed for a message; null when nothing. For triggers by which no one gives or takes more than they hold.';

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
  version bigint default null,
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
  -- what is signed was read before: it must not be vouched for as of now
  if signer.version <> sign_context.version then
    raise exception using errcode = 'ZF002', message = 'the principal has changed meanwhile';
  end if;
  claims := concat_ws('|',
    signer.id, floor(extract(epoch from expires_at))::bigint, coalesce(impersonator::text, ''),
    (select string_agg(case when p.key = any (permissions) then '1' else '0' end, '' order by n)
     from generate_series(1, (select max(p.number) from platform.permission p)) n
     left join platform.permission p on p.number = n));
  signature := encode(
    sha256(signer.outer_pad || sha256(signer.inner_block || convert_to(claims, 'UTF8'))), 'hex');
end
$$;
comment on function platform.sign_context(uuid, uuid, timestamptz, uuid, text[], bigint) is
  'Mints the claims and their signature. Executable by the resolver and by the system entry alone. version: that of the principal when its permissions were read; errors: ZF002
when it is another by now.';
grant execute on function platform.sign_context(uuid, uuid, timestamptz, uuid, text[], bigint) to freehold_resolver;

create or replace function platform.principal_version(tenant uuid, principal uuid)
returns bigint
language sql
stable
security definer
set search_path = ''
begin atomic
  select p.version
  from identity.principal p
  where p.tenant_id = principal_version.tenant
    and p.id = principal_version.principal;
end;
comment on function platform.principal_version(uuid, uuid) is 'The version of a principal, in the snapshot of the statement that asks.';
grant execute on function platform.principal_version(uuid, uuid) to freehold_resolver;

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
