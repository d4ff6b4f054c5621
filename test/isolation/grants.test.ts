import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { workerFunctions } from './worker-functions.ts';

/*
 * The specification of grants: what each login and role can reach, in full. A grant more or less is a change of this file, and
 * so of a review. What follows from declarations is taken from the catalog; the rest is written out.
 */
const database = await createTestDatabase();
const admin = database.pool('admin');

async function names(sql: string, values: unknown[] = []): Promise<string[]> {
  const { rows } = await admin.query(`select n from (${sql}) q (n) order by n collate "C"`, values);
  return rows.map(({ n }) => n);
}

const ours = `('app', 'platform', 'identity', 'catalog', 'generated')`;

const functionsOf = (role: string) =>
  names(
    `select distinct p.oid::regproc::text from pg_proc p
     where p.pronamespace::regnamespace::text in ${ours}
       and has_function_privilege($1, p.oid, 'execute') and p.prorettype <> 'trigger'::regtype`,
    [`freehold_${role}`],
  );

/** Tables and views with privileges on the whole, of whatever schema is not PostgreSQL's own. */
const tablesOf = (role: string) =>
  names(
    `select c.oid::regclass::text || ': ' || string_agg(distinct lower(x.privilege_type), ', ' order by lower(x.privilege_type))
     from pg_class c, aclexplode(c.relacl) x
     where c.relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema', 'graphile_worker')
       and x.grantee::regrole::text = $1
     group by c.oid`,
    [`freehold_${role}`],
  );

const context = ['allows', 'claim', 'context_valid', 'require', 'require_tenant', 'tenant_id'].map(
  (name) => `platform.${name}`,
);
const states = async () =>
  (await names(`select relation from platform.entity where kind = 'states'`)).map(
    (name) => `${name}: select`,
  );
const sorted = (list: string[]) => [...list].sort();

describe('the login freehold_gate', () => {
  it('says who is calling, signs in and out, takes in what the identity provider tells, counts requests, and reads nothing else', async () => {
    expect(await functionsOf('gate')).toEqual([
      'identity.apply_event',
      'identity.claim_tokens',
      'identity.describe_session',
      'identity.keep_tokens',
      'identity.knows_member',
      'identity.link_own_organization',
      'identity.list_sessions',
      'identity.receive_event',
      'identity.receive_object',
      'identity.resolve',
      'identity.revoke_session',
      'identity.sign_in',
      'identity.sign_out',
      'identity.switch_tenant',
      'platform.error_vocabulary',
    ]);
    expect(await tablesOf('gate')).toEqual(['platform.rate_limit: delete, insert, select, update']);
  });
});

describe('the login freehold_app', () => {
  it('has no rights of its own but to know the errors, the version and the contract, to say that it serves and to watch for events, and becomes freehold_user alone', async () => {
    const known = [
      'platform.describe_api',
      'platform.end_serving',
      'platform.error_vocabulary',
      'platform.report_serving',
      'platform.watch_events',
    ];
    expect(await functionsOf('app')).toEqual(known);
    expect(await tablesOf('app')).toEqual(['graphile_migrate.migrations: select']);
    expect(await memberships('app')).toEqual(['freehold_user: set']);
  });
});

/** Of the database itself, and not of the public contract over it. */
const inside = (name: string): boolean => !name.startsWith('api_v');

describe('the role freehold_user', () => {
  it('calls the verbs of the lifecycles and what is listed here', async () => {
    const verbs = await names(
      `select distinct format('app.%s_%s', t.name, t.entity) from platform.transition t
       where (t.entity, t.name) <> ('invitation', 'accept')`,
    );
    const others = [
      'app.advance_webhook_replay',
      'app.change_feed',
      'app.change_feed_end',
      'app.change_feed_held_since',
      'app.api_key_last_used_at',
      'app.create_api_key',
      'app.create_webhook_endpoint',
      'app.downgrade_subscription',
      'app.entitlement',
      'app.grantable_permissions',
      'app.projects_used',
      'app.remove_webhook_header',
      'app.renew_subscription',
      'app.report_content',
      'app.resend_invitation',
      'app.resend_delivery',
      'app.rotate_api_key',
      'app.rotate_webhook_signing_key',
      'app.seats_used',
      'app.send_test_event',
      'app.set_webhook_header',
      'app.upgrade_subscription',
      'app.use_feature',
      'app.warn_of_webhook_endpoint',
      'app.webhook_endpoint_statistics',
      'app.webhook_replay_queued',
      'catalog.plan_rank',
      'platform.api_terms',
      'platform.are_origins',
      'platform.check_invoice_total',
      'platform.claim_idempotency_key',
      'platform.feed_position',
      'platform.invite_owner',
      'platform.keep_answer',
      'platform.kept_answer',
      'platform.key_prefix',
      'platform.permissions_of',
      'platform.raise_illegal_transition',
      'platform.raise_unchangeable',
      'platform.require_feature',
      'platform.retention_floor',
      'platform.run_due',
    ];
    expect(await functionsOf('user')).toEqual(sorted([...context, ...verbs, ...others]));
  });

  it('reads the states, the plans, the catalogue of events and its own context; of tenant tables it has columns alone', async () => {
    const expected = [
      'app.feature_usage_by_day: select',
      'catalog.plan: select',
      'catalog.plan_entitlement: select',
      'platform.due_action: select',
      'platform.verified_context: select',
    ];
    expect((await tablesOf('user')).filter(inside)).toEqual(sorted([...expected, ...(await states())]));
    const columns = await names(
      `select a.attrelid::regclass::text || ': ' || string_agg(a.attname, ', ' order by a.attname)
       from pg_attribute a cross join aclexplode(a.attacl) x
       where x.grantee = 'freehold_user'::regrole
         and not exists (select from platform.entity e where e.relation = a.attrelid::regclass::text)
         -- those of the contract are held against the tables behind them above
         and not exists (select from pg_class c where c.oid = a.attrelid and c.relnamespace = 'api_v1'::regnamespace)
       group by a.attrelid`,
    );
    expect(columns).toEqual(['catalog.event_type: description, entity, schema, type']);
    expect(await memberships('user')).toEqual([]);
  });

  it('has exactly the columns of the declarations, and never tenant_id to write', async () => {
    const wrong = await names(
      `select format('%s.%s: %s', a.attrelid::regclass, a.attname, x.privilege_type)
       from pg_attribute a
       cross join aclexplode(a.attacl) x
       join platform.entity e on e.relation = a.attrelid::regclass::text
       where x.grantee = 'freehold_user'::regrole
         and (a.attname = any (array(select jsonb_array_elements_text(e.declaration -> 'hidden')))
           or x.privilege_type not in ('SELECT', 'INSERT', 'UPDATE')
           or (x.privilege_type <> 'SELECT' and a.attname in ('tenant_id', 'id', 'status', 'created_at', 'updated_at'))
           or (x.privilege_type = 'INSERT' and (a.attname = 'version' or not e.declaration -> 'permissions' ? 'create'))
           or (x.privilege_type = 'UPDATE' and not e.declaration -> 'permissions' ? 'update')
           or x.is_grantable)`,
    );
    expect(wrong).toEqual([]);
    const elsewhere = await names(
      `select a.attrelid::regclass::text from pg_attribute a cross join aclexplode(a.attacl) x
       where x.grantee <> 'freehold_user'::regrole
         and not exists (select from pg_class c where c.oid = a.attrelid and c.relnamespace = 'pg_catalog'::regnamespace)`,
    );
    expect(elsewhere).toEqual([]);
  });
});

