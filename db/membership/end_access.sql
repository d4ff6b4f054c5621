-- What ends with a membership: its sessions and the keys that it made.

create or replace function identity.end_sessions(tenant uuid, person uuid)
returns void
language sql
volatile
security definer
set search_path = ''
begin atomic
  update identity.session s
  set revoked_at = statement_timestamp(),
    sealed_tokens = null
  where s.tenant_id = tenant
    and s.person_id = person
    and s.revoked_at is null;
end;
comment on function identity.end_sessions(uuid, uuid) is 'Ends the sessions of a person in a tenant.';

create or replace function app.membership_end_access()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  former text[] := array[
    current_setting('freehold.tenant_id', true), current_setting('freehold.claims', true), current_setting('freehold.signature', true)];
  actor text := (select v.actor_type from platform.verified_context v);
begin
  perform platform.require_tenant(new.tenant_id);
  perform identity.end_sessions(new.tenant_id, new.person_id);
  -- whom somebody here had locked out does not come back by way of the provider
  if new.status = 'removed' and (actor <> 'system' or (old.status = 'suspended' and not exists (
    select from identity.blocked_member b where b.tenant_id = new.tenant_id and b.membership_id = new.id))) then
    insert into identity.barred_person (tenant_id, person_id)
    values (new.tenant_id, new.person_id)
    on conflict on constraint barred_person_pkey do update
      set lifted_by = null;
  end if;
  -- whoever may suspend or remove a member does so to their keys, whether they may end keys or not
  perform platform.enter_as_system(new.tenant_id, 'the keys of a member who was ' || new.status);
  if new.status = 'removed' then
    perform app.revoke_api_key(k.id)
    from app.api_key k
    where k.tenant_id = new.tenant_id
      and k.created_by = new.id
      and k.status = 'active';
  else
    update identity.principal p
    set version = p.version + 1
    from app.api_key k
    where k.tenant_id = new.tenant_id
      and k.created_by = new.id
      and k.status = 'active'
      and p.tenant_id = k.tenant_id
      and p.id = k.id;
  end if;
  perform set_config('freehold.tenant_id', former[1], true),
    set_config('freehold.claims', former[2], true),
    set_config('freehold.signature', former[3], true);
  return null;
end
$$;
comment on function app.membership_end_access() is
  'Trigger: who is suspended or removed loses their sessions, and their keys open nothing; who is removed has them revoked. A removal by somebody of the tenant is remembered.';
-- before the principal follows: the context of who removes themselves ends with that
create or replace trigger _940_end_access
  after update of status on app.membership
  for each row
  when (new.status <> old.status and new.status <> 'active')
  execute function app.membership_end_access();

create or replace function app.membership_check_block()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if exists (select from identity.blocked_member b where b.tenant_id = new.tenant_id and b.membership_id = new.id) then
    raise exception using
      errcode = 'ZF005',
      message = 'the identity provider has deactivated this member',
      detail = 'Activate them in the directory, or in the organization at the identity provider.';
  end if;
  return new;
end
$$;
comment on function app.membership_check_block() is 'Trigger: whom the identity provider has deactivated, nobody reactivates here.';
create or replace trigger _210_check_block
  before update of status on app.membership
  for each row
  when (old.status = 'suspended' and new.status = 'active')
  execute function app.membership_check_block();
