-- The state that the events of the identity provider add up to. It depends on which events came, not on their order.

create or replace function identity.observe(issuer text, kind text, id text, data jsonb, updated_at timestamptz, told_by text, ended boolean)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  is_news boolean;
begin
  if observe.kind in ('user', 'directory_user') and observe.data ->> 'email' is not null then
    insert into identity.provider_address as a (issuer, kind, id, email, verified_at)
    values (
      observe.issuer, observe.kind, observe.id, lower(observe.data ->> 'email'),
      case when (observe.data ->> 'email_verified')::boolean then observe.updated_at end)
    on conflict on constraint provider_address_pkey do update
      set verified_at = least(a.verified_at, excluded.verified_at);
  end if;
  insert into identity.provider_object as o (issuer, kind, id, data, updated_at, told_by, ended)
  values (observe.issuer, observe.kind, observe.id, observe.data, observe.updated_at, observe.told_by, observe.ended)
  on conflict on constraint provider_object_pkey do update
    set (data, updated_at, told_by, ended) = (excluded.data, excluded.updated_at, excluded.told_by, excluded.ended)
    where (excluded.ended, excluded.updated_at, excluded.told_by) > (o.ended, o.updated_at, o.told_by);
  is_news := found;
  -- the first time that it was so, whichever is heard of first
  if observe.kind = 'organization_membership' and observe.data ->> 'status' = 'active' then
    update identity.provider_object o
    set active_at = least(o.active_at, observe.updated_at)
    where o.issuer = observe.issuer
      and o.kind = observe.kind
      and o.id = observe.id
      and observe.updated_at < coalesce(o.active_at, 'infinity');
  end if;
  return is_news;
end
$$;
comment on function identity.observe(text, text, text, jsonb, timestamptz, text, boolean) is
  'Takes over what the identity provider tells of an object, unless something newer is known or the object has ended. Returns whether it was news.';

create or replace function identity.known(issuer text, kind text, id text)
returns identity.provider_object
language sql
stable
security definer
set search_path = ''
begin atomic
  select o
  from identity.provider_object o
  where o.issuer = known.issuer
    and o.kind = known.kind
    and o.id = known.id;
end;
comment on function identity.known(text, text, text) is 'What is known of an object of the identity provider; null for nothing.';

create or replace function identity.directory_users_of(issuer text, organization text, subject text)
returns setof identity.provider_object
language sql
stable
rows 10
security definer
set search_path = ''
begin atomic
  -- By keys, step by step: as a join, it read all of the directory for each of its users while statistics are those of a moment ago.
  select d
  from (
    select distinct a.id
    from identity.provider_address u
    cross join lateral (
      select a.id from identity.provider_address a
      where a.issuer = directory_users_of.issuer and a.kind = 'directory_user' and a.email = u.email
      offset 0) a
    where u.issuer = directory_users_of.issuer and u.kind = 'user' and u.id = directory_users_of.subject
    offset 0) a
  cross join lateral (
    select d from identity.provider_object d
    where d.issuer = directory_users_of.issuer and d.kind = 'directory_user' and d.id = a.id
    offset 0) o (d)
  where (o.d).organization = directory_users_of.organization;
end;
comment on function identity.directory_users_of(text, text, text) is
  'The users of an organization''s directories who are this user: those who ever shared an address.';

create or replace function identity.subjects_of(issuer text, directory_users text[])
returns setof text
language sql
stable
rows 10
security definer
set search_path = ''
begin atomic
  select distinct u.id
  from unnest(directory_users) as d (id)
  cross join lateral (
    select a.email from identity.provider_address a
    where a.issuer = subjects_of.issuer and a.kind = 'directory_user' and a.id = d.id
    offset 0) a
  cross join lateral (
    select u.id from identity.provider_address u
    where u.issuer = subjects_of.issuer and u.kind = 'user' and u.email = a.email
    offset 0) u;
end;
comment on function identity.subjects_of(text, text[]) is 'The users who are one of these users of directories.';

create or replace function identity.is_active_directory_user(directory_user identity.provider_object)
returns boolean
language sql
stable
security definer
set search_path = ''
-- a directory that ends takes its users with it, and tells nothing of each
return not directory_user.ended
  and coalesce(directory_user.data ->> 'state', 'active') = 'active'
  and not coalesce((identity.known(directory_user.issuer, 'directory', directory_user.directory)).ended, false);
comment on function identity.is_active_directory_user(identity.provider_object) is 'Whether a user of a directory is in it, and active.';
