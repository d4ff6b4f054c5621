--! Previous: sha1:bd39fdde25ecaac4f3efde589cb736a6f897581f
--! Hash: sha1:7e1e01929a2beb1d69ac17d0adde732f200036ec
--! Message: onboarding

-- What is told to the identity provider: invitations, and members whom somebody here suspends, reactivates or removes. And tenants that begin with an invitation.

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

create or replace function platform.begin_tenant(name text, slug text, plan text)
returns uuid
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  tenant uuid := uuidv7();
begin
  insert into identity.tenant_slug (slug, tenant_id)
  values (begin_tenant.slug, tenant);
  perform platform.add_principal(tenant, tenant, 'system');
  perform platform.enter_as_system(tenant, 'create the tenant');
  insert into app.tenant (tenant_id, id, name, slug)
  values (tenant, tenant, begin_tenant.name, begin_tenant.slug);
  perform app.start_subscription(plan);
  return tenant;
end
$$;
comment on function platform.begin_tenant(text, text, text) is
  'Creates a tenant with its subscription, which waits for app.activate_tenant; the transaction stays in the tenant as the system. Returns its id. Errors: 23505 for a slug in use, ZF010 for a plan
that there is not.';
grant execute on function platform.begin_tenant(text, text, text) to freehold_worker;

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
  tenant uuid := platform.begin_tenant(name, slug, plan);
  person uuid := identity.ensure_person(issuer, subject, owner_email, owner_name);
begin
  insert into app.membership (tenant_id, person_id, email, name, role)
  values (tenant, person, owner_email, owner_name, 'owner');
  perform app.activate_tenant(tenant);
  return tenant;
end
$$;
comment on function platform.create_tenant(text, text, text, text, text, text, text) is
  'Creates a tenant with its owner and subscription, and activates it; the transaction stays in the tenant as the system. Returns its id.';
grant execute on function platform.create_tenant(text, text, text, text, text, text, text) to freehold_worker;

create or replace function platform.tenant_of_slug(slug text)
returns uuid
language sql
stable
security definer
set search_path = ''
begin atomic
  select s.tenant_id
  from identity.tenant_slug s
  where s.slug = tenant_of_slug.slug;
end;
comment on function platform.tenant_of_slug(text) is 'The tenant that has, or had, a slug; null for none.';
grant execute on function platform.tenant_of_slug(text) to freehold_worker;
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
  tasks => '{"user.suspended": "tell_provider", "user.reactivated": "tell_provider", "user.removed": "tell_provider"}',
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
comment on column app.invitation.email is E'@format email\n@example grace@example.com\nWhere it was sent.';
comment on column app.invitation.role is E'@example viewer\nThe role that the person will have.';
comment on column app.invitation.expires_at is E'@example 2026-02-07T12:00:00+00:00\nWhen it can no longer be accepted: seven days unless set.';
comment on column app.invitation.invited_by is 'The member who invited.';
comment on column app.invitation.membership_id is 'The membership that came of it.';

select platform.declare_entity(
  'app.invitation',
  permissions => '{"read": "member", "create": "admin", "revoke": "admin", "resend": "admin", "accept": [], "expire": []}',
  lifecycle => '{
    "initial": "pending",
    "transitions": {
      "accept": {"from": ["pending"], "to": "accepted", "event": "invitation.accepted", "handwritten": true},
      "revoke": {"from": ["pending"], "to": "revoked", "event": "invitation.revoked",
        "description": "Takes an invitation back and frees its seat."},
      "expire": {"from": ["pending"], "to": "expired", "event": "invitation.expired"}
    }
  }',
  events => '{"created": "user.invited", "changed": [
    {"event": "invitation.resent", "when": "new.expires_at > old.expires_at", "description": "An invitation was sent again, and can be accepted for longer."}
  ], "descriptions": {
    "invitation.updated": "Never recorded: an invitation is sent again, or ends.",
    "user.invited": "A person was invited to join the tenant, and a seat is held for them.",
    "invitation.accepted": "The person who was invited joined the tenant.",
    "invitation.revoked": "An invitation was taken back, and its seat is free.",
    "invitation.expired": "An invitation was not accepted in time, and its seat is free."
  }}',
  creatable => '{email,role,expires_at}',
  limited_by => '{"entitlement": "seats", "counted": "new.status = ''pending''", "usage": "app.seats_used()"}',
  due => '{"expire": {"column": "expires_at", "states": ["pending"]}}',
  tasks => '{"user.invited": "tell_provider", "invitation.resent": "tell_provider", "invitation.revoked": "tell_provider"}'
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
--! Included invitation/resend.sql
-- An invitation that got lost is sent again, and its time begins anew.

