-- What this dump has no words for. A row here makes it refuse, so that nothing can slip past the drift check. $1: schemas left out.
with namespace as (
  select n.oid
  from pg_catalog.pg_namespace n
  where n.nspname !~ '^pg_'
    and n.nspname <> all ($1)
),
found as (
  select 'pg_catalog.pg_operator'::pg_catalog.regclass as classid, o.oid from pg_catalog.pg_operator o where o.oprnamespace in (select n.oid from namespace n)
  union all
  select 'pg_catalog.pg_opclass', o.oid from pg_catalog.pg_opclass o where o.opcnamespace in (select n.oid from namespace n)
  union all
  select 'pg_catalog.pg_collation', c.oid from pg_catalog.pg_collation c where c.collnamespace in (select n.oid from namespace n)
  union all
  select 'pg_catalog.pg_ts_config', c.oid from pg_catalog.pg_ts_config c where c.cfgnamespace in (select n.oid from namespace n)
  union all
  select 'pg_catalog.pg_cast', c.oid from pg_catalog.pg_cast c where c.oid >= 16384
  union all
  select 'pg_catalog.pg_class', c.oid from pg_catalog.pg_class c where c.relkind = 'f' and c.relnamespace in (select n.oid from namespace n)
  union all
  select 'pg_catalog.pg_rewrite', r.oid
  from pg_catalog.pg_rewrite r
  join pg_catalog.pg_class c on c.oid = r.ev_class
  where r.rulename <> '_RETURN'
    and c.relnamespace in (select n.oid from namespace n)
  union all
  select 'pg_catalog.pg_publication', p.oid from pg_catalog.pg_publication p
)
select pg_catalog.pg_describe_object(f.classid, f.oid, 0) as text
from found f
where not exists (
  select
  from pg_catalog.pg_depend d
  where d.classid = f.classid
    and d.objid = f.oid
    and d.deptype = 'e'
)
order by 1;
