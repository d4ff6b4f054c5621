--! Previous: sha1:c02747ea4b594030a68ced421b79f8e5a1a22102
--! Hash: sha1:ace8c58f7b3cf7e054617e56aff3ae971a1f3bbc
--! Message: tenancy

-- The tenant, its members, their invitations and its API keys.

select platform.declare_states('app.tenant_status', '{
  "provisioning": "Being set up.",
  "active": "In use.",
  "suspended": "Members are locked out; nothing is lost.",
  "closing": "In its grace period before the end.",
  "closed": "Ended; what is left is deleted."
}');

create table app.tenant (
  tenant_id uuid not null,
  id uuid not null check (id = tenant_id),
  name text not null check (length(name) between 1 and 200),
  slug text not null check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  status text not null default 'provisioning' references app.tenant_status,
  closes_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id)
);

-- What must be unique over all tenants is kept outside the domain, where no tenant can probe it.
create table identity.tenant_slug (
  slug text primary key,
  tenant_id uuid not null unique
);
comment on table identity.tenant_slug is 'The slugs in use, over all tenants.';

select platform.declare_states('app.membership_status', '{
  "active": "Works in the tenant.",
  "suspended": "Locked out for now.",
  "removed": "No longer belongs to the tenant."
}');

create table app.membership (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  person_id uuid not null references identity.person,
  email text not null check (length(email) between 3 and 320),
  name text not null check (length(name) between 1 and 200),
  role text not null references platform.role,
  status text not null default 'active' references app.membership_status,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
-- one living membership a person; a removed one may be followed by another
create unique index membership_person on app.membership (tenant_id, person_id) where status <> 'removed';

select platform.declare_states('app.invitation_status', '{
  "pending": "Sent and waiting.",
  "accepted": "The person joined.",
  "revoked": "Taken back.",
  "expired": "Not accepted in time."
}');

create table app.invitation (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  email text not null check (email ~ '^[^@\s]{1,64}@[^@\s]{1,255}$'),
  role text not null references platform.role,
  status text not null default 'pending' references app.invitation_status,
  expires_at timestamptz not null default now() + interval '7 days',
  invited_by uuid,
  membership_id uuid,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, invited_by) references app.membership (tenant_id, id),
  -- the invitation is accepted a moment before the member joins: see app.accept_invitation
  foreign key (tenant_id, membership_id) references app.membership (tenant_id, id) deferrable initially deferred
);
create unique index invitation_email on app.invitation (tenant_id, lower(email)) where status = 'pending';
create index invitation_due on app.invitation (tenant_id, expires_at) where status = 'pending';
create index invitation_invited_by on app.invitation (tenant_id, invited_by);
create index invitation_membership on app.invitation (tenant_id, membership_id);

select platform.declare_states('app.api_key_status', '{
  "active": "Opens the API.",
  "revoked": "Taken back.",
  "expired": "Its time is over."
}');

create table app.api_key (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  name text not null check (length(name) between 1 and 200),
  prefix text not null check (length(prefix) between 4 and 32),
  scopes text[] not null check (cardinality(scopes) between 1 and 200),
  status text not null default 'active' references app.api_key_status,
  expires_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create index api_key_due on app.api_key (tenant_id, expires_at) where status = 'active' and expires_at is not null;

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
  return revoked;
end
$$;
comment on function identity.revoke_sessions(uuid) is 'Ends every session of a person, and by its trigger every context made from one. Returns how many.';

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
comment on function identity.follow_session() is 'Trigger: a revoked session ends the contexts of its person in every tenant; their other sessions resolve again.';

create or replace trigger _100_follow_session
  after update of revoked_at on identity.session
  for each row
  when (new.revoked_at is not null and old.revoked_at is null)
  execute function identity.follow_session();
--! EndIncluded identity/principal.sql
--! Included tenant/tenant.sql
-- The tenant itself: an entity like the others, whose only row is its own.

comment on table app.tenant is 'The organization that everything else belongs to.';
comment on column app.tenant.name is 'Name as people see it.';
comment on column app.tenant.slug is 'Short name in addresses; unique over all tenants.';
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
  editable => '{name}',
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
--! EndIncluded tenant/tenant.sql
--! Included membership/membership.sql
-- Members: a person in a tenant, with one role.

comment on table app.membership is 'A person who works in the tenant, with one role.';
comment on column app.membership.person_id is E'@behavior -*\nThe person, whatever tenants they belong to.';
comment on column app.membership.email is 'Address as the identity provider verified it.';
comment on column app.membership.name is 'Name as people see it.';
comment on column app.membership.role is 'owner, admin, member, viewer or billing.';

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
    "changed": [{"event": "user.role_changed", "when": "new.role <> old.role", "description": "A member was given another role."}]}',
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
--! Included invitation/invitation.sql
-- Invitations: a seat held for somebody who has not come yet.