create or replace function app.resend_invitation(id uuid)
returns app.invitation
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  waiting app.invitation;
begin
  perform platform.require('invitation:resend');
  select i.*
  into waiting
  from app.invitation i
  where i.tenant_id = platform.tenant_id()
    and i.id = resend_invitation.id
  for no key update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such invitation', detail = format('invitation %s', resend_invitation.id);
  end if;
  if waiting.status <> 'pending' then
    perform platform.raise_illegal_transition('invitation', waiting.id, waiting.status, 'resend');
  end if;
  -- somebody's mailbox is at the other end
  if waiting.updated_at > statement_timestamp() - interval '1 minute' then
    raise exception using
      errcode = 'ZF010', message = 'the invitation was sent a moment ago', detail = 'It can be sent again after a minute.';
  end if;
  update app.invitation i
  set expires_at = greatest(i.expires_at, statement_timestamp() + interval '7 days')
  where i.tenant_id = waiting.tenant_id
    and i.id = waiting.id
  returning i.* into waiting;
  return waiting;
end
$$;
comment on function app.resend_invitation(uuid) is
  'Sends a pending invitation again, and lets it be accepted for seven days more. Event: invitation.resent. Errors: ZF004, ZF005, ZF010 within a minute.';
grant execute on function app.resend_invitation(uuid) to freehold_user;
--! EndIncluded invitation/resend.sql
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

create or replace function identity.is_deprovisioned(issuer text, organization text, subject text)
returns boolean
language sql
stable
security definer
set search_path = ''
begin atomic
  select coalesce(not bool_or(identity.is_active_directory_user(d)), false)
  from identity.directory_users_of(is_deprovisioned.issuer, is_deprovisioned.organization, is_deprovisioned.subject) d;
end;
comment on function identity.is_deprovisioned(text, text, text) is 'Whether somebody is, or was, in directories of the organization, and active in none.';

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
  )
  select case
    when not exists (select from memberships) then null
    when (identity.known(desired_state.issuer, 'user', desired_state.subject)).ended
      or not exists (select from memberships m where not m.ended) then 'removed'
    when (identity.known(desired_state.issuer, 'organization', desired_state.organization)).ended then 'suspended'
    when identity.is_deprovisioned(desired_state.issuer, desired_state.organization, desired_state.subject) then 'suspended'
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
      -- suspended, or asked to join again; unless that is the echo of what somebody here did, who may undo it
      if member.status = 'active' or identity.is_deprovisioned(issuer, organization, subject) then
        perform identity.block(member, 'the identity provider has deactivated them');
      end if;
  end case;
  return '{}';
end
$$;
comment on function identity.reconcile_member(text, text, text) is
  'Makes a member what the identity provider says: joined, suspended, reactivated or removed, with their name, address and the role of their groups. Returns what has to be
known first, as kind/id. Errors: ZF007 when the tenant has no seat.';
--! EndIncluded identity/reconcile.sql
--! Included identity/tell_provider.sql
-- What the worker needs to know to tell the identity provider of what happened here (task tell_provider). Inside the tenant, as the system.

create or replace function identity.invitation_to_tell(issuer text, invitation uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require('invitation:accept');
  return (
    select jsonb_build_object(
      'organization', o.organization,
      'email', i.email,
      'status', i.status,
      'days', greatest(1, ceil(extract(epoch from i.expires_at - statement_timestamp()) / 86400)),
      'inviter', (
        select l.subject
        from app.membership m
        join identity.login l on l.person_id = m.person_id and l.issuer = invitation_to_tell.issuer
        where m.tenant_id = i.tenant_id and m.id = i.invited_by
        order by l.subject
        limit 1),
      'sent', (
        select pi.id from identity.provided_invitation pi
        where pi.issuer = invitation_to_tell.issuer and pi.tenant_id = i.tenant_id and pi.invitation_id = i.id
        order by pi.id
        limit 1))
    from app.invitation i
    join identity.organization o on o.tenant_id = i.tenant_id and o.issuer = invitation_to_tell.issuer
    where i.tenant_id = platform.tenant_id()
      and i.id = invitation_to_tell.invitation
    order by o.organization
    limit 1);
end
$$;
comment on function identity.invitation_to_tell(text, uuid) is
  'An invitation as the identity provider needs it: organization, email, status, days, inviter, and sent, what it calls it already. Null when the tenant has no organization there.';

create or replace function identity.note_invitation(issuer text, id text, invitation uuid)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform platform.require('invitation:accept');
  insert into identity.provided_invitation (issuer, id, tenant_id, invitation_id)
  values (note_invitation.issuer, note_invitation.id, platform.tenant_id(), note_invitation.invitation)
  on conflict do nothing;
end
$$;
comment on function identity.note_invitation(text, text, uuid) is 'The identity provider has sent this invitation, and calls it so.';

create or replace function identity.memberships_to_tell(issuer text, membership uuid)
returns setof text
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require('membership:update');
  return query
    select p.id
    from identity.provided_member p
    left join identity.provider_object o on o.issuer = p.issuer and o.kind = 'organization_membership' and o.id = p.id
    where p.issuer = memberships_to_tell.issuer
      and p.tenant_id = platform.tenant_id()
      and p.membership_id = memberships_to_tell.membership
      and not coalesce(o.ended, false)
    order by p.id;
end
$$;
comment on function identity.memberships_to_tell(text, uuid) is 'What the identity provider calls the membership of a member, and has not ended.';

grant execute on function
  identity.invitation_to_tell(text, uuid), identity.note_invitation(text, text, uuid), identity.memberships_to_tell(text, uuid)
to freehold_worker;
--! EndIncluded identity/tell_provider.sql
