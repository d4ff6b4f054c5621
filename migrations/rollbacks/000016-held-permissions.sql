--! Undoes: sha1:47d35e8ef8a228c8f440457d063e5cccd3c3cb74
--! Loses: nothing

-- Undoes "held permissions".
set local check_function_bodies = off;
create or replace function app.group_role_check()
returns trigger
language plpgsql
-- the roles of the tenant are compared whole, whatever of them the caller may read
security definer
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  select string_agg(p, ', ' order by p)
  into lacking
  from unnest(platform.permissions_of(new.tenant_id, new.role)) p
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
create or replace function app.invitation_check()
returns trigger
language plpgsql
-- the roles of the tenant are compared whole, whatever of them the caller may read
security definer
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
  from unnest(platform.permissions_of(new.tenant_id, new.role)) p
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
create or replace function app.membership_check_role()
returns trigger
language plpgsql
-- the roles of the tenant are compared whole, whatever of them the caller may read
security definer
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
    select unnest(platform.permissions_of(new.tenant_id, new.role))
    union
    select unnest(platform.permissions_of(old.tenant_id, old.role))
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
create or replace function app.role_check()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  if exists (select from platform.role r where r.key = new.key) then
    raise exception using
      errcode = 'ZF010', message = format('%s is a built-in role', new.key), detail = 'Give yours another key.';
  end if;
  -- what somebody takes away they must hold too: else an admin could cut down who stands above
  select string_agg(distinct p, ', ' order by p)
  into lacking
  from unnest(new.permissions || case when tg_op = 'UPDATE' then old.permissions else '{}' end) p
  where not platform.allows(p);
  if lacking is not null then
    raise exception using
      errcode = 'ZF003', message = 'a role cannot hold what you do not hold yourself', detail = format('Not yours to give: %s.', lacking);
  end if;
  return new;
end
$$;
create or replace function app.tenant_check_default_role()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  select string_agg(p, ', ' order by p)
  into lacking
  from unnest(platform.permissions_of(new.tenant_id, new.default_role)) p
  where not platform.allows(p);
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot have whoever joins be a %s', new.default_role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$$;
drop routine platform.invite_owner(email text);
drop routine platform.not_held(permissions text[]);
