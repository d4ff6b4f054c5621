import { beforeAll, describe, expect, it } from 'vitest';
import {
  asApiKey,
  asContext,
  asSystem,
  asTenant,
  enter,
  refusal,
  refusalOf,
  resolveContext,
} from '../support/actors.ts';
import { open } from '../support/concurrency.ts';
import { createTestDatabase } from '../support/database.ts';
import type { FullTenant } from '../support/every-table.ts';
import { createFullTenants } from '../support/every-table.ts';
import { addMember } from '../support/tenants.ts';
import { waitUntil } from '../support/wait.ts';
import { contextOfTenant, revocableContexts, signed } from './contexts.ts';

const database = await createTestDatabase();
let tenant: FullTenant;

beforeAll(async () => {
  [tenant] = (await createFullTenants(database, 1)) as [FullTenant];
});

/** Runs `work` in a transaction of freehold_app that stays open while the context is revoked beside it. */
async function inOpenTransaction(
  context: Parameters<typeof enter>[1],
  revoke: () => Promise<unknown>,
): Promise<{ seenBefore: number; seenAfter: number; write: string; call: string; wrote: number }> {
  const client = await database.pool('app').connect();
  try {
    await client.query('begin');
    await enter(client, context);
    const seen = async () => Number((await client.query('select count(*) from app.project')).rows[0].count);
    const seenBefore = await seen();
    await client.query(`insert into app.project (name) values ('before')`);
    await revoke();
    const seenAfter = await seen();
    const write = await refusal(client, `insert into app.project (name) values ('after')`);
    const call = await refusal(client, 'select app.archive_project(uuidv7())');
    const { rowCount } = await client.query(`update app.project set name = 'after'`);
    return { seenBefore, seenAfter, write: write.code, call: call.code, wrote: rowCount ?? 0 };
  } finally {
    await client.query('rollback');
    client.release();
  }
}

describe('a revocation in the middle of an open transaction', () => {
  it('holds from the next statement on, whatever is revoked', async () => {
    const revocations = await revocableContexts(database, tenant);
    revocations.set('a suspended tenant', await contextOfTenant(database, 'suspend'));
    revocations.set('a closing tenant', await contextOfTenant(database, 'close'));
    for (const [name, { context, revoke }] of revocations) {
      const result = await inOpenTransaction(context, revoke);
      expect(result.seenBefore, name).toBeGreaterThan(0);
      expect([name, result.seenAfter, result.write, result.call, result.wrote]).toEqual([
        name,
        0,
        '42501',
        'ZF002',
        0,
      ]);
    }
  });

  it.each([
    ['a member who leaves', 'admin', 'select app.remove_membership($1)', 'user.removed'],
    [
      'an owner who steps down',
      'owner',
      `update app.membership set role = 'viewer' where id = $1`,
      'user.role_changed',
    ],
    [
      'an owner who closes the tenant',
      'owner',
      'select app.close_tenant(tenant_id) from app.membership where id = $1',
      'tenant.closing',
    ],
  ] as const)('holds for %s, whose act is on record', async (_, role, sql, event) => {
    const [own] = (await createFullTenants(database, 1)) as [FullTenant];
    const { id, session } = await addMember(database, own.id, role);
    const context = await resolveContext(database, 'session', session);
    await asContext(database, context, async (client) => {
      await client.query(sql, [id]);
      expect((await client.query('select from app.membership')).rowCount).toBe(0);
    });
    const { rows } = await database
      .pool('admin')
      .query('select actor_type, actor_id from app.event where tenant_id = $1 and type = $2', [
        own.id,
        event,
      ]);
    expect(rows).toEqual([{ actor_type: 'member', actor_id: id }]);
  });

  it('holds for a key that revokes itself', async () => {
    const [own] = (await createFullTenants(database, 1)) as [FullTenant];
    await asApiKey(database, own.apiKey, async (client) => {
      await client.query('select app.revoke_api_key($1)', [own.ids.api_key]);
      expect((await client.query('select from app.api_key')).rowCount).toBe(0);
    });
  });
});

describe('a transaction with an older snapshot', () => {
  it.each(['repeatable read', 'serializable'])(
    'shows nothing and writes nothing when it is %s',
    async (isolation) => {
      const { session } = await addMember(database, tenant.id, 'admin');
      const context = await resolveContext(database, 'session', session);
      const { client, end } = await open(database, context, isolation);
      for (const sql of [
        'select from app.project',
        `update app.project set description = 'late'`,
        'select from app.membership',
      ]) {
        expect([sql, (await client.query(sql)).rowCount]).toEqual([sql, 0]);
      }
      const refused = async (sql: string) => (await refusal(client, sql)).code;
      expect(await refused(`insert into app.project (name) values ('late')`)).toBe('42501');
      // and says why: nothing that a snapshot misses may count
      expect(await refused(`select app.create_api_key('backdoor', '{project:read}')`)).toBe('ZF010');
      expect(await refused('select platform.require(null)')).toBe('ZF010');
      await end('rollback');
    },
  );
});

