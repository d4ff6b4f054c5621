import { Client } from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';

/* Each rule of platform.violations() has something here that breaks it, made as the owner of the schemas and rolled back. */
const database = await createTestDatabase();

const columns = 'tenant_id uuid not null, id uuid not null default uuidv7()';
const breaks: [rule: string, object: string | RegExp, sql: string][] = [
  ['undeclared_table', 'app.t', `create table app.t (${columns}, primary key (tenant_id, id))`],
  ['no_tenant_id', 'app.t', 'create table app.t (id uuid primary key)'],
  [
    'no_tenant_id',
    'app.t',
    'create table app.t (tenant_id text not null, id uuid, primary key (tenant_id, id))',
  ],
  [
    'no_tenant_id',
    'app.project',
    'alter table app.project drop constraint project_pkey cascade; alter table app.project alter column tenant_id drop not null',
  ],
  ['row_security_off', 'app.project', 'alter table app.project disable row level security'],
  ['row_security_off', 'app.project', 'alter table app.project no force row level security'],
  [
    'row_security_off',
    /^app\.event_\d/,
    'do $$ begin execute (select format($q$alter table %s disable row level security$q$, inhrelid::regclass) from pg_inherits where inhparent = $q$app.event$q$::regclass limit 1); end $$',
  ],
  [
    'policies_changed',
    'app.project',
    'create policy more on app.project for select to freehold_user using (true)',
  ],
  ['policies_changed', 'app.project', 'alter policy request_select on app.project using (true)'],
  ['policies_changed', 'app.project', 'alter policy request_select on app.project to public'],
  ['policies_changed', 'app.project', 'drop policy request_update on app.project'],
  [
    'permission_number',
    'app.project project:read',
    `delete from platform.permission where key = 'project:read';
     insert into platform.permission (key, entity, description) values ('project:read', 'project', 'Again.')`,
  ],
  [
    'policy_on_partition',
    /^app\.event_\d/,
    'do $$ begin execute (select format($q$create policy p on %s using (true)$q$, inhrelid::regclass) from pg_inherits where inhparent = $q$app.event$q$::regclass limit 1); end $$',
  ],
  ['key_without_tenant', /^app\.project /, 'create index on app.project (name)'],
  ['key_without_tenant', /^app\.project /, 'alter table app.project add unique (name)'],
  ['key_without_tenant', /^app\.project /, 'create unique index on app.project ((lower(name)), tenant_id)'],
  ['primary_key', 'app.t', `create table app.t (${columns}, primary key (id, tenant_id))`],
  [
    'foreign_key_without_tenant',
    /^app\.project /,
    'alter table app.project add unique (id), add column parent_id uuid references app.project (id)',
  ],
  [
    'foreign_key_without_tenant',
    /^app\.project /,
    'alter table app.membership add unique (id, tenant_id); alter table app.project add foreign key (lead_id, tenant_id) references app.membership (id, tenant_id)',
  ],
  [
    'foreign_key_action',
    /^app\.project /,
    'alter table app.project add foreign key (tenant_id, lead_id) references app.membership (tenant_id, id) on delete set null',
  ],
  [
    'foreign_key_action',
    /^app\.project /,
    'alter table app.project add foreign key (tenant_id, lead_id) references app.membership (tenant_id, id) on delete set default',
  ],
  [
    'foreign_key_action',
    /^app\.project /,
    'alter table app.project add foreign key (tenant_id, lead_id) references app.membership (tenant_id, id) on update cascade',
  ],
  ['missing_trigger', 'app.project _900_record_update', 'drop trigger _900_record_update on app.project'],
  ['disabled_trigger', 'app.project _100_follow', 'alter table app.project disable trigger _100_follow'],
  [
    'disabled_trigger',
    'app.membership _950_follow_principal',
    'alter table app.membership disable trigger _950_follow_principal',
  ],
  [
    'disabled_trigger',
    'identity.session _100_follow_session',
    'alter table identity.session disable trigger user',
  ],
  [
    'missing_trigger',
    'app.project _100_follow',
    'create or replace trigger _100_follow before update on app.project for each row execute function platform.keep_tenant()',
  ],
  ['grants_changed', 'app.project', 'grant update (status) on app.project to freehold_user'],
  ['grants_changed', 'app.report_chunk', 'grant select (content) on app.report_chunk to freehold_user'],
  ['grants_changed', 'app.invoice', 'grant select on app.invoice to freehold_gate'],
  [
    'minting_grant',
    'platform.enter_as_system(uuid,text) to freehold_user',
    'grant execute on function platform.enter_as_system(uuid, text) to freehold_user',
  ],
  [
    'minting_grant',
    'platform.sign_context(uuid,uuid,timestamp with time zone,uuid,text[],bigint) to freehold_app',
    'grant execute on function platform.sign_context(uuid, uuid, timestamptz, uuid, text[], bigint) to freehold_app',
  ],
  [
    'database_grant',
    'temporary to public',
    'do $$ begin execute format($q$grant temporary on database %I to public$q$, current_database()); end $$',
  ],
  [
    'disabled_trigger',
    'app.project _900_record_insert',
    'alter table app.project enable replica trigger _900_record_insert',
  ],
  ['missing_trigger', 'app.delivery _100_keep_tenant', 'drop trigger _100_keep_tenant on app.delivery'],
  [
    'trigger_name',
    'app.project look',
    'create trigger look after insert on app.project for each row execute function platform.refuse_change()',
  ],
  [
    'enum_column',
    'app.project.mood',
    `create type app.mood as enum ('good'); alter table app.project add column mood app.mood`,
  ],
  ['unsafe_view', 'app.v', 'create view app.v as select * from app.project'],
  ['unsafe_view', 'app.v', 'create view app.v with (security_invoker = false) as select * from app.project'],
  ['unsafe_view', 'app.v', 'create materialized view app.v as select 1 as x'],
  ['unsafe_view', 'api_v1.v', 'create view api_v1.v as select p.name from app.project p'],
  ['unsafe_view', 'api_v1.t', 'create table api_v1.t (id uuid)'],
  ['outside_contract', 'app.project', 'drop view api_v1.projects cascade'],
  [
    'contract_definer',
    'api_v1.names()',
    `create function api_v1.names() returns setof text language sql stable security definer set search_path = '' return 'x'`,
  ],
  ['sequence', 'app.s', 'create sequence app.s'],
  [
    'sequence',
    /^app\.project_n_seq/,
    'alter table app.project add column n bigint generated always as identity',
  ],
  ['granted_to_public', 'app.project_status', 'grant select on app.project_status to public'],
  ['granted_to_public', 'identity.person', 'grant select on identity.person to public'],
  ['granted_to_public', 'app.project', 'grant select (name) on app.project to public'],
  ['dangerous_grant', /^app\.project REFERENCES/, 'grant references (id) on app.project to freehold_user'],
  [
    'secret_grant',
    'identity.principal to freehold_user',
    'grant select on identity.principal to freehold_user',
  ],
  [
    'secret_grant',
    'identity.session to freehold_gate',
    'grant select (token_hash) on identity.session to freehold_gate',
  ],
  [
    'secret_grant',
    'app.webhook_signing_key.sealed_key to freehold_user',
    'grant select (sealed_key) on app.webhook_signing_key to freehold_user',
  ],
  ['dangerous_grant', /^app\.project TRUNCATE/, 'grant truncate on app.project to freehold_user'],
  ['dangerous_grant', /^app\.project TRIGGER/, 'grant trigger on app.project to freehold_user'],
  ['dangerous_grant', /^app\.project REFERENCES/, 'grant references on app.project to freehold_user'],
  ['dangerous_grant', /^app\.project MAINTAIN/, 'grant maintain on app.project to freehold_worker'],
  [
    'partition_grant',
    /^app\.event_\d/,
    'do $$ begin execute (select format($q$grant select on %s to freehold_user$q$, inhrelid::regclass) from pg_inherits where inhparent = $q$app.event$q$::regclass limit 1); end $$',
  ],
  ['create_on_schema', 'app to freehold_user', 'grant create on schema app to freehold_user'],
  ['create_on_schema', 'platform to freehold_gate', 'grant create on schema platform to public'],
  [
    'definer_search_path',
    'app.f()',
    'create function app.f() returns int language sql security definer return 1',
  ],
  [
    'definer_search_path',
    'app.f()',
    'create function app.f() returns int language sql security definer set search_path = app return 1',
  ],
  [
    'executable_by_public',
    'app.f()',
    'create function app.f() returns int language sql return 1; grant execute on function app.f() to public',
  ],
  [
    'immutable_context',
    'app.f()',
    `create function app.f() returns text language sql immutable return current_setting('freehold.tenant_id')`,
  ],
  [
    'immutable_context',
    'app.f()',
    'create function app.f() returns uuid language plpgsql immutable as $$ begin return platform.tenant_id(); end $$',
  ],
];

