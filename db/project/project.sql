-- Projects: what a tenant works on. The example to copy for an entity of your own.

comment on table app.project is 'Something that the tenant works on.';
comment on column app.project.name is E'@example Rocket\nName, 1 to 200 characters.';
comment on column app.project.description is E'@example To the moon and back.\nWhat it is about, up to 10,000 characters.';
comment on column app.project.lead_id is 'The member who leads it.';

select platform.declare_entity(
  'app.project',
  permissions => '{"read": "viewer", "create": "member", "update": "member", "archive": "member", "restore": "member", "delete": "admin"}',
  lifecycle => '{
    "initial": "active",
    "concealed": ["deleted"],
    "transitions": {
      "archive": {"from": ["active"], "to": "archived", "event": "project.archived",
        "description": "Puts a project away; it can be restored."},
      "restore": {"from": ["archived"], "to": "active", "event": "project.restored",
        "description": "Takes an archived project up again."},
      "delete": {"from": ["active", "archived"], "to": "deleted", "event": "project.deleted",
        "description": "Removes a project from view for good."}
    }
  }',
  events => '{"descriptions": {
    "project.created": "A project was begun.",
    "project.updated": "The name, the description or the lead of a project was changed.",
    "project.archived": "A project was put away; it can be restored.",
    "project.restored": "An archived project was taken up again.",
    "project.deleted": "A project was removed from view for good."
  }}',
  limited_by => '{"entitlement": "projects", "counted": "new.status <> ''deleted''", "usage": "app.projects_used()"}'
);

create or replace function app.projects_used()
returns bigint
language sql
stable
security definer
set search_path = ''
begin atomic
  select count(*)
  from app.project p
  where p.tenant_id = platform.tenant_id()
    and p.status <> 'deleted';
end;
comment on function app.projects_used() is 'Projects that count towards the plan.';
grant execute on function app.projects_used() to freehold_user;