comment on table app.invitation is 'An invitation to join the tenant. It holds a seat until it is accepted, revoked or expires.';
comment on column app.invitation.email is 'Where it was sent.';
comment on column app.invitation.role is 'The role that the person will have.';
comment on column app.invitation.expires_at is 'When it can no longer be accepted: seven days unless set.';
comment on column app.invitation.invited_by is 'The member who invited.';
comment on column app.invitation.membership_id is 'The membership that came of it.';

select platform.declare_entity(
  'app.invitation',
  permissions => '{"read": "member", "create": "admin", "revoke": "admin", "accept": [], "expire": []}',
  lifecycle => '{
    "initial": "pending",
    "transitions": {
      "accept": {"from": ["pending"], "to": "accepted", "event": "invitation.accepted", "handwritten": true},
      "revoke": {"from": ["pending"], "to": "revoked", "event": "invitation.revoked",
        "description": "Takes an invitation back and frees its seat."},
      "expire": {"from": ["pending"], "to": "expired", "event": "invitation.expired"}
    }
  }',
  events => '{"created": "user.invited"}',
  creatable => '{email,role,expires_at}',
  limited_by => '{"entitlement": "seats", "counted": "new.status = ''pending''", "usage": "app.seats_used()"}',
  due => '{"expire": {"column": "expires_at", "states": ["pending"]}}'
);

create or replace function app.invitation_check()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  select coalesce(case when v.actor_type = 'member' then v.actor_id end, new.invited_by)
  into new.invited_by
  from platform.verified_context v;
  if new.expires_at not between now() and now() + interval '30 days' then
    raise exception using
      errcode = 'ZF010',
      message = 'an invitation lasts at most 30 days',
      detail = 'expires_at must lie within the next 30 days.';
  end if;
  select string_agg(p, ', ' order by p)
  into lacking
  from unnest(platform.permissions_of(new.role)) p
  where not platform.allows(p);
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot invite a %s', new.role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$$;
comment on function app.invitation_check() is 'Trigger: who invited is the caller, the time is bounded, and no one gives more than they hold.';
create or replace trigger _200_check
  before insert on app.invitation
  for each row execute function app.invitation_check();

create or replace function app.accept_invitation(id uuid, issuer text, subject text, name text)
returns app.membership
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  waiting app.invitation;
  joined app.membership;
begin
  perform platform.require('invitation:accept');
  select i.*
  into waiting
  from app.invitation i
  where i.tenant_id = platform.tenant_id()
    and i.id = accept_invitation.id
  for no key update;
  if not found or (waiting.status = 'pending' and waiting.expires_at <= statement_timestamp()) then
    raise exception using
      errcode = 'ZF004',
      message = 'there is no such invitation to accept',
      detail = format('invitation %s', accept_invitation.id);
  end if;
  if waiting.status <> 'pending' then
    perform platform.raise_illegal_transition('invitation', waiting.id, waiting.status, 'accept');
  end if;
  joined.id := uuidv7();
  -- first, so that its seat is free for the member; the reference is checked at commit, and one event tells of both
  update app.invitation i
  set status = 'accepted',
    membership_id = joined.id
  where i.tenant_id = waiting.tenant_id
    and i.id = waiting.id;
  insert into app.membership (id, person_id, email, name, role)
  values (
    joined.id, identity.ensure_person(accept_invitation.issuer, accept_invitation.subject, waiting.email, accept_invitation.name),
    waiting.email, accept_invitation.name, waiting.role)
  returning * into joined;
  return joined;
