-- Which tenant an issuer means by an organization.

create or replace function platform.link_organization(issuer text, organization text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform platform.require(null);
  insert into identity.organization as o (issuer, organization, tenant_id)
  select link_organization.issuer, link_organization.organization, v.tenant_id
  from platform.verified_context v
  where v.actor_type = 'system'
  on conflict on constraint organization_pkey do update
    set tenant_id = excluded.tenant_id
    where o.tenant_id = excluded.tenant_id;
  if not found then
    raise exception using
      errcode = '23505',
      message = 'the organization belongs to another tenant',
      detail = format('organization %s of %s', link_organization.organization, link_organization.issuer);
  end if;
end
$$;
comment on function platform.link_organization(text, text) is
  'Tokens of this issuer that name this organization are of the tenant that the transaction has entered as the system. Errors: 23505 when they are of another.';
grant execute on function platform.link_organization(text, text) to freehold_worker;

create or replace function identity.link_own_organization(tenant uuid, issuer text, organization text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform platform.enter_as_system(tenant, 'an owner sets up their organization');
  perform platform.link_organization(issuer, organization);
end
$$;
comment on function identity.link_own_organization(uuid, text, text) is
  'As platform.link_organization, for the gate: the server has made sure that an owner of the tenant asks, and has made the organization for it. Errors: 23505, ZF004.';
grant execute on function identity.link_own_organization(uuid, text, text) to freehold_gate;