/** Only an administrator can break these, in the whole cluster. */
const breaksOfCluster: typeof breaks = [
  ['powerful_role', 'freehold_user', 'alter role freehold_user bypassrls'],
  ['powerful_role', 'freehold_owner', 'alter role freehold_owner superuser'],
  ['powerful_role', 'freehold_janitor', 'alter role freehold_janitor createrole'],
  ['powerful_role', 'freehold_app', 'alter role freehold_app replication'],
  ['role_membership', 'freehold_app in freehold_owner', 'grant freehold_owner to freehold_app'],
  ['role_membership', 'freehold_user in freehold_resolver', 'grant freehold_resolver to freehold_user'],
  [
    'role_membership',
    'freehold_app in freehold_user',
    'grant freehold_user to freehold_app with inherit true',
  ],
  [
    'role_membership',
    'stranger in freehold_gate',
    'create role stranger login; grant freehold_gate to stranger',
  ],
  [
    'role_membership',
    'freehold_resolver in pg_read_all_data',
    'grant pg_read_all_data to freehold_resolver with inherit false',
  ],
  ['role_login', 'freehold_user', 'alter role freehold_user login'],
  [
    'leakproof_function',
    'app.f(integer)',
    'create function app.f(x int) returns bool language sql immutable leakproof return true',
  ],
  ['runtime_owner', 'app.project', 'alter table app.project owner to freehold_worker'],
];

