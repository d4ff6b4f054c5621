-- The proof by catalog: what must never be, whoever wrote the migration. Runs after every migration and in CI.

create or replace function platform.runtime_roles()
returns setof name
language sql
immutable
set search_path = ''
begin atomic
  select unnest('{freehold_gate,freehold_app,freehold_user,freehold_worker}'::name[]);
end;
comment on function platform.runtime_roles() is 'The roles in which processes run requests and jobs.';

create or replace function platform.own_roles()
returns text[]
language sql
immutable
set search_path = ''
begin atomic
  select array(select r::text from platform.runtime_roles() r)
    || '{freehold_owner,freehold_resolver,freehold_recorder,freehold_dispatcher,freehold_janitor}'::text[];
end;
comment on function platform.own_roles() is 'All roles of Freehold.';

create or replace function platform.table_violations()
returns table (rule text, object text, remedy text)
language sql
stable
set search_path = ''
begin atomic
  with app_table as (
    select c.oid, c.oid::regclass::text as name, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relispartition, e.kind, e.policies, e.grants
    from pg_catalog.pg_class c
    left join platform.entity e on e.relation = c.oid::regclass::text
    where c.relnamespace = 'app'::regnamespace
      and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  ),
  contract as (
    select c.oid, c.oid::regclass::text as name, c.relkind, c.reloptions
    from pg_catalog.pg_class c
    where c.relnamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname ~ '^api_v')
      and c.relkind not in ('c', 'i', 'I')
  ),
  tenant_table as (
    select * from app_table where relkind in ('r', 'p') and not relispartition and kind is distinct from 'states'
  ),
  tenant_column as (
    select t.oid, t.name, a.attnum, a.attnotnull, a.atttypid
    from tenant_table t
    left join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attname = 'tenant_id' and not a.attisdropped
  )
  select 'undeclared_table', name, 'Declare it with platform.declare_entity or platform.declare_record.'
  from tenant_table
  where kind is null
  union all
  select 'no_tenant_id', name, 'Add tenant_id uuid not null default platform.tenant_id().'
  from tenant_column
  where attnum is null or not attnotnull or atttypid <> 'uuid'::regtype
  union all
  select 'row_security_off', name, 'Enable and force row-level security: declare the table again.'
  from app_table
  where relkind in ('r', 'p') and kind is distinct from 'states' and not (relrowsecurity and relforcerowsecurity)
  union all
  select 'policies_changed', name, 'Policies are written by platform.write_policies alone: declare the table again.'
  from tenant_table
  where kind is not null and policies is distinct from platform.policies_of(oid)
  union all
  select distinct 'permission_number', t.name || ' ' || named.says[1], 'The policy asks for the number of another permission: declare the table again.'
  from tenant_table t
  cross join regexp_matches(platform.policies_of(t.oid), 'allows\(''([^'']+)''::text, (\d+)\)', 'g') named (says)
  where not exists (select from platform.permission p where p.key = named.says[1] and p.number::text = named.says[2])
  union all
  select 'policy_on_partition', name, 'A partition is reached through its parent only: drop the policy.'
  from app_table t
  where t.relispartition and exists (select from pg_catalog.pg_policy p where p.polrelid = t.oid)
  union all
  select 'key_without_tenant', t.name || ' ' || i.indexrelid::regclass::text, 'Begin the key or index with tenant_id.'
  from tenant_column t
  join pg_catalog.pg_index i on i.indrelid = t.oid
  where i.indkey[0] is distinct from t.attnum
  union all
  select 'primary_key', t.name, 'Use primary key (tenant_id, id).'
  from tenant_table t
  where not exists (
    select from pg_catalog.pg_constraint k
    where k.conrelid = t.oid and k.contype = 'p' and pg_get_constraintdef(k.oid) = 'PRIMARY KEY (tenant_id, id)')
  union all
  select 'foreign_key_without_tenant', t.name || ' ' || k.conname, 'Reference (tenant_id, x_id): a single column lets a tenant point at another''s row.'
  from tenant_column t
  join pg_catalog.pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
  join tenant_column target on target.oid = k.confrelid
  where k.conkey[1] <> t.attnum or k.confkey[1] <> target.attnum
  union all
  select 'foreign_key_action', t.name || ' ' || k.conname, 'Use no action, restrict or cascade: set null would clear tenant_id.'
  from tenant_table t
  join pg_catalog.pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
  where k.confdeltype in ('n', 'd') or k.confupdtype <> 'a'
  union all
  select 'missing_trigger', t.name || ' ' || needed.name, 'Declare the entity again; do not drop or replace its triggers.'
  from tenant_table t
  cross join lateral (
    select split_part(t.name, '.', 2) as entity
  ) e
  cross join lateral (values
    ('entity', '_100_begin'::name, 'generated.' || quote_ident(e.entity || '_begin')),
    ('entity', '_100_follow', 'generated.' || quote_ident(e.entity || '_follow')),
    ('entity', '_100_refuse_delete', 'platform.refuse_delete'),
    ('entity', '_900_record_insert', 'generated.' || quote_ident(e.entity || '_record_insert')),
    ('entity', '_900_record_update', 'generated.' || quote_ident(e.entity || '_record_update')),
    ('record', '_100_keep_tenant', 'platform.keep_tenant')
  ) needed (kind, name, function)
  where t.kind = needed.kind
    and not exists (
      select from pg_catalog.pg_trigger g
      where g.tgrelid = t.oid and g.tgname = needed.name and g.tgfoid = to_regproc(needed.function) and g.tgqual is null)
  union all
  select 'disabled_trigger', g.tgrelid::regclass::text || ' ' || g.tgname, 'Enable it: rules hold for everybody, and revocation is one of them.'
  from pg_catalog.pg_trigger g
  join pg_catalog.pg_class c on c.oid = g.tgrelid
  where not g.tgisinternal
    and g.tgenabled not in ('O', 'A')
    and c.relnamespace::regnamespace::text in ('app', 'platform', 'identity', 'catalog')
  union all
  select 'grants_changed', name, 'Privileges follow from the declaration alone: declare the table again.'
  from tenant_table t
  where kind is not null
    and t.grants is distinct from platform.grants_of(oid)
  union all
  select 'trigger_name', t.name || ' ' || g.tgname, 'Name triggers _NNN_verb: they fire in order of name.'
  from tenant_table t
  join pg_catalog.pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal
  where g.tgname !~ '^_[0-9]{3}_[a-z_]+$'
  union all
  select 'enum_column', t.name || '.' || a.attname, 'Use text and platform.declare_states: enum_eq is not leakproof.'
  from tenant_table t
  join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
  join pg_catalog.pg_type ty on ty.oid = a.atttypid and ty.typtype = 'e'
  union all
  select 'unsafe_view', name, 'Create it with (security_invoker = true); no materialized views.'
  from app_table v
  where relkind in ('m', 'f')
    or (relkind = 'v' and not coalesce((select c.reloptions from pg_catalog.pg_class c where c.oid = v.oid), '{}') @> '{security_invoker=true}')
  union all
  select 'unsafe_view', name, 'The contract has views with (security_invoker = true), and nothing else: what it shows is what the caller may see.'
  from contract
  where relkind <> 'v' or not coalesce(reloptions, '{}') @> '{security_invoker=true}'
  union all
  select 'outside_contract', e.relation, 'Declare it again: its view in the contract is missing.'
  from platform.entity e
  where e.kind <> 'states'
    and to_regclass(platform.contract_view(e.name)) is null
    and platform.contract_view(e.name) is not null
  union all
  select 'sequence', name, 'A sequence counts over all tenants: use uuidv7() or platform.next_number().'
  from app_table
  where relkind = 'S';
