-- What hangs on a table: indexes, statistics, policies, triggers, column grants, and the comments on all of these. $1: schemas left out.
with relation as (
  select c.oid, c.relname, c.relowner, c.relkind, n.nspname
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm')
    and not c.relispartition
    and n.nspname !~ '^pg_'
    and n.nspname <> all ($1)
    and not exists (
      select
      from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and d.objid = c.oid
        and d.deptype = 'e'
    )
),
piece as (
  select
    i.indrelid as relid,
    'indexes' as part,
    pg_catalog.pg_get_indexdef(i.indexrelid) || ';' || case when i.indisvalid then '' else ' -- invalid' end as text
  from pg_catalog.pg_index i
  where not exists (
    select
    from pg_catalog.pg_constraint k
    where k.conindid = i.indexrelid
      and k.contype in ('p', 'u', 'x')
  )
  union all
  select s.stxrelid, 'indexes', pg_catalog.pg_get_statisticsobjdef(s.oid) || ';'
  from pg_catalog.pg_statistic_ext s
  union all
  select
    p.polrelid,
    'policies',
    pg_catalog.format('create policy %I on %s%s for %s to %s%s%s;',
      p.polname,
      p.polrelid::pg_catalog.regclass,
      case when p.polpermissive then '' else ' as restrictive' end,
      case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
      (select pg_catalog.string_agg(case o when 0 then 'public' else o::pg_catalog.regrole::text end, ', ' order by o::pg_catalog.regrole::text collate "C")
       from pg_catalog.unnest(p.polroles) o),
      E'\n  using (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')',
      E'\n  with check (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')')
  from pg_catalog.pg_policy p
  union all
  select t.tgrelid, 'triggers', pg_catalog.pg_get_triggerdef(t.oid) || ';'
  from pg_catalog.pg_trigger t
  where not t.tgisinternal
  union all
  select
    t.tgrelid,
    'triggers',
    pg_catalog.format('alter table %s %s trigger %I;', t.tgrelid::pg_catalog.regclass,
      case t.tgenabled when 'D' then 'disable' when 'A' then 'enable always' else 'enable replica' end, t.tgname)
  from pg_catalog.pg_trigger t
  where not t.tgisinternal
    and t.tgenabled <> 'O'
  union all
  select
    a.attrelid,
    'grants',
    pg_catalog.format('grant %s (%s) on %s to %s%s;',
      pg_catalog.lower(x.privilege_type),
      pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' order by a.attnum),
      a.attrelid::pg_catalog.regclass,
      case x.grantee when 0 then 'public' else x.grantee::pg_catalog.regrole::text end,
      case when x.is_grantable then ' with grant option' else '' end)
  from pg_catalog.pg_attribute a
  cross join lateral pg_catalog.aclexplode(a.attacl) x
  where not a.attisdropped
  group by a.attrelid, x.privilege_type, x.grantee, x.is_grantable
  union all
  select
    a.attrelid,
    'comment on columns ' || pg_catalog.to_char(a.attnum, 'FM0000'),
    pg_catalog.format('comment on column %s.%I is %L;', a.attrelid::pg_catalog.regclass, a.attname, d.description)
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_description d
    on d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objoid = a.attrelid and d.objsubid = a.attnum
  where d.objsubid > 0
  union all
  select
    k.conrelid,
    'comment on parts',
    pg_catalog.format('comment on constraint %I on %s is %L;', k.conname, k.conrelid::pg_catalog.regclass, d.description)
  from pg_catalog.pg_constraint k
  join pg_catalog.pg_description d on d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and d.objoid = k.oid
  union all
  select
    i.indrelid,
    'comment on parts',
    pg_catalog.format('comment on index %s is %L;', i.indexrelid::pg_catalog.regclass, d.description)
  from pg_catalog.pg_index i
  join pg_catalog.pg_description d on d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objoid = i.indexrelid and d.objsubid = 0
  union all
  select
    t.tgrelid,
    'comment on parts',
    pg_catalog.format('comment on trigger %I on %s is %L;', t.tgname, t.tgrelid::pg_catalog.regclass, d.description)
  from pg_catalog.pg_trigger t
  join pg_catalog.pg_description d on d.classoid = 'pg_catalog.pg_trigger'::pg_catalog.regclass and d.objoid = t.oid
  union all
  select
    p.polrelid,
    'comment on parts',
    pg_catalog.format('comment on policy %I on %s is %L;', p.polname, p.polrelid::pg_catalog.regclass, d.description)
  from pg_catalog.pg_policy p
  join pg_catalog.pg_description d on d.classoid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objoid = p.oid
)
select
  r.nspname as schema,
  case when r.relkind in ('v', 'm') then 'view' else 'table' end as kind,
  r.relname as name,
  p.part,
  p.text
from piece p
join relation r on r.oid = p.relid;