async function caughtBy(
  login: 'owner' | 'admin',
  sql: string,
): Promise<{ rule: string; object: string; remedy: string }[]> {
  const client = await database.pool(login).connect();
  try {
    await client.query('begin');
    await client.query(sql);
    // as the migration does: names come out qualified
    await client.query(`set local search_path = ''`);
    return (await client.query('select * from platform.violations()')).rows;
  } finally {
    await client.query('rollback');
    client.release();
  }
}

describe('platform.violations()', () => {
  it('finds nothing in what the migrations make', async () => {
    for (const login of ['owner', 'admin'] as const) expect(await caughtBy(login, 'select 1')).toEqual([]);
  });

  it.each(breaks)('catches %s of %s: %s', async (rule, object, sql) => {
    const caught = await caughtBy('owner', sql);
    expect(caught).toContainEqual({
      rule,
      object: typeof object === 'string' ? object : expect.stringMatching(object),
      remedy: expect.stringMatching(/\.$/),
    });
  });

  it('catches what an administrator did to the roles', async () => {
    // roles are of the cluster, and other tests may be preparing them: wait for them, and have them wait
    const cluster = new Client({ connectionString: inject('testCluster').adminUrl });
    await cluster.connect();
    try {
      await cluster.query('select pg_advisory_lock(7100010)');
      for (const [rule, object, sql] of breaksOfCluster) {
        const caught = await caughtBy('admin', sql);
        expect(caught).toContainEqual({ rule, object, remedy: expect.stringMatching(/\.$/) });
      }
    } finally {
      await cluster.end();
    }
  });

  it('has no rule that nothing here breaks', async () => {
    const { rows } = await database.pool('admin').query(
      `select distinct m[1] as rule
       from unnest(array['platform.table_violations()', 'platform.access_violations()']::regprocedure[]) f,
         regexp_matches(pg_get_function_sqlbody(f), 'SELECT\\s+(?:DISTINCT\\s+)?''([a-z_]+)''::text', 'g') m
       order by 1`,
    );
    const tested = new Set([...breaks, ...breaksOfCluster].map(([rule]) => rule));
    expect(rows.map(({ rule }) => rule)).toEqual([...tested].sort());
  });
});
