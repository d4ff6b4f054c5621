-- Signing keys: made, shown once, and replaced without a message that the receiver cannot verify.

comment on table app.webhook_signing_key is
  'A key that signs what an endpoint is sent. After a rotation the former one signs too, until it expires.';
comment on column app.webhook_signing_key.endpoint_id is 'The endpoint whose messages it signs.';
comment on column app.webhook_signing_key.scheme is 'v1: HMAC-SHA256 with a secret (whsec_). v1a: ed25519, verified with the public key (whpk_).';
comment on column app.webhook_signing_key.public_key is 'whpk_ and base64, for scheme v1a; null for v1.';
comment on column app.webhook_signing_key.sealed_key is 'The 32 bytes of the key, sealed.';
comment on column app.webhook_signing_key.expires_at is 'When it stops signing; null for the present key.';

comment on constraint webhook_signing_key_tenant_id_endpoint_id_fkey on app.webhook_signing_key is
  E'@fieldName endpoint\n@foreignFieldName signingKeys';

select platform.declare_record(
  'app.webhook_signing_key',
  permissions => '{"read": "admin"}',
  hidden => '{sealed_key}',
  across => '{"freehold_dispatcher": ["select", "update"]}',
  resource => '{}'
);

create or replace function platform.add_signing_key(endpoint uuid, scheme text, fresh platform.fresh_key)
returns app.webhook_signing_key
language plpgsql
volatile
set search_path = ''
as $$
declare
  made app.webhook_signing_key;
begin
  if fresh is null then
    raise exception using
      errcode = 'ZF010',
      message = 'signing_key is missing',
      detail = 'The application makes it for each call (freshKey in runtime/sealing.ts).';
  end if;
  insert into app.webhook_signing_key (endpoint_id, scheme, sealed_key, public_key)
  values (
    endpoint, add_signing_key.scheme, split_part(fresh, '.', 1) || '.' || split_part(fresh, '.', 2),
    case add_signing_key.scheme when 'v1a' then 'whpk_' || split_part(fresh, '.', 3) end)
  returning * into made;
  return made;
end
$$;
comment on function platform.add_signing_key(uuid, text, platform.fresh_key) is 'Gives an endpoint of the tenant one more key. For definer functions of the owner.';

do $$
begin
  if to_regtype('app.rotated_webhook_signing_key') is null then
    create type app.rotated_webhook_signing_key as (
      id uuid, scheme text, secret platform.signing_secret, public_key text, former_expires_at timestamptz);
  end if;
end
$$;
comment on type app.rotated_webhook_signing_key is
  'A new signing key: its secret (scheme v1), which is shown this once, or its public key (scheme v1a), and when the former key stops signing.';

create or replace function app.rotate_webhook_signing_key(
  endpoint_id uuid,
  scheme text default 'v1',
  grace_hours integer default 24,
  signing_key platform.fresh_key default null
)
returns app.rotated_webhook_signing_key
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  endpoint uuid := rotate_webhook_signing_key.endpoint_id;
  tenant uuid := platform.tenant_id();
  made app.webhook_signing_key;
  result app.rotated_webhook_signing_key;
begin
  perform platform.require('webhook_endpoint:update');
  if coalesce(grace_hours not between 0 and 168, true) then
    raise exception using
      errcode = 'ZF010', message = 'graceHours is 0 to 168', detail = 'For that long both keys sign: long enough to bring the new one to the receiver.';
  end if;
  if coalesce(rotate_webhook_signing_key.scheme, '') not in ('v1', 'v1a') then
    raise exception using errcode = 'ZF010', message = 'scheme is v1 or v1a', detail = 'v1 is HMAC-SHA256 with a secret, v1a is ed25519 with a public key.';
  end if;
  -- one rotation at a time, or two would both be the present key
  perform from app.webhook_endpoint w where w.tenant_id = tenant and w.id = endpoint for update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such webhook_endpoint', detail = format('webhook_endpoint %s', endpoint);
  end if;
  delete from app.webhook_signing_key k
  where k.tenant_id = tenant and k.endpoint_id = endpoint and k.expires_at <= now();
  -- each key is one more signature in the header of each message
  if (select count(*) >= 4 from app.webhook_signing_key k
      where k.tenant_id = tenant and k.endpoint_id = endpoint and k.scheme = rotate_webhook_signing_key.scheme and grace_hours > 0) then
    raise exception using
      errcode = 'ZF008',
      message = 'four keys of this scheme sign already',
      detail = 'Wait until one has expired, or rotate with graceHours 0, which ends all of them.';
  end if;
  result.former_expires_at := now() + make_interval(hours => grace_hours);
  update app.webhook_signing_key k
  set expires_at = least(k.expires_at, result.former_expires_at)
  where k.tenant_id = tenant and k.endpoint_id = endpoint and k.scheme = rotate_webhook_signing_key.scheme;
  if not found then
    result.former_expires_at := null;
  end if;
  made := platform.add_signing_key(endpoint, rotate_webhook_signing_key.scheme, signing_key);
  result.id := made.id;
  result.scheme := made.scheme;
  result.public_key := made.public_key;
  if made.scheme = 'v1' then
    result.secret := made.sealed_key;
  end if;
  perform platform.record_event('webhook_endpoint.key_rotated', 'webhook_endpoint', endpoint,
    jsonb_build_object('id', endpoint, 'scheme', made.scheme, 'key_id', made.id, 'public_key', made.public_key, 'former_expires_at', result.former_expires_at));
  return result;
end
$$;
comment on function app.rotate_webhook_signing_key(uuid, text, integer, platform.fresh_key) is
  'Gives an endpoint a new signing key. The former one of the same scheme signs too for graceHours (0 to 168), so that no message comes that the receiver cannot
verify. With a scheme that the endpoint has no key of, adds it: both schemes then sign side by side.
Event: webhook_endpoint.key_rotated. Permission: webhook_endpoint:update.';
grant execute on function app.rotate_webhook_signing_key(uuid, text, integer, platform.fresh_key) to freehold_user;
select platform.expose_function(
  'app.rotate_webhook_signing_key(uuid, text, integer, platform.fresh_key)', 'POST webhook_endpoints/{id}/signing_keys', 'webhook_signing_keys',
  '{"endpoint_id": "id"}');

select platform.declare_event('webhook_endpoint.key_rotated', 'webhook_endpoint',
  'A webhook endpoint was given a new signing key; the former one signs for some time yet.',
  '{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "webhook_endpoint_key_rotation",
    "description": "A signing key of a webhook endpoint, and until when the former one signs.", "type": "object",
    "properties": {
      "id": {"type": "string", "format": "uuid", "description": "The endpoint."},
      "scheme": {"type": "string", "enum": ["v1", "v1a"], "description": "Signature scheme of the key."},
      "key_id": {"type": "string", "format": "uuid", "description": "The new key."},
      "public_key": {"type": ["string", "null"], "description": "whpk_ and base64, for scheme v1a."},
      "former_expires_at": {"type": ["string", "null"], "format": "date-time", "description": "When the former key stops signing; null when there was none."}
    },
    "required": ["id", "scheme", "key_id", "public_key", "former_expires_at"], "additionalProperties": true}');
