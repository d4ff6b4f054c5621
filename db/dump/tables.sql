-- Tables: columns and constraints in one CREATE TABLE, then what ALTER TABLE sets. $1: schemas left out.
-- Partitions come and go with time, so only their parent is shown.
with relation as (
  select c.*, n.nspname
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p')
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
column_line as (
  select
    a.attrelid,
    a.attnum::integer as position,
    '  ' || pg_catalog.concat_ws(' ',
      pg_catalog.quote_ident(a.attname),
      pg_catalog.format_type(a.atttypid, a.atttypmod),
      case when a.attcollation <> t.typcollation then 'collate ' || a.attcollation::pg_catalog.regcollation end,
      case
        when a.attidentity <> '' then pg_catalog.format('generated %s as identity%s',
          case a.attidentity when 'a' then 'always' else 'by default' end,
          case when (s.seqstart, s.seqincrement, s.seqcycle) <> (1, 1, false)
            then pg_catalog.format(' (start with %s increment by %s%s)', s.seqstart, s.seqincrement, case when s.seqcycle then ' cycle' else '' end)
            else '' end)
        when a.attgenerated <> '' then pg_catalog.format('generated always as (%s) %s',
          pg_catalog.pg_get_expr(ad.adbin, ad.adrelid), case a.attgenerated when 's' then 'stored' else 'virtual' end)
        when ad.oid is not null then 'default ' || pg_catalog.pg_get_expr(ad.adbin, ad.adrelid)
      end,
      case when a.attnotnull then
        case when nn.conname <> pg_catalog.concat(r.relname, '_', a.attname, '_not_null') then pg_catalog.format('constraint %I ', nn.conname) else '' end
        || 'not null' || case when not nn.convalidated then ' not valid' else '' end
      end) as line
  from relation r
  join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  join pg_catalog.pg_type t on t.oid = a.atttypid
  left join pg_catalog.pg_attrdef ad on ad.adrelid = a.attrelid and ad.adnum = a.attnum
  left join pg_catalog.pg_constraint nn on nn.conrelid = a.attrelid and nn.contype = 'n' and nn.conkey = array[a.attnum]
  left join pg_catalog.pg_depend sd on a.attidentity <> '' and sd.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and sd.refobjid = a.attrelid and sd.refobjsubid = a.attnum and sd.deptype = 'i'
  left join pg_catalog.pg_sequence s on s.seqrelid = sd.objid
),
constraint_line as (
  select
    k.conrelid,
    pg_catalog.format('  constraint %I %s', k.conname, pg_catalog.pg_get_constraintdef(k.oid)) as line,
    pg_catalog.strpos('puxfc', k.contype::text) as rank,
    k.conname
  from pg_catalog.pg_constraint k
  where k.contype in ('p', 'u', 'x', 'f', 'c')
    and k.conparentid = 0
    and k.conrelid in (select r.oid from relation r)
)
select
  r.nspname as schema,
  'table' as kind,
  r.relname as name,
  'create' as part,
  pg_catalog.format(E'create %stable %I.%I (\n%s\n)%s%s;',
    case r.relpersistence when 'u' then 'unlogged ' else '' end,
    r.nspname,
    r.relname,
    pg_catalog.concat_ws(E',\n',
      (select pg_catalog.string_agg(c.line, E',\n' order by c.position) from column_line c where c.attrelid = r.oid),
      (select pg_catalog.string_agg(k.line, E',\n' order by k.rank, k.conname collate "C") from constraint_line k where k.conrelid = r.oid)),
    case when r.relkind = 'p' then ' partition by ' || pg_catalog.pg_get_partkeydef(r.oid) else '' end,
    case when r.reloptions is not null then pg_catalog.format(' with (%s)', pg_catalog.array_to_string(r.reloptions, ', ')) else '' end) as text
from relation r
union all
select
  r.nspname,
  'table',
  r.relname,
  'settings',
  pg_catalog.format('alter table %I.%I replica identity %s;', r.nspname, r.relname,
    case r.relreplident
      when 'f' then 'full'
      when 'n' then 'nothing'
      else (select pg_catalog.format('using index %I', i.indexrelid::pg_catalog.regclass) from pg_catalog.pg_index i where i.indrelid = r.oid and i.indisreplident)
    end)
from relation r
where r.relreplident <> 'd'
union all
select
  r.nspname,
  'table',
  r.relname,
  'settings',
  pg_catalog.format('alter table %I.%I alter column %I %s;', r.nspname, r.relname, a.attname, setting.text)
from relation r
join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
join pg_catalog.pg_type t on t.oid = a.atttypid
cross join lateral (
  values
    (case when a.attstorage <> t.typstorage then 'set storage ' ||
      case a.attstorage when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main' else 'extended' end end),
    (case a.attcompression when 'l' then 'set compression lz4' when 'p' then 'set compression pglz' end),
    ('set statistics ' || nullif(a.attstattarget, -1)),
    ('set (' || pg_catalog.array_to_string(a.attoptions, ', ') || ')')
) setting (text)
where setting.text is not null
union all
select
  r.nspname,
  'table',
  r.relname,
  'row security',
  pg_catalog.format('alter table %I.%I %s row level security;', r.nspname, r.relname, v.verb)
from relation r
cross join lateral (
  values
    (case when r.relrowsecurity then 'enable' end),
    (case when r.relforcerowsecurity then 'force' end)
) v (verb)
where v.verb is not null;