end;
comment on function platform.table_violations() is 'What breaks the rules of tables, policies and triggers in schema app, and of the views over them in the contract.';

create or replace function platform.access_violations()
returns table (rule text, object text, remedy text)
language sql
stable
set search_path = ''
begin atomic
  with ours as (
    select n.oid, n.nspname
    from pg_catalog.pg_namespace n
    where n.nspname in ('platform', 'identity', 'catalog', 'app', 'generated') or n.nspname ~ '^api_v'
  ),
  grants as (
    select c.oid, c.oid::regclass::text as name, c.relispartition, n.nspname, x.grantee, x.privilege_type
    from pg_catalog.pg_class c
    join ours n on n.oid = c.relnamespace
    cross join lateral (
      select * from aclexplode(c.relacl)
      union
      select k.* from pg_catalog.pg_attribute a, aclexplode(a.attacl) k where a.attrelid = c.oid
    ) x
    where x.grantee <> c.relowner
  )
  select distinct 'granted_to_public', name, 'Revoke it: grant to a role by name.' from grants where grantee = 0
  union all
  select 'dangerous_grant', name || ' ' || privilege_type || ' to ' || grantee::regrole::text, 'Revoke it: TRUNCATE ignores policies, TRIGGER and REFERENCES run code or probe rows.'
  from grants
  where privilege_type in ('TRUNCATE', 'TRIGGER', 'REFERENCES', 'MAINTAIN')
  union all
  select 'secret_grant', name || ' to ' || grantee::regrole::text, 'Revoke it: keys, sessions and secrets are read by narrow roles alone.'
  from grants
  where (nspname = 'identity' or name = 'platform.counter')
    and grantee::regrole::text in (select platform.runtime_roles()::text)
  union all
  select 'secret_grant', format('%s.%s to %s', g.name, a.attname, r), 'Hide the column in the declaration: what is sealed is read by narrow roles alone.'
  from (select distinct oid, name from grants) g
  join pg_catalog.pg_attribute a on a.attrelid = g.oid and a.atttypid = 'platform.sealed'::regtype
  cross join platform.runtime_roles() r
  where has_column_privilege(r, g.oid, a.attnum, 'select')
  union all
  select distinct 'partition_grant', name, 'Revoke it: policies of the parent do not hold on a partition.'
  from grants
  where relispartition
  union all
  select 'create_on_schema', n.nspname || ' to ' || r, 'Revoke it: who runs requests makes no objects.'
  from ours n
  cross join platform.runtime_roles() r
  where has_schema_privilege(r, n.oid, 'create')
  union all
  select 'powerful_role', r.rolname::text, 'Runtime roles and the owner are never superuser, BYPASSRLS, CREATEROLE or REPLICATION.'
  from pg_catalog.pg_roles r
  where r.rolname in (select platform.runtime_roles() union all values ('freehold_owner'), ('freehold_resolver'), ('freehold_recorder'), ('freehold_dispatcher'), ('freehold_janitor'))
    and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolreplication)
  union all
  select 'role_membership', m.member::regrole::text || ' in ' || m.roleid::regrole::text,
    'Revoke it: app and worker become freehold_user when they say so, the owner becomes a narrow role, and nobody else anything.'
  from pg_catalog.pg_auth_members m
  join pg_catalog.pg_roles r on r.oid = m.member
  cross join lateral (select m.member::regrole::text as member, m.roleid::regrole::text as role) n
  where (n.member = any (platform.own_roles()) or n.role = any (platform.own_roles()))
    and not (
      not m.inherit_option
      and (
        not m.admin_option
        and (n.member, n.role) in (values
          ('freehold_app', 'freehold_user'), ('freehold_worker', 'freehold_user'),
          ('freehold_owner', 'freehold_resolver'), ('freehold_owner', 'freehold_recorder'),
          ('freehold_owner', 'freehold_dispatcher'), ('freehold_owner', 'freehold_janitor'))
        -- the administrator who made the roles
        or r.rolcreaterole and n.member <> all (platform.own_roles())))
  union all
  select 'role_login', r.rolname::text, 'Alter it to NOLOGIN: requests become freehold_user from a login, narrow roles own functions.'
  from pg_catalog.pg_roles r
  where r.rolcanlogin
    and r.rolname in ('freehold_user', 'freehold_resolver', 'freehold_recorder', 'freehold_dispatcher', 'freehold_janitor')
  union all
  select 'database_grant', lower(x.privilege_type) || ' to ' || case x.grantee when 0 then 'public' else x.grantee::regrole::text end,
    'Revoke it: types and tables of a temporary schema come before all others, and functions of the owner would use them.'
  from pg_catalog.pg_database d
  cross join aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x
  where d.datname = current_database()
    and x.privilege_type in ('TEMPORARY', 'CREATE')
    and (x.grantee = 0 or x.grantee::regrole::text in (select platform.runtime_roles()::text))
  union all
  select 'minting_grant', p.oid::regprocedure::text || ' to ' || x.grantee::regrole::text, 'Revoke it: who may sign or enter is everybody.'
  from pg_catalog.pg_proc p
  cross join aclexplode(p.proacl) x
  where p.pronamespace = 'platform'::regnamespace
    and x.grantee <> p.proowner
    and x.grantee <> 0
    and (p.proname in ('add_principal', 'execute_as')
      or p.proname = 'sign_context' and x.grantee::regrole::text <> 'freehold_resolver'
      or p.proname in ('enter_as_system', 'create_tenant', 'purge_tenant') and x.grantee::regrole::text <> 'freehold_worker')
  union all
  select 'leakproof_function', p.oid::regprocedure::text, 'Remove LEAKPROOF: row-level security would run it on rows of other tenants.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  where p.proleakproof
  union all
  select 'runtime_owner', c.oid::regclass::text, 'Give it to freehold_owner.'
  from pg_catalog.pg_class c
  join ours n on n.oid = c.relnamespace
  where c.relowner::regrole::text in (select platform.runtime_roles()::text)
  union all
  select 'contract_definer', p.oid::regprocedure::text, 'Make it SECURITY INVOKER: the contract has no rights of its own; what needs them is a function of app.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  where p.prosecdef and n.nspname ~ '^api_v'
  union all
  select 'definer_search_path', p.oid::regprocedure::text, 'Add: set search_path = ''''.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  where p.prosecdef
    and not coalesce(p.proconfig, '{}') @> '{"search_path=\"\""}'
  union all
  select 'executable_by_public', p.oid::regprocedure::text, 'Revoke execute from public.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
  where x.grantee = 0
    and p.prorettype <> 'trigger'::regtype
  union all
  select 'immutable_context', p.oid::regprocedure::text, 'Make it STABLE: a cached plan would serve the former tenant.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  where p.provolatile = 'i'
    and (coalesce(p.prosrc, '') || coalesce(pg_get_function_sqlbody(p.oid), '')) ~* 'current_setting|tenant_id\(\)|claim\(';
end;
comment on function platform.access_violations() is 'What breaks the rules of roles, grants and functions.';

create or replace function platform.violations()
returns table (rule text, object text, remedy text)
language sql
stable
set search_path = ''
begin atomic
  select v.rule, v.object, v.remedy from platform.table_violations() v
  union all
  select v.rule, v.object, v.remedy from platform.access_violations() v
  order by 1, 2;
end;
comment on function platform.violations() is
  'Everything in the catalog that breaks a rule of isolation, with the remedy. Empty, or the build fails.';
