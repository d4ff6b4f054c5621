-- The audit log at the identity provider: a reading of the change feed, for tenants that want it there.

grant select on identity.organization, identity.audit_position to freehold_janitor;

select platform.execute_as('freehold_janitor', $sql$
create or replace function platform.audit_streams(issuer text)
returns table (tenant_id uuid, organization text, after uuid)
language sql
stable
security definer
set search_path = ''
begin atomic
  select t.id, min(o.organization), min(p.after::text)::uuid
  from app.tenant t
  join identity.organization o on o.tenant_id = t.id and o.issuer = audit_streams.issuer
  join identity.audit_position p on p.tenant_id = t.id
  where t.stream_audit_log
    and t.status = 'active'
  group by t.id
  order by t.id;
end;
comment on function platform.audit_streams(text) is
  'Tenants whose events go to the audit log of the identity provider, under which organization, and after which event; null is from the beginning.';
grant execute on function platform.audit_streams(text) to freehold_worker;
$sql$);

create or replace function identity.move_audit_position(after uuid)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform platform.require('event:read');
  insert into identity.audit_position as p (tenant_id, after)
  values (platform.tenant_id(), move_audit_position.after)
  on conflict (tenant_id) do update
    set (after, sent_at) = (excluded.after, statement_timestamp());
end
$$;
comment on function identity.move_audit_position(uuid) is 'The audit log of the identity provider has every event up to this one. Inside the tenant, as the system.';
grant execute on function identity.move_audit_position(uuid) to freehold_worker;

create or replace function app.tenant_place_audit_stream()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_tenant(new.tenant_id);
  delete from identity.audit_position p
  where p.tenant_id = new.tenant_id;
  if new.stream_audit_log then
    insert into identity.audit_position (tenant_id, after)
    values (new.tenant_id, app.change_feed_end());
  end if;
  return null;
end
$$;
comment on function app.tenant_place_audit_stream() is 'Trigger: the audit log goes on from the change that asks for it, and is no more owed what happened while nobody did.';
create or replace trigger _920_place_audit_stream
  after update of stream_audit_log on app.tenant
  for each row
  when (new.stream_audit_log <> old.stream_audit_log)
  execute function app.tenant_place_audit_stream();
