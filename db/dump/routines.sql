-- Schemas, types, sequences, views and routines: their CREATE. $1: schemas left out.
with namespace as (
  select n.*
  from pg_catalog.pg_namespace n
  where n.nspname !~ '^pg_'
    and n.nspname <> all ($1)
),
extension_member as (
  select d.classid, d.objid
  from pg_catalog.pg_depend d
  where d.deptype = 'e'
)
select
  n.nspname as schema,
  'schema' as kind,
  n.nspname::text as name,
  'create' as part,
  pg_catalog.format('create schema %I authorization %s;', n.nspname, n.nspowner::pg_catalog.regrole) as text
from namespace n
union all
select
  n.nspname,
  'type',
  t.typname,
  'create',
  case t.typtype
    when 'e' then pg_catalog.format('create type %I.%I as enum (%s);', n.nspname, t.typname,
      (select pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
       from pg_catalog.pg_enum e where e.enumtypid = t.oid))
    when 'd' then pg_catalog.format('create domain %I.%I as %s%s%s%s;', n.nspname, t.typname,
      pg_catalog.format_type(t.typbasetype, t.typtypmod),
      ' default ' || t.typdefault,
      case when t.typnotnull then ' not null' else '' end,
      (select pg_catalog.string_agg(pg_catalog.format(E'\n  constraint %I %s', k.conname, pg_catalog.pg_get_constraintdef(k.oid)), '' order by k.conname collate "C")
       from pg_catalog.pg_constraint k where k.contypid = t.oid and k.contype = 'c'))
    when 'c' then pg_catalog.format(E'create type %I.%I as (\n%s\n);', n.nspname, t.typname,
      (select pg_catalog.string_agg(pg_catalog.format('  %I %s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)), E',\n' order by a.attnum)
       from pg_catalog.pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped))
    else pg_catalog.format('create type %I.%I as range (subtype = %s);', n.nspname, t.typname,
      (select pg_catalog.format_type(r.rngsubtype, null) from pg_catalog.pg_range r where r.rngtypid = t.oid))
  end
from pg_catalog.pg_type t
join namespace n on n.oid = t.typnamespace
left join pg_catalog.pg_class c on c.oid = t.typrelid
where (t.typtype in ('e', 'd', 'r') or c.relkind = 'c')
  and t.oid not in (select m.objid from extension_member m where m.classid = 'pg_catalog.pg_type'::pg_catalog.regclass)
union all
select
  n.nspname,
  'sequence',
  c.relname,
  'create',
  pg_catalog.format('create sequence %I.%I as %s start with %s increment by %s%s;', n.nspname, c.relname,
    pg_catalog.format_type(s.seqtypid, null), s.seqstart, s.seqincrement, case when s.seqcycle then ' cycle' else '' end)
from pg_catalog.pg_sequence s
join pg_catalog.pg_class c on c.oid = s.seqrelid
join namespace n on n.oid = c.relnamespace
where not exists (
  select
  from pg_catalog.pg_depend d
  where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and d.objid = c.oid
    and d.deptype in ('i', 'e')
)
union all
select
  n.nspname,
  'view',
  c.relname,
  'create',
  pg_catalog.format(E'create %sview %I.%I%s as\n%s', case c.relkind when 'm' then 'materialized ' else '' end, n.nspname, c.relname,
    ' with (' || pg_catalog.array_to_string(c.reloptions, ', ') || ')',
    pg_catalog.pg_get_viewdef(c.oid))
from pg_catalog.pg_class c
join namespace n on n.oid = c.relnamespace
where c.relkind in ('v', 'm')
  and c.oid not in (select m.objid from extension_member m where m.classid = 'pg_catalog.pg_class'::pg_catalog.regclass)
union all
select
  n.nspname,
  'routine',
  pg_catalog.format('%s(%s)', p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)),
  'create',
  case p.prokind
    when 'a' then pg_catalog.format('create aggregate %I.%I(%s) (sfunc = %s, stype = %s%s%s);', n.nspname, p.proname,
      pg_catalog.pg_get_function_identity_arguments(p.oid),
      a.aggtransfn,
      pg_catalog.format_type(a.aggtranstype, null),
      case when a.aggfinalfn <> 0 then ', finalfunc = ' || a.aggfinalfn::text else '' end,
      ', initcond = ' || pg_catalog.quote_literal(a.agginitval))
    else pg_catalog.rtrim(pg_catalog.pg_get_functiondef(p.oid), E'\n') || ';'
  end
from pg_catalog.pg_proc p
join namespace n on n.oid = p.pronamespace
left join pg_catalog.pg_aggregate a on a.aggfnoid = p.oid
where p.oid not in (select m.objid from extension_member m where m.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass);
