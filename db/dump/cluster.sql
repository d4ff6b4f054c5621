-- What lives beside the schemas: roles, the database itself, default privileges, extensions, event triggers. $1: unused.
with role as (
  select r.*
  from pg_catalog.pg_roles r
  where r.rolname ~ '^freehold_'
)
select
  '' as schema,
  'role' as kind,
  r.rolname as name,
  'create' as part,
  pg_catalog.format('create role %I %s;', r.rolname, pg_catalog.concat_ws(' ',
    case when r.rolcanlogin then 'login' else 'nologin' end,
    case when r.rolinherit then 'inherit' else 'noinherit' end,
    case when r.rolsuper then 'superuser' else 'nosuperuser' end,
    case when r.rolbypassrls then 'bypassrls' else 'nobypassrls' end,
    case when r.rolcreaterole then 'createrole' end,
    case when r.rolcreatedb then 'createdb' end,
    case when r.rolreplication then 'replication' end,
    case when r.rolconnlimit <> -1 then 'connection limit ' || r.rolconnlimit end,
    case when r.rolvaliduntil is not null then 'valid until ' || pg_catalog.quote_literal(r.rolvaliduntil) end)) as text
from role r
union all
select
  '',
  'role',
  m.rolname,
  'grants',
  pg_catalog.format('grant %I to %I with admin %s, inherit %s, set %s;',
    g.rolname, m.rolname, am.admin_option::text, am.inherit_option::text, am.set_option::text)
from pg_catalog.pg_auth_members am
join role m on m.oid = am.member
join pg_catalog.pg_roles g on g.oid = am.roleid
union all
select
  '',
  'role',
  coalesce(r.rolname, '~database'),
  'settings',
  pg_catalog.format('alter %s set %s to %L;',
    case
      when s.setrole = 0 then 'database freehold'
      when s.setdatabase = 0 then pg_catalog.format('role %I', r.rolname)
      else pg_catalog.format('role %I in database freehold', r.rolname)
    end,
    pg_catalog.split_part(c, '=', 1),
    pg_catalog.substr(c, pg_catalog.strpos(c, '=') + 1))
from pg_catalog.pg_db_role_setting s
left join role r on r.oid = s.setrole
cross join lateral pg_catalog.unnest(s.setconfig) c
where s.setdatabase in (0, (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()))
  and (s.setrole = 0 or r.oid is not null)
union all
select
  '',
  'database',
  case a.grantee when 0 then 'public' else a.grantee::pg_catalog.regrole::text end,
  'grants',
  pg_catalog.format('grant %s on database freehold to %s%s;',
    pg_catalog.string_agg(pg_catalog.lower(a.privilege_type), ', ' order by a.privilege_type collate "C"),
    case a.grantee when 0 then 'public' else a.grantee::pg_catalog.regrole::text end,
    case when a.is_grantable then ' with grant option' else '' end)
from pg_catalog.pg_database d
cross join lateral pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) a
where d.datname = pg_catalog.current_database()
  and (a.grantee = 0 or a.grantee in (select r.oid from role r))
group by a.grantee, a.is_grantable
union all
select
  '',
  'default privileges',
  pg_catalog.concat_ws(' ', da.defaclrole::pg_catalog.regrole, da.defaclnamespace::pg_catalog.regnamespace, da.defaclobjtype),
  'grants',
  pg_catalog.format('alter default privileges for role %s%s %s %s on %s %s %s;',
    da.defaclrole::pg_catalog.regrole,
    case when da.defaclnamespace <> 0 then ' in schema ' || da.defaclnamespace::pg_catalog.regnamespace else '' end,
    change.verb,
    pg_catalog.string_agg(pg_catalog.lower(change.privilege_type), ', ' order by change.privilege_type collate "C"),
    case da.defaclobjtype
      when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
      when 'T' then 'types' when 'n' then 'schemas' else 'large objects'
    end,
    case change.verb when 'grant' then 'to' else 'from' end,
    case change.grantee when 0 then 'public' else change.grantee::pg_catalog.regrole::text end)
from pg_catalog.pg_default_acl da
cross join lateral (
  -- entries of a schema only add; a global entry replaces the built-in default, so show the difference
  select 'grant' as verb, now_held.grantee, now_held.privilege_type
  from pg_catalog.aclexplode(da.defaclacl) now_held
  where da.defaclnamespace <> 0
    or (now_held.grantee, now_held.privilege_type) not in (
      select built_in.grantee, built_in.privilege_type
      from pg_catalog.aclexplode(
        pg_catalog.acldefault(case da.defaclobjtype when 'S' then 's' else da.defaclobjtype end::"char", da.defaclrole)) built_in
    )
  union all
  select 'revoke', built_in.grantee, built_in.privilege_type
  from pg_catalog.aclexplode(
    pg_catalog.acldefault(case da.defaclobjtype when 'S' then 's' else da.defaclobjtype end::"char", da.defaclrole)) built_in
  where da.defaclnamespace = 0
    and (built_in.grantee, built_in.privilege_type) not in (
      select now_held.grantee, now_held.privilege_type
      from pg_catalog.aclexplode(da.defaclacl) now_held
    )
) change
group by da.oid, da.defaclrole, da.defaclnamespace, da.defaclobjtype, change.verb, change.grantee
union all
select
  '',
  'extension',
  e.extname,
  'create',
  pg_catalog.format('create extension %I schema %s;', e.extname, e.extnamespace::pg_catalog.regnamespace)
from pg_catalog.pg_extension e
where e.extname <> 'plpgsql'
union all
select
  '',
  'event trigger',
  t.evtname,
  'create',
  pg_catalog.format('create event trigger %I on %s%s execute function %s;',
    t.evtname,
    t.evtevent,
    case when t.evttags is not null
      then pg_catalog.format(' when tag in (%s)', (select pg_catalog.string_agg(pg_catalog.quote_literal(g), ', ') from pg_catalog.unnest(t.evttags) g))
      else '' end,
    t.evtfoid::pg_catalog.regprocedure)
from pg_catalog.pg_event_trigger t;
