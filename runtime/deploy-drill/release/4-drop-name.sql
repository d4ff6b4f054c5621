-- No code that knows the name serves any more, and no frontend asks for it. Partners go on reading and writing it: the contract has promised it, and shows
-- the title under both names. From here on the view is written by hand.
create or replace view api_v1.projects with (security_invoker = true) as
select p.id, p.title as name, p.description, p.lead_id, p.status, p.version, p.created_at, p.updated_at, p.title
from app.project p;
comment on column api_v1.projects.name is E'@deprecated\n@example Rocket\nThe title, as it was called before.';

-- what returns a project fills its name from the title
select platform.expose_function(x.target::regprocedure, x.route, x.resource, x.renamed, x.name)
from platform.exposed_function x
join pg_catalog.pg_proc f on f.oid = to_regprocedure(x.target)
join pg_catalog.pg_type t on t.oid = f.prorettype
where t.typrelid = 'app.project'::regclass;

drop trigger _150_keep_title on app.project;
drop function platform.keep_project_title();
-- The title keeps its default, which its check refuses: were it required, the contract would refuse partners who send the name alone.
alter table app.project drop column name;

select platform.declare_entity(
  'app.project',
  permissions => e.declaration -> 'permissions',
  lifecycle => e.declaration -> 'lifecycle',
  events => e.declaration -> 'events',
  limited_by => e.declaration -> 'limit',
  resource => '{"handwritten": true}'
)
from platform.entity e
where e.name = 'project';
