-- The end of a tenant: what is left of a closed one is deleted, a part at a time, inside its own context.

select platform.execute_as('freehold_janitor', $sql$
create or replace function platform.closed_tenants()
returns setof uuid
language sql
stable
security definer
set search_path = ''
begin atomic
  select t.id
  from app.tenant t
  where t.status = 'closed'
  order by t.id;
end;
comment on function platform.closed_tenants() is 'Tenants that are closed and not yet purged.';
grant execute on function platform.closed_tenants() to freehold_worker;
$sql$);

create or replace function platform.purge_tenant(tenant uuid, most integer default 10000)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  part record;
  deleted bigint;
begin
  -- Policies hold this to the tenant, as they hold everybody.
  perform platform.enter_as_system(tenant, 'purge');
  if not platform.is_closed(tenant) then
    raise exception using
      errcode = 'ZF005',
      message = 'a tenant that is not closed is not purged',
      detail = 'Close it, and wait for its grace period to end.';
  end if;
  -- Who refers to others goes first.
  for part in
    with recursive declared as (
      select e.relation::regclass as relation
      from platform.entity e
      where e.kind in ('entity', 'record')
    ),
    depth as (
      select d.relation, 0 as depth
      from declared d
      union all
      select k.conrelid::regclass, n.depth + 1
      from depth n
      join pg_catalog.pg_constraint k on k.confrelid = n.relation and k.contype = 'f' and k.conrelid <> k.confrelid
      join declared d on d.relation = k.conrelid
      where n.depth < 50
    )
    select n.relation
    from depth n
    where n.relation <> 'app.tenant'::regclass
    group by n.relation
    order by max(n.depth) desc, n.relation::text
  loop
    execute format('delete from %1$s where (tenant_id, id) in (select tenant_id, id from %1$s where tenant_id = $1 limit $2)', part.relation)
    using tenant, most;
    get diagnostics deleted = row_count;
    if deleted > 0 then
      return true;
    end if;
  end loop;

  delete from platform.delivery_queue q where q.tenant_id = tenant;
  delete from platform.lane_queue q where q.tenant_id = tenant;
  delete from platform.replay_progress p where p.tenant_id = tenant;
  delete from platform.endpoint_flow f where f.tenant_id = tenant;
  delete from platform.counter c where c.tenant_id = tenant;
  delete from platform.idempotency_key k where k.tenant_id = tenant;
  delete from platform.tenant_plan p where p.tenant_id = tenant;
  delete from identity.api_key_secret s where s.tenant_id = tenant;
  delete from identity.session s where s.tenant_id = tenant;
  delete from identity.provider_address a
  using identity.provider_object d, identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and d.organization = o.organization and d.kind = 'directory_user'
    and a.issuer = d.issuer and a.kind = d.kind and a.id = d.id;
  delete from identity.provider_object gu
  using identity.provider_object d, identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and d.organization = o.organization and d.kind = 'directory'
    and gu.issuer = d.issuer and gu.directory = d.id and gu.kind = 'directory_group_user';
  delete from identity.provider_object d
  using identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and (d.organization = o.organization or (d.kind = 'organization' and d.id = o.organization));
  delete from identity.organization o where o.tenant_id = tenant;
  delete from identity.audit_position p where p.tenant_id = tenant;
  delete from identity.provided_member m where m.tenant_id = tenant;
  delete from identity.provided_invitation i where i.tenant_id = tenant;
  delete from identity.group_member g where g.tenant_id = tenant;
  delete from identity.admitted_member a where a.tenant_id = tenant;
  delete from identity.invited_member m where m.tenant_id = tenant;
  delete from identity.blocked_member b where b.tenant_id = tenant;
  delete from identity.barred_person b where b.tenant_id = tenant;
  -- people stay who belong to another tenant
  with left_tenant as (
    delete from identity.person_principal m where m.tenant_id = tenant returning m.person_id
  )
  delete from identity.person p
  using left_tenant l
  where p.id = l.person_id
    and not exists (select from identity.person_principal o where o.person_id = p.id and o.tenant_id <> tenant);
  delete from app.tenant t where t.tenant_id = tenant;
  delete from identity.principal p where p.tenant_id = tenant;
  -- identity.tenant_slug stays: nobody else may answer under the name of a tenant that was
  return false;
end
$$;
comment on function platform.purge_tenant(uuid, integer) is
  'Deletes rows of a closed tenant, at most that many, and in the end the tenant with its keys, sessions and people. Returns whether there is more.
What remains are its slug and platform.system_entry. Errors: ZF004 when it is gone, ZF005 when it is not closed.';
grant execute on function platform.purge_tenant(uuid, integer) to freehold_worker;