describe('the login freehold_worker', () => {
  it('delivers, enters tenants as the system, and reads no table of a tenant', async () => {
    expect(await functionsOf('worker')).toEqual(sorted([...context, ...workerFunctions]));
    const tables = [
      'graphile_migrate.migrations: select',
      'platform.verified_context: select',
      'platform.worker_process: delete, insert, select, update',
    ];
    expect(await tablesOf('worker')).toEqual(sorted([...tables, ...(await states())]));
    expect(await memberships('worker')).toEqual(['freehold_user: set']);
  });
});

describe('the narrow roles', () => {
  it('cannot log in, and each reaches just what its task needs', async () => {
    expect(await tablesOf('resolver')).toEqual([
      'app.api_key: select',
      'app.impersonation: select',
      'app.membership: select',
      'app.role: select',
      'app.tenant: select',
      'identity.api_key_secret: select, update',
      'identity.blocked_member: select',
      'identity.login: select',
      'identity.organization: select',
      'identity.person: select',
      'identity.person_principal: select',
      'identity.session: select, update',
      'platform.verified_context: select',
    ]);
    expect(await tablesOf('recorder')).toEqual([
      'app.event: insert, select',
      'catalog.event_type: select',
      'catalog.plan: select',
      'platform.verified_context: select',
    ]);
    expect(await tablesOf('dispatcher')).toEqual([
      'app.delivery: insert, select, update',
      'app.delivery_attempt: insert, select',
      'app.event: select',
      'app.webhook_endpoint: select',
      'app.webhook_header: select, update',
      'app.webhook_signing_key: select, update',
      'platform.delivery_batch: delete, insert, select, update',
      'platform.delivery_queue: delete, insert, select, update',
      'platform.endpoint_flow: delete, insert, select, update',
      'platform.event_news: delete, insert, select',
      'platform.event_task: select',
      'platform.event_total: insert, select, update',
      'platform.event_total_position: select, update',
      'platform.event_watch: delete, insert, select, update',
      'platform.lane_queue: delete, insert, select, update',
      'platform.notice: delete, insert, select',
      'platform.tenant_plan: select',
      'platform.verified_context: select',
    ]);
    const entities = await names(`select relation from platform.entity where kind = 'entity'`);
    expect(await tablesOf('janitor')).toEqual(
      sorted([
        ...entities.map((name) => `${name}: select`),
        'identity.audit_position: select',
        'identity.organization: select',
        'platform.deployment: select',
        'platform.due_action: select',
        'platform.serving_process: delete, insert, select, update',
        'catalog.plan: select',
        'platform.entity: select',
        'platform.tenant_plan: select',
        'platform.verified_context: select',
      ]),
    );
    expect(await functionsOf('resolver')).toEqual(
      sorted([
        ...context,
        'identity.check_policy',
        'identity.describe_session',
        'identity.has_ended',
        'identity.list_sessions',
        'identity.permissions_of_impersonator',
        'identity.resolve',
        'platform.permissions_of',
        'platform.principal_version',
        'platform.sign_context',
      ]),
    );
    expect(
      await names(
        `select rolname from pg_roles where rolname ~ '^freehold_(user|resolver|recorder|dispatcher|janitor)$' and rolcanlogin`,
      ),
    ).toEqual([]);
  });
});

async function memberships(role: string): Promise<string[]> {
  return names(
    `select m.roleid::regrole::text || ':' || case when m.set_option then ' set' else '' end
       || case when m.inherit_option then ' inherit' else '' end || case when m.admin_option then ' admin' else '' end
     from pg_auth_members m where m.member = $1::regrole`,
    [`freehold_${role}`],
  );
}
