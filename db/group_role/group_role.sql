-- Which role a group of the tenant's directory gives.

comment on table app.group_role is 'The role that members of a group of the directory have. Of several, the one with the lowest position counts.';
comment on column app.group_role.group_name is E'@example Engineering\nThe group''s name in the directory, 1 to 200 characters.';
comment on column app.group_role.role is E'@example member\nThe role that it gives.';
comment on column app.group_role.position is E'@example 100\nWhich one counts, when somebody is in several: the lowest. 1 to 1000.';

select platform.declare_entity(
  'app.group_role',
  permissions => '{"read": "admin", "create": "admin", "update": "admin", "delete": "admin"}',
  lifecycle => '{
    "initial": "active",
    "concealed": ["deleted"],
    "transitions": {
      "delete": {"from": ["active"], "to": "deleted", "event": "group_role.deleted",
        "description": "Ends what a group gives: its members have the role from before, unless another group gives one."}
    }
  }',
  events => '{"descriptions": {
    "group_role.created": "A group of the directory was given a role.",
    "group_role.updated": "Another role, name or position was given to a group of the directory.",
    "group_role.deleted": "A group of the directory gives no role any more."
  }}',
  tasks => '{"group_role.created": "follow_groups", "group_role.updated": "follow_groups", "group_role.deleted": "follow_groups"}',
  creatable => '{group_name,role,position}',
  editable => '{group_name,role,position}'
);

create or replace function app.group_role_check()
returns trigger
language plpgsql
-- the roles of the tenant are compared whole, whatever of them the caller may read
security definer
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  lacking := platform.not_held(platform.permissions_of(new.tenant_id, new.role));
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot have a group give the role %s', new.role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$$;
comment on function app.group_role_check() is 'Trigger: no one gives more than they hold, by way of a group neither.';
create or replace trigger _200_check
  before insert or update of role on app.group_role
  for each row execute function app.group_role_check();
