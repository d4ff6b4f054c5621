--! Message: bodies, tenant by tenant

--! no-transaction
do $$
declare
  tenant uuid;
begin
  for tenant in
    select p.tenant_id
    from identity.principal p
    where p.kind = 'system'
  loop
    loop
      perform platform.enter_as_system(tenant, 'migration: bodies');
      update app.note n
      set body = ''
      where n.tenant_id = tenant
        and n.id in (select o.id from app.note o where o.tenant_id = tenant and o.body is null limit 1000);
      exit when not found;
      commit;
    end loop;
  end loop;
end
$$;