describe('a context that expires in an open transaction', () => {
  it('opens nothing more to the statements inside a statement', async () => {
    const good = await resolveContext(database, 'session', tenant.members.get('owner')?.session ?? '');
    const context = await signed(database, tenant, good, '5 seconds');
    const counts = await asContext(database, context, async (client) => {
      await client.query(
        `do $$ begin
           perform set_config('test.before', (select count(*) from app.membership)::text, true);
           while to_timestamp(platform.claim(2)::double precision) > clock_timestamp() loop perform pg_sleep(0.02); end loop;
           perform set_config('test.after', (select count(*) from app.membership)::text, true);
         end $$`,
      );
      return (
        await client.query(
          `select current_setting('test.before')::int > 0 as before, current_setting('test.after') as after`,
        )
      ).rows;
    });
    expect(counts).toEqual([{ before: true, after: '0' }]);
  });

  it('opens nothing more', async () => {
    const good = await resolveContext(database, 'session', tenant.members.get('owner')?.session ?? '');
    const context = await signed(database, tenant, good, '1 second');
    const client = await database.pool('app').connect();
    try {
      await client.query('begin');
      await enter(client, context);
      await waitUntil('the context expires', async () => {
        const { rowCount } = await client.query('select from app.project');
        return rowCount === 0;
      });
      expect((await refusal(client, 'select app.archive_project(uuidv7())')).code).toBe('ZF002');
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('lasts sixty seconds at most, and no longer than its credential', async () => {
    const limit = async (session: string) => {
      const { claims } = await resolveContext(database, 'session', session);
      return Number(claims.split('|')[1]) - Date.now() / 1000;
    };
    const { session, personId } = await addMember(database, tenant.id, 'viewer');
    expect(await limit(session)).toBeLessThanOrEqual(60);
    await database
      .pool('admin')
      .query(`update identity.session set expires_at = now() + interval '20 seconds' where person_id = $1`, [
        personId,
      ]);
    expect(await limit(session)).toBeLessThanOrEqual(20);
  });
});

describe('a credential that was revoked', () => {
  it('is refused like one that never existed', async () => {
    for (const kind of ['session', 'api_key'] as const) {
      const { code, message } = await refusalOf(resolveContext(database, kind, 'unknown'));
      expect([code, message]).toEqual(['ZF001', 'the credential is not known, or no longer good']);
    }
  });

  it('is refused for members, keys and tenants alike', async () => {
    const { id, session } = await addMember(database, tenant.id, 'member');
    await asTenant(database, tenant, (client) => client.query('select app.suspend_membership($1)', [id]));
    expect((await refusalOf(resolveContext(database, 'session', session))).code).toBe('ZF001');
    await asTenant(database, tenant, (client) => client.query('select app.reactivate_membership($1)', [id]));
    // who was locked out signs in anew: a session that was open then may be somebody else's by now
    expect((await refusalOf(resolveContext(database, 'session', session))).code).toBe('ZF001');
    const later = await addMember(database, tenant.id, 'member');
    await expect(resolveContext(database, 'session', later.session)).resolves.toBeTruthy();
    await asTenant(database, tenant, (client) =>
      client.query('select app.remove_membership($1)', [later.id]),
    );
    expect((await refusalOf(resolveContext(database, 'session', later.session))).code).toBe('ZF001');

    await asTenant(database, tenant, (client) =>
      client.query('select app.revoke_api_key($1)', [tenant.ids.api_key]),
    );
    expect((await refusalOf(resolveContext(database, 'api_key', tenant.apiKey))).code).toBe('ZF001');
  });

  it('of a tenant that is not active is refused with ZF011', async () => {
    const [suspended] = (await createFullTenants(database, 1)) as [FullTenant];
    await asSystem(database, suspended.id, (client) =>
      client.query('select app.suspend_tenant($1)', [suspended.id]),
    );
    const session = suspended.members.get('owner')?.session ?? '';
    expect((await refusalOf(resolveContext(database, 'session', session))).code).toBe('ZF011');
    expect((await refusalOf(resolveContext(database, 'api_key', suspended.apiKey))).code).toBe('ZF011');
  });

  it('of a kind that is not known is refused with ZF010', async () => {
    const { code } = await refusalOf(
      database.pool('gate').query(`select * from identity.resolve('password', '\\x00')`),
    );
    expect(code).toBe('ZF010');
    for (const credential of ['null', `''`, `'\\x00'`]) {
      const refused = await refusalOf(
        database.pool('gate').query(`select * from identity.resolve('session', ${credential})`),
      );
      expect(refused.code).toBe('ZF001');
    }
  });
});
