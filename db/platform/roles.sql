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
