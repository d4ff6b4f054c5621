-- Who was told of an event by mail, so that a task that is repeated leaves out those whom it has reached.

grant select, insert, delete on platform.notice to freehold_dispatcher;

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.told_members(tenant uuid, event uuid)
returns setof uuid
language sql
stable
security definer
set search_path = ''
begin atomic
  select n.membership_id
  from platform.notice n
  where n.tenant_id = tenant
    and n.event_id = event;
end;
comment on function platform.told_members(uuid, uuid) is 'The members who were told of an event by mail, in the last days.';
grant execute on function platform.told_members(uuid, uuid) to freehold_worker;

create or replace function platform.note_told(tenant uuid, event uuid, member uuid)
returns void
language sql
volatile
security definer
set search_path = ''
begin atomic
  -- a task is over after ten attempts in some hours: what is older nobody asks for
  delete from platform.notice n
  where n.tenant_id = tenant
    and n.told_at < statement_timestamp() - interval '7 days';
  insert into platform.notice (tenant_id, membership_id, event_id)
  values (tenant, member, event)
  on conflict do nothing;
end;
comment on function platform.note_told(uuid, uuid, uuid) is 'Notes that a member was told of an event by mail, and forgets notes of former weeks.';
grant execute on function platform.note_told(uuid, uuid, uuid) to freehold_worker;
$sql$);
