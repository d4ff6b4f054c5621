-- API keys: shown once, kept as a hash outside the tenant's reach.

comment on table app.api_key is 'A key that opens the API with its own permissions.';
comment on column app.api_key.name is E'@example Nightly import\nWhat it is for, 1 to 200 characters.';
comment on column app.api_key.prefix is E'@example fh_live_a1b2c3\nThe beginning of the key, to tell keys apart.';
comment on column app.api_key.scopes is E'@example ["project:read"]\nPermissions of the key, such as project:read.';
comment on column app.api_key.allowed_networks is E'@example ["203.0.113.0/24"]\nWhere it may be used from, in CIDR notation; empty for anywhere.';
comment on column app.api_key.created_by is 'The member who made or rotated it; it opens nothing while they are suspended, and ends with their membership.';
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
  events => '{"descriptions": {
    "api_key.created": "An API key was made. Its secret is in no event.",
    "api_key.updated": "An API key was given another name, other networks, or, when it was rotated, an end.",
    "api_key.revoked": "An API key was revoked, and opens nothing from its next use on.",
    "api_key.expired": "The time of an API key is over, and it opens nothing any more."
  }}',
  creatable => '{}',
  editable => '{name, allowed_networks}',
  due => '{"expire": {"column": "expires_at", "states": ["active"]}}',
  across => '{"freehold_resolver": ["select"]}'
);

create or replace trigger _700_follow_principal
  after insert on app.api_key
  for each row execute function identity.follow_principal('api_key');
-- after the record, which verifies the context of the caller: a key may revoke itself
create or replace trigger _950_follow_principal
  after update of scopes, status, allowed_networks on app.api_key
  for each row
  when (new.scopes <> old.scopes or new.status <> old.status or new.allowed_networks <> old.allowed_networks)
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

create or replace function app.create_api_key(name text, scopes text[], expires_at timestamptz default null, allowed_networks cidr[] default '{}')
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
  insert into app.api_key (name, prefix, scopes, expires_at, allowed_networks, created_by)
  select create_api_key.name, left(made.secret, 14), create_api_key.scopes, create_api_key.expires_at, coalesce(create_api_key.allowed_networks, '{}'),
    case v.actor_type when 'member' then v.actor_id when 'api_key' then (select k.created_by from app.api_key k where k.tenant_id = v.tenant_id and k.id = v.actor_id) end
  from platform.verified_context v
  returning * into key;
  insert into identity.api_key_secret (hash, tenant_id, api_key_id)
  values (sha256(convert_to(made.secret, 'UTF8')), key.tenant_id, key.id);
  made.id := key.id;
  return made;
end
$$;
comment on function app.create_api_key(text, text[], timestamptz, cidr[]) is
  'Makes an API key with some of your own permissions, good from anywhere or from those networks alone. The secret is in this answer and nowhere else.
Event: api_key.created.';
grant execute on function app.create_api_key(text, text[], timestamptz, cidr[]) to freehold_user;
select platform.expose_function('app.create_api_key(text, text[], timestamptz, cidr[])', 'POST api_keys', 'api_keys');

create or replace function app.rotate_api_key(id uuid, grace_hours integer default 24, expires_at timestamptz default null)
returns app.created_api_key
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  former app.api_key;
  made app.created_api_key;
begin
  perform platform.require('api_key:create');
  if coalesce(grace_hours not between 0 and 168, true) then
    raise exception using
      errcode = 'ZF010', message = 'graceHours is 0 to 168', detail = 'For that long both keys are good: long enough to bring the new one to where it is used.';
  end if;
  select *
  into former
  from app.api_key
  where tenant_id = platform.tenant_id()
    and id = rotate_api_key.id
  for no key update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such api_key', detail = format('api_key %s', rotate_api_key.id);
  end if;
  if former.status <> 'active' or former.expires_at <= statement_timestamp() then
    raise exception using
      errcode = 'ZF005', message = 'only an active key is rotated', detail = format('It is %s. Create a new one.', former.status);
  end if;
  made := app.create_api_key(former.name, former.scopes, coalesce(rotate_api_key.expires_at, former.expires_at), former.allowed_networks);
  if grace_hours = 0 then
    perform app.revoke_api_key(former.id);
  else
    update app.api_key
    set expires_at = statement_timestamp() + make_interval(hours => grace_hours)
    where tenant_id = former.tenant_id
      and id = former.id
      and (expires_at is null or expires_at > statement_timestamp() + make_interval(hours => grace_hours));
  end if;
  return made;
end
$$;
comment on function app.rotate_api_key(uuid, integer, timestamptz) is
  'Makes a key like this one, with a new secret, which is in this answer and nowhere else. The former is good for graceHours more (0 to 168, default 24), or no more at once. The new one
ends at expiresAt, or else when the former would have. Events: api_key.created, api_key.updated or api_key.revoked. Errors: ZF003 when the key holds what you do not, ZF004, ZF005, ZF010.';
grant execute on function app.rotate_api_key(uuid, integer, timestamptz) to freehold_user;
select platform.expose_function('app.rotate_api_key(uuid, integer, timestamptz)', 'POST api_keys/{id}/rotate', 'api_keys');

create or replace function app.api_key_last_used_at(key app.api_key)
returns timestamptz
language sql
stable
security definer
set search_path = ''
begin atomic
  select s.last_used_at
  from identity.api_key_secret s
  join platform.verified_context v on v.tenant_id = s.tenant_id
  where s.api_key_id = key.id
    and platform.allows('api_key:read');
end;
comment on function app.api_key_last_used_at(app.api_key) is 'When it last opened the API, to the minute; null for never.';
grant execute on function app.api_key_last_used_at(app.api_key) to freehold_user;

create or replace function platform.key_prefix()
returns text
language sql
stable
security definer
set search_path = ''
begin atomic
  select case when d.production then 'fh_live_' else 'fh_test_' end
  from platform.deployment d;
end;
comment on function platform.key_prefix() is 'fh_live_ in production, fh_test_ elsewhere: by which a leaked key tells what it opens.';
grant execute on function platform.key_prefix() to freehold_user;
