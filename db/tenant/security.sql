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
