-- Owner, grants and comment of every schema, relation, type and routine. $1: schemas left out.
with extension_member as (
  select d.classid, d.objid
  from pg_catalog.pg_depend d
  where d.deptype = 'e'
),
object as (
  select
    'pg_catalog.pg_namespace'::pg_catalog.regclass as classid,
    n.oid,
    n.nspname as schema,
    'schema' as kind,
    n.nspname::text as name,
    pg_catalog.format('schema %I', n.nspname) as label,
    n.nspowner as owner,
    coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner)) as acl,
    pg_catalog.acldefault('n', n.nspowner) as own
  from pg_catalog.pg_namespace n
  union all
  select
    'pg_catalog.pg_class',
    c.oid,
    n.nspname,
    case c.relkind when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'view' else 'table' end,
    c.relname,
    pg_catalog.format('%s %I.%I',
      case c.relkind when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'materialized view' else 'table' end,
      n.nspname, c.relname),
    c.relowner,
    coalesce(c.relacl, pg_catalog.acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner)),
    pg_catalog.acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'S')
    and not c.relispartition
    -- the sequence of an identity column belongs to the column
    and not (c.relkind = 'S' and exists (
      select
      from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and d.objid = c.oid
        and d.deptype = 'i'
    ))
  union all
  select
    'pg_catalog.pg_type',
    t.oid,
    n.nspname,
    'type',
    t.typname,
    pg_catalog.format('%s %I.%I', case t.typtype when 'd' then 'domain' else 'type' end, n.nspname, t.typname),
    t.typowner,
    coalesce(t.typacl, pg_catalog.acldefault('T', t.typowner)),
    pg_catalog.acldefault('T', t.typowner)
  from pg_catalog.pg_type t
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  left join pg_catalog.pg_class c on c.oid = t.typrelid
  where t.typtype in ('e', 'd', 'r')
    or c.relkind = 'c'
  union all
  select
    'pg_catalog.pg_proc',
    p.oid,
    n.nspname,
    'routine',
    pg_catalog.format('%s(%s)', p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)),
    pg_catalog.format('%s %I.%I(%s)',
      case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
      n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)),
    p.proowner,
    coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner)),
    pg_catalog.acldefault('f', p.proowner)
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
),
shown as (
  select
    o.*,
    -- GRANT names a view as a table, and an aggregate as a function
    pg_catalog.regexp_replace(o.label, '^(materialized view|view|table|aggregate|domain) ',
      case pg_catalog.split_part(o.label, ' ', 1) when 'aggregate' then 'function ' when 'domain' then 'type ' else '' end) as granted
  from object o
  where o.schema !~ '^pg_'
    and o.schema <> all ($1)
    and not exists (
      select
      from extension_member m
      where m.classid = o.classid
        and m.objid = o.oid
    )
)
select
  s.schema,
  s.kind,
  s.name,
  'owner' as part,
  pg_catalog.format('alter %s owner to %s;', s.label, s.owner::pg_catalog.regrole) as text
from shown s
where s.kind <> 'schema'
union all
select
  s.schema,
  s.kind,
  s.name,
  'grants',
  pg_catalog.format('grant %s on %s to %s%s;',
    pg_catalog.string_agg(pg_catalog.lower(a.privilege_type), ', ' order by a.privilege_type collate "C"),
    s.granted,
    case a.grantee when 0 then 'public' else a.grantee::pg_catalog.regrole::text end,
    case when a.is_grantable then ' with grant option' else '' end)
from shown s
cross join lateral pg_catalog.aclexplode(s.acl) a
where a.grantee <> s.owner
group by s.schema, s.kind, s.name, s.granted, a.grantee, a.is_grantable
union all
-- an owner has every right unless some were taken away
select
  s.schema,
  s.kind,
  s.name,
  'grants',
  pg_catalog.format('revoke %s on %s from %s;',
    pg_catalog.string_agg(pg_catalog.lower(a.privilege_type), ', ' order by a.privilege_type collate "C"),
    s.granted,
    a.grantee::pg_catalog.regrole)
from shown s
cross join lateral pg_catalog.aclexplode(s.own) a
where a.grantee = s.owner
  and not exists (
    select
    from pg_catalog.aclexplode(s.acl) held
    where held.grantee = a.grantee
      and held.privilege_type = a.privilege_type
  )
group by s.schema, s.kind, s.name, s.granted, a.grantee
union all
select
  s.schema,
  s.kind,
  s.name,
  'comment',
  pg_catalog.format('comment on %s is %L;', s.label, d.description)
from shown s
join pg_catalog.pg_description d on d.classoid = s.classid and d.objoid = s.oid and d.objsubid = 0;
