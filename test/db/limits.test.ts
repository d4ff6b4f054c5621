import { beforeAll, describe, expect, it } from 'vitest';
import type { TestContext } from '../support/actors.ts';
import { asContext, asOperator, asTenant, refusal, refusalOf, resolveContext } from '../support/actors.ts';
import { open, pidOf, race, waits } from '../support/concurrency.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestTenant } from '../support/tenants.ts';
import { addMember, createTenant } from '../support/tenants.ts';

/* Real connections that meet each other. Where one must wait for the other, the test waits until it does. */
const database = await createTestDatabase();
const admin = database.pool('admin');
const contextOf = (tenant: TestTenant) =>
  resolveContext(database, 'session', tenant.members.get('owner')?.session ?? '');

describe('a limit of the plan', () => {
  let tenant: TestTenant;
  let context: TestContext;
  beforeAll(async () => {
    tenant = await createTenant(database, { plan: 'free' });
    context = await contextOf(tenant);
  });

  it('of projects holds when twenty are created at once', async () => {
    const create = () =>
      asContext(database, context, (client) => client.query(`insert into app.project (name) values ('p')`));
    expect(await race(Array.from({ length: 20 }, create))).toEqual({ done: 3, codes: ['ZF007'] });
    const { rows } = await admin.query('select from app.project where tenant_id = $1', [tenant.id]);
    expect(rows).toHaveLength(3);
  });

  it('of seats holds when twenty are invited at once, and accepting takes no second seat', async () => {
    const invite = (n: number) =>
      asContext(database, context, (client) =>
        client.query(`insert into app.invitation (email, role) values ($1, 'viewer')`, [`p${n}@example.com`]),
      );
    expect(await race(Array.from({ length: 20 }, (_, n) => invite(n)))).toEqual({
      done: 2,
      codes: ['ZF007'],
    });
    const { rows } = await admin.query(`select id from app.invitation where tenant_id = $1`, [tenant.id]);
    const accept = (id: string) =>
      asOperator(database, tenant.id, (client) =>
        client.query(`select app.accept_invitation($1, 'test', $2, 'x')`, [id, id]),
      );
    expect(await race([...rows, ...rows].map(({ id }) => accept(id)))).toEqual({ done: 2, codes: ['ZF005'] });
    expect((await refusalOf(invite(99))).code).toBe('ZF007');
  });
});

describe('what a tenant could make without end', () => {
  it('has an end, also when it is made at once', async () => {
    const busy = await createTenant(database);
    const mine = await contextOf(busy);
    const request = () =>
      asContext(database, mine, (client) => client.query(`insert into app.report (kind) values ('members')`));
    expect(await race(Array.from({ length: 14 }, request))).toEqual({ done: 10, codes: ['ZF007'] });
    await asContext(database, mine, async (client) => {
      await client.query(
        `select app.create_api_key('key ' || n, '{project:read}') from generate_series(1, 200) n`,
      );
      const { code, message } = await refusal(
        client,
        `select app.create_api_key('one more', '{project:read}')`,
      );
      expect([code, message]).toEqual(['ZF007', 'a tenant has at most 200 api keys that are active']);
      // what was revoked makes room
      await client.query('select app.revoke_api_key(id) from app.api_key limit 1');
      await client.query(`select app.create_api_key('one more', '{project:read}')`);
    });
  });
});

describe('the last owner', () => {
  const stepDown = `update app.membership set role = 'viewer' where id = platform.claim(1)::uuid`;
  const ownersOf = async (tenant: TestTenant) => {
    const { rows } = await admin.query(
      `select from app.membership where tenant_id = $1 and role = 'owner' and status = 'active'`,
      [tenant.id],
    );
    return rows.length;
  };

  it('stays when two owners step down at once', async () => {
    const tenant = await createTenant(database);
    const { session } = await addMember(database, tenant.id, 'owner');
    const first = await open(database, await contextOf(tenant));
    const second = await open(database, await resolveContext(database, 'session', session));
    await first.client.query(stepDown);
    const pid = await pidOf(second.client);
    const late = refusalOf(second.client.query(stepDown));
    await waits(database, pid);
    await first.end('commit');
    expect((await late).code).toBe('ZF009');
    await second.end('rollback');
    expect(await ownersOf(tenant)).toBe(1);
  });

  it.each(['suspend', 'remove'])('cannot %s themselves', async (verb) => {
    const tenant = await createTenant(database);
    const { code } = await refusalOf(
      asTenant(database, tenant, (client) =>
        client.query(`select app.${verb}_membership($1)`, [tenant.members.get('owner')?.id]),
      ),
    );
    expect(code).toBe('ZF009');
  });
});

describe('metering', () => {
  it('loses nothing of ten connections at once', async () => {
    const tenant = await createTenant(database);
    const context = await contextOf(tenant);
    await Promise.all(
      Array.from({ length: 200 }, () =>
        asContext(database, context, (client) => client.query(`select app.use_feature('search', 3)`)),
      ),
    );
    const { rows } = await asContext(database, context, (client) =>
      client.query('select feature, quantity from app.feature_usage_by_day'),
    );
    expect(rows).toEqual([{ feature: 'search', quantity: '600' }]);
    const events = await admin.query(`select from app.event where tenant_id = $1 and type = 'feature.used'`, [
      tenant.id,
    ]);
    expect(events.rowCount).toBe(200);
  });

  it('does not have one connection wait for another', async () => {
    const context = await contextOf(await createTenant(database));
    const transactions = await Promise.all(Array.from({ length: 6 }, () => open(database, context)));
    const slots = new Map<number, (typeof transactions)[number]>();
    for (const transaction of transactions) slots.set((await pidOf(transaction.client)) % 16, transaction);
    expect(slots.size).toBeGreaterThan(1);
    // each while all before it are still open: the login's lock_timeout would end one that waits
    for (const { client } of slots.values()) await client.query(`select app.use_feature('search')`);
    for (const { end } of transactions) await end('commit');
  });
});
