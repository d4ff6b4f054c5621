import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestContext } from '../support/actors.ts';
import { asContext, refusal, refusalOf, resolveContext } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { FullTenant } from '../support/every-table.ts';
import { createFullTenants } from '../support/every-table.ts';
import { fingerprint } from '../support/fingerprint.ts';

/*
 * Arbitrary SQL as the application's login, in a good context of another tenant: an injection, or a leaked password. Nothing of
 * it may reach the victim.
 */
const database = await createTestDatabase();
let victim: FullTenant;
let attacker: FullTenant;
let context: TestContext;
let before: Record<string, string>;

beforeAll(async () => {
  [victim, attacker] = (await createFullTenants(database, 2)) as [FullTenant, FullTenant];
  await database.pool('admin').query('analyze');
  context = await resolveContext(database, 'session', attacker.members.get('owner')?.session ?? '');
  before = await fingerprint(database, victim.id);
});

afterAll(async () => {
  expect(await fingerprint(database, victim.id)).toEqual(before);
});

const refused = (sql: string, values: unknown[] = []) =>
  asContext(database, context, async (client) => (await refusal(client, sql, values)).code);

describe('arbitrary SQL cannot become somebody else', () => {
  it.each([
    'freehold_owner',
    'freehold_worker',
    'freehold_gate',
    'freehold_resolver',
    'freehold_recorder',
    'freehold_dispatcher',
    'freehold_janitor',
    'postgres',
  ])('by set role %s', async (role) => {
    expect(await refused(`set role ${role}`)).toBe('42501');
    expect(await refused(`select set_config('role', '${role}', true)`)).toBe('42501');
    expect(await refused(`set session authorization ${role}`)).toBe('42501');
  });

  it('and back in freehold_app it may do nothing but become freehold_user again', async () => {
    await asContext(database, context, async (client) => {
      await client.query('reset role');
      for (const sql of [
        'select from app.project',
        'select from app.event',
        'select from platform.verified_context',
      ]) {
        expect((await refusal(client, sql)).code).toBe('42501');
      }
    });
  });

  it('nor switch row-level security off', async () => {
    const code = await asContext(database, context, async (client) => {
      await client.query('set local row_security = off');
      return (await refusal(client, 'select from app.project')).code;
    });
    expect(code).toBe('42501');
    expect(await refused('alter table app.project disable row level security')).toBe('42501');
    expect(await refused('alter table app.project no force row level security')).toBe('42501');
    expect(await refused('drop policy request_select on app.project')).toBe('42501');
    expect(await refused('create policy mine on app.project using (true)')).toBe('42501');
    expect(await refused('set session_replication_role = replica')).toBe('42501');
  });
});

describe('arbitrary SQL cannot make anything', () => {
  it.each([
    'create temporary table t (x int)',
    'create temporary view v as select * from app.project',
    'create function pg_temp.f() returns int language sql as $$select 1$$',
    'create table app.t (x int)',
    'create table public.t (x int)',
    'create schema mine',
    'create extension dblink',
    'create trigger t before insert on app.project for each row execute function platform.refuse_change()',
    'create rule r as on select to app.project do instead select 1',
    'create role r',
    'create publication p for all tables',
    'copy app.project from stdin',
    `copy (select 1) to program 'true'`,
    `copy (select 1) to '/tmp/x'`,
    'vacuum app.project',
    'analyze app.project',
    'cluster app.project using project_pkey',
    'reindex table app.project',
    'refresh materialized view app.project',
    'comment on table app.project is $$x$$',
    'grant select on app.project to public',
    'select platform.enter_as_system(uuidv7(), $$x$$)',
    'select platform.sign_context(uuidv7(), uuidv7(), now(), null, null)',
    'select platform.add_principal(uuidv7(), uuidv7(), $$system$$)',
    'select platform.execute_as($$postgres$$, $$select 1$$)',
    'select platform.create_tenant($$x$$, $$x$$, $$x$$, $$x$$, $$x$$, $$x$$, $$free$$)',
    'select platform.record_event($$project.created$$, $$project$$, uuidv7(), $${}$$)',
    'select platform.next_number($$invoice$$)',
    'select platform.declare_record($$app.project$$::regclass)',
    'select identity.ensure_person($$x$$, $$x$$, $$x$$, $$x$$)',
    'select app.lock_subscription(uuidv7(), 1, $$upgrade$$, null)',
    'select app.start_subscription($$free$$)',
  ])('%s', async (sql) => {
    const client = await database.pool('app').connect();
    try {
      const { code } = await refusalOf(
        (async () => {
          // VACUUM and the like run outside a transaction only
          await client.query('set role freehold_user');
          const { rows } = await client.query(sql);
          // VACUUM and ANALYZE of what is not yours are a warning, and nothing is done
          if (/^(vacuum|analyze)/.test(sql)) throw Object.assign(new Error('skipped'), { code: '42501' });
          return rows;
        })(),
      );
      expect(code).toMatch(/^(42501|0A000|42809|42P01|3F000)$/);
    } finally {
      await client.query('reset role');
      client.release();
    }
  });
});

