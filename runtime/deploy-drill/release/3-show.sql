-- Every row has its title: now the API, the events and the contract show it, beside the name. Declared as it is, for the columns follow from the table.
select platform.declare_entity(
  'app.project',
  permissions => e.declaration -> 'permissions',
  lifecycle => e.declaration -> 'lifecycle',
  events => e.declaration -> 'events',
  limited_by => e.declaration -> 'limit'
)
from platform.entity e
where e.name = 'project';
