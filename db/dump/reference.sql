-- Tables whose rows belong to the schema: their comment has a line "@reference", or "@enum" (the states of an entity). $1: schemas left out.
-- A column whose default is a clock or a random number differs on each replay, and is left out, as are generated ones.
select
  n.nspname as schema,
  c.relname as name,
  pg_catalog.format('%I.%I', n.nspname, c.relname) as relation,
  pg_catalog.array_agg(a.attname::text order by a.attnum) as columns,
  pg_catalog.array_agg(pg_catalog.format_type(a.atttypid, null) order by a.attnum) as types,
  (
    select pg_catalog.array_agg(ka.attname::text order by k.position)
    from pg_catalog.pg_index i
    cross join lateral pg_catalog.unnest(i.indkey) with ordinality k (attnum, position)
    join pg_catalog.pg_attribute ka on ka.attrelid = c.oid and ka.attnum = k.attnum
    where i.indrelid = c.oid
      and i.indisprimary
  ) as key
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_catalog.pg_attrdef ad on ad.adrelid = c.oid and ad.adnum = a.attnum
where c.relkind in ('r', 'p')
  and not c.relispartition
  and n.nspname !~ '^pg_'
  and n.nspname <> all ($1)
  and pg_catalog.obj_description(c.oid, 'pg_class') ~ '(^|\n)@(reference|enum)\M'
  and a.attgenerated = ''
  and coalesce(pg_catalog.pg_get_expr(ad.adbin, ad.adrelid), '')
    !~* '(now|timestamp|timestamp\(\)|uuidv7|uuidv4|gen_random_uuid|random)\(|current_timestamp'
group by n.nspname, c.relname, c.oid
order by n.nspname collate "C", c.relname collate "C";