describe('arbitrary SQL cannot read beside the tables', () => {
  it('what the platform and identity keep', async () => {
    const { rows: relations } = await database.pool('admin').query(
      `select c.oid::regclass::text as name from pg_class c
       where c.relkind in ('r', 'p', 'v', 'm') and c.relnamespace::regnamespace::text in ('identity', 'platform')
         and c.oid not in ('platform.verified_context'::regclass, 'platform.due_action'::regclass)
       union all
       select c.oid::regclass::text from pg_class c where c.relispartition and c.relkind = 'r' and c.relnamespace = 'app'::regnamespace`,
    );
    expect(relations.length).toBeGreaterThan(20);
    for (const { name } of relations) {
      expect([name, await refused(`select from ${name}`)]).toEqual([name, '42501']);
    }
  });

  it('statistics of columns, or of statements', async () => {
    await asContext(database, context, async (client) => {
      const { rows } = await client.query(
        `select tablename from pg_stats
         where schemaname in ('app', 'platform', 'identity') and tablename not like '%\\_status' and tablename <> 'due_action'`,
      );
      expect(rows).toEqual([]);
      expect((await refusal(client, 'select from pg_statistic')).code).toBe('42501');
      expect((await refusal(client, 'select from pg_authid')).code).toBe('42501');
      expect((await refusal(client, `select pg_read_file('PG_VERSION')`)).code).toBe('42501');
    });
  });

  it('values of other tenants in a plan', async () => {
    await asContext(database, context, async (client) => {
      const { rows } = await client.query('explain (analyze, verbose) select * from app.project');
      const plan = JSON.stringify(rows);
      for (const secret of [victim.id, victim.ids.project, victim.members.get('owner')?.id]) {
        expect(plan).not.toContain(secret);
      }
    });
  });

  it('what people wrote, in the estimates of a plan', async () => {
    const admin = database.pool('admin');
    // the planner answers from statistics, whatever policies say: of such columns there are none
    await admin.query('analyze');
    const { rows: kept } = await admin.query(
      `select s.tablename, s.attname from pg_stats s
       where s.schemaname = 'app' and concat(s.most_common_vals, s.histogram_bounds) ~ '(example|owner@|"name"|changed)'`,
    );
    expect(kept).toEqual([]);
    const estimate = (condition: string) =>
      asContext(database, context, async (client) => {
        const { rows } = await client.query(
          `explain (format json) select from app.membership where ${condition}`,
        );
        return rows[0]['QUERY PLAN'][0].Plan['Plan Rows'];
      });
    const { rows } = await admin.query('select email from app.membership where tenant_id = $1 limit 1', [
      victim.id,
    ]);
    const likely = await estimate(`email <= '${rows[0].email}'`);
    expect(await estimate(`email <= ''`)).toBe(likely);
    // states are words of the schema: the planner knows how common they are
    const { rows: words } = await admin.query(
      `select from pg_stats where schemaname = 'app' and tablename = 'membership' and attname = 'status'`,
    );
    expect(words).toHaveLength(1);
  });

  it('the principal of anybody but itself', async () => {
    await asContext(database, context, async (client) => {
      const { rows } = await client.query('select tenant_id, actor_id from platform.verified_context');
      expect(rows).toEqual([{ tenant_id: attacker.id, actor_id: attacker.members.get('owner')?.id }]);
      for (const column of ['inner_pad', 'outer_pad', 'inner_block', 'version']) {
        expect((await refusal(client, `select ${column} from platform.verified_context`)).code).toBe('42703');
      }
    });
  });

  it('rows through a function of its own in a condition', async () => {
    // a condition that costs nothing and fails on what it sees: the policy must come before it
    const { rows } = await asContext(database, context, (client) =>
      client.query(
        `select name from app.project where (case when tenant_id = '${victim.id}' then 1 / (length(name) - length(name)) else 1 end) = 1`,
      ),
    );
    expect(rows.length).toBeGreaterThan(0);
    const spied = await asContext(database, context, (client) =>
      client.query(
        `select from app.event where (data ->> 'email')::text like '%' and tenant_id = '${victim.id}'`,
      ),
    );
    expect(spied.rowCount).toBe(0);
  });
});
