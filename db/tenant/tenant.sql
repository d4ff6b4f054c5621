-- The tenant itself: an entity like the others, whose only row is its own.

comment on table app.tenant is 'The organization that everything else belongs to.';
comment on column app.tenant.name is E'@example Acme Ltd\nName as people see it.';
comment on column app.tenant.slug is E'@example acme\nShort name in addresses; unique over all tenants.';
comment on column app.tenant.admit_verified_domains is 'Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified.';
comment on column app.tenant.default_role is E'@example member\nThe role of who joins without an invitation or a group that gives one.';
comment on column app.tenant.max_session_hours is E'@example 168\nHow long a session lasts at most: 1 to 2160 hours.';
comment on column app.tenant.max_idle_minutes is E'@example 1440\nHow long a session may go unused: 5 to 129600 minutes.';
comment on column app.tenant.allowed_networks is E'@example ["203.0.113.0/24"]\nWhere members and keys may come from, in CIDR notation; empty for anywhere.';
comment on column app.tenant.allowed_origins is E'@example ["https://app.example.com"]\nOrigins whose web pages may call the REST API with its credentials; empty for none.';
comment on column app.tenant.login_methods is E'@example ["SSO", "Passkey"]\nHow members may sign in, as the identity provider names it; empty for any way.';
comment on column app.tenant.require_sso is 'Whether members must come by single sign-on.';
comment on column app.tenant.stream_audit_log is 'Whether its events go to the audit log of the identity provider, from now on.';
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
    "when": "(new.max_session_hours, new.max_idle_minutes, new.allowed_networks, new.allowed_origins, new.login_methods, new.require_sso, new.admit_verified_domains, new.default_role) is distinct from (old.max_session_hours, old.max_idle_minutes, old.allowed_networks, old.allowed_origins, old.login_methods, old.require_sso, old.admit_verified_domains, old.default_role)",
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
  editable => '{name,admit_verified_domains,default_role,max_session_hours,max_idle_minutes,allowed_networks,allowed_origins,login_methods,require_sso,stream_audit_log}',
  due => '{"finish_closing": {"column": "closes_at", "states": ["closing"]}}',
  across => '{"freehold_resolver": ["select"], "freehold_janitor": ["select"]}',
  -- two owners who change what it demands of those who sign in must not undo each other's work unseen
  resource => '{"if_match": "required"}'
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