end
$$;
comment on function app.accept_invitation(uuid, text, text, text) is
  'Makes the invited person a member, with the login that the identity provider verified. For the system; errors: ZF003, ZF004, ZF005, 23505 when they are a member.';
grant execute on function app.accept_invitation(uuid, text, text, text) to freehold_worker;
--! EndIncluded invitation/invitation.sql
--! Included api_key/api_key.sql
-- API keys: shown once, kept as a hash outside the tenant's reach.

comment on table app.api_key is 'A key that opens the API with its own permissions.';
comment on column app.api_key.prefix is 'The beginning of the key, to tell keys apart.';
comment on column app.api_key.scopes is 'Permissions of the key, such as project:read.';
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
  creatable => '{}',
  editable => '{name}',
  due => '{"expire": {"column": "expires_at", "states": ["active"]}}',
  across => '{"freehold_resolver": ["select"]}'
);

create or replace trigger _700_follow_principal
  after insert on app.api_key
  for each row execute function identity.follow_principal('api_key');
-- after the record, which verifies the context of the caller: a key may revoke itself
create or replace trigger _950_follow_principal
  after update of scopes, status on app.api_key
  for each row
  when (new.scopes <> old.scopes or new.status <> old.status)
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

create or replace function app.create_api_key(name text, scopes text[], expires_at timestamptz default null)
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
  insert into app.api_key (name, prefix, scopes, expires_at)
  values (create_api_key.name, left(made.secret, 14), create_api_key.scopes, create_api_key.expires_at)
  returning * into key;
  insert into identity.api_key_secret (hash, tenant_id, api_key_id)
  values (sha256(convert_to(made.secret, 'UTF8')), key.tenant_id, key.id);
  made.id := key.id;
  return made;
end
$$;
comment on function app.create_api_key(text, text[], timestamptz) is
  'Makes an API key with some of your own permissions. The secret is in this answer and nowhere else. Event: api_key.created.';
grant execute on function app.create_api_key(text, text[], timestamptz) to freehold_user;

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
  expires_at timestamptz
)
language plpgsql
stable
security definer
set search_path = ''
as $resolve$
declare
  tenant_status text;
  credential_ends timestamptz;
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
        and (k.expires_at is null or k.expires_at > statement_timestamp());
      actor_type := 'api_key';
    when 'session' then
      select m.tenant_id, m.id, s.expires_at, platform.permissions_of(m.role)
      into resolve.tenant_id, actor_id, credential_ends, permissions
      from identity.session s
      join app.membership m on m.tenant_id = s.tenant_id and m.person_id = s.person_id and m.status = 'active'
      where s.token_hash = credential
        and s.revoked_at is null
        and s.expires_at > statement_timestamp();
      actor_type := 'member';
    else
      raise exception using
        errcode = 'ZF010',
        message = format('there is no credential kind %s', kind),
        detail = 'Known kinds: api_key, session.';
  end case;
  if actor_id is null then
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

  expires_at := least(statement_timestamp() + interval '60 seconds', credential_ends);
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
    'Turns the SHA-256 of a session cookie (kind session) or API key (kind api_key) into a signed context of at most 60 seconds.
Errors: ZF001 for a credential that is not good, ZF011 for a tenant that is not active.'$sql$);
end
$write$;
comment on function identity.write_resolve() is 'Writes identity.resolve as the resolver, which owns it.';

grant select on identity.session, identity.api_key_secret to freehold_resolver;
select identity.write_resolve();
--! EndIncluded identity/resolve.sql
