--! no-transaction
-- Rows from before the trigger, a thousand at a time and each time in a transaction of its own: nobody waits for longer than one of them takes. Row-level
-- security binds its owner too, so it goes from tenant to tenant. When it fails, what is filled stays, and it goes on from there.
do $$
declare
  tenant uuid;
  last uuid;
  ids uuid[];
begin
  foreach tenant in array array(select p.tenant_id from identity.principal p where p.kind = 'system' and p.id = p.tenant_id order by 1) loop
    last := '00000000-0000-0000-0000-000000000000';
    loop
      perform platform.enter_as_system(tenant, 'the name of a project becomes its title');
      ids := array(
        select p.id
        from app.project p
        where p.tenant_id = tenant
          and p.id > last
        order by p.id
        limit 1000);
      exit when ids = '{}';
      -- changes nothing, as the guard sees it: the trigger does
      update app.project p
      set name = p.name
      where p.tenant_id = tenant
        and p.id = any (ids)
        and p.title = '';
      last := ids[cardinality(ids)];
      commit;
    end loop;
    commit;
  end loop;
  alter table app.project validate constraint project_title_check;
end
$$;
