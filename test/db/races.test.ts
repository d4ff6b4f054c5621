import type { PoolClient } from 'pg';
import { describe, expect, it } from 'vitest';
import type { TestContext } from '../support/actors.ts';
import { asContext, asOperator, asSystem, asTenant, refusalOf, resolveContext } from '../support/actors.ts';
import type { OpenTransaction } from '../support/concurrency.ts';
import { open, pidOf, race, waits } from '../support/concurrency.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestTenant } from '../support/tenants.ts';
import { addMember, createTenant } from '../support/tenants.ts';
import { waitUntil } from '../support/wait.ts';

/* Real connections that meet each other. Where one must wait for the other, the test waits until it does. */
const database = await createTestDatabase();
const admin = database.pool('admin');
const contextOf = (tenant: TestTenant) =>
  resolveContext(database, 'session', tenant.members.get('owner')?.session ?? '');

describe('numbers of invoices', () => {
  it('have no gap and no double, although every third transaction is given up', async () => {
    const [one, two] = await Promise.all([
      createTenant(database, { plan: 'team' }),
      createTenant(database, { plan: 'team' }),
    ]);
    const issue = (tenant: TestTenant, abort: boolean) =>
      asOperator(
        database,
        tenant.id,
        async (client) => {
          const { rows } = await client.query(
            `insert into app.invoice (subscription_id, currency, period_start, period_end)
             select id, 'EUR', now(), now() from app.subscription where tenant_id = $1 returning id`,
            [tenant.id],
          );
          await client.query('select app.finalize_invoice($1)', [rows[0].id]);
        },
        { rollback: abort },
      );
    await Promise.all(Array.from({ length: 60 }, (_, n) => issue(n % 2 === 0 ? one : two, n % 3 === 0)));
    for (const tenant of [one, two]) {
      const { rows } = await admin.query(
        `select array_agg(number order by number) as numbers from app.invoice where tenant_id = $1`,
        [tenant.id],
      );
      const expected = Array.from({ length: 20 }, (_, n) => `INV-${String(n + 1).padStart(6, '0')}`);
      expect(rows[0].numbers).toEqual(expected);
    }
  });
});

describe('a double upgrade', () => {
  const upgrade = (context: TestContext, plan: string, version = '') =>
    asContext(database, context, (client) =>
      client.query(`select app.upgrade_subscription(id, '${plan}'${version}) from app.subscription`),
    );

  it('is done once and charged once; the second is told that the plan is there', async () => {
    const tenant = await createTenant(database, { plan: 'team', paid: true });
    const context = await contextOf(tenant);
    const outcome = await race(Array.from({ length: 8 }, () => upgrade(context, 'business')));
    expect(outcome).toEqual({ done: 1, codes: ['ZF015'] });
    const { rows } = await admin.query('select from app.invoice where tenant_id = $1', [tenant.id]);
    expect(rows).toHaveLength(2);
  });

  it('with the version that was read is refused as stale', async () => {
    const tenant = await createTenant(database, { plan: 'team', paid: true });
    const context = await contextOf(tenant);
    const { rows } = await admin.query('select version from app.subscription where tenant_id = $1', [
      tenant.id,
    ]);
    const outcome = await race(
      ['business', 'enterprise', 'enterprise'].map((plan) => upgrade(context, plan, `, ${rows[0].version}`)),
    );
    expect(outcome).toEqual({ done: 1, codes: ['ZF006'] });
  });

  it('by a function that was called twice takes each step of a lifecycle once', async () => {
    const tenant = await createTenant(database, { plan: 'team', paid: true });
    const context = await contextOf(tenant);
    const outcome = await race(
      Array.from({ length: 6 }, () =>
        asContext(database, context, (client) =>
          client.query('select app.pause_subscription(id) from app.subscription'),
        ),
      ),
    );
    expect(outcome).toEqual({ done: 1, codes: ['ZF005'] });
  });

  it('of two workers ends a trial once', async () => {
    const tenant = await createTenant(database, { plan: 'team' });
    const outcome = await race(
      Array.from({ length: 4 }, () =>
        asSystem(database, tenant.id, (client) =>
          client.query('select app.activate_subscription(id) from app.subscription'),
        ),
      ),
    );
    expect(outcome).toEqual({ done: 1, codes: ['ZF005'] });
    const { rows } = await admin.query('select from app.invoice where tenant_id = $1', [tenant.id]);
    expect(rows).toHaveLength(1);
  });
});

describe('lines of an invoice', () => {
  const draft = async (tenant: TestTenant): Promise<string> =>
    asOperator(database, tenant.id, async (client) => {
      const { rows } = await client.query(
        `insert into app.invoice (subscription_id, currency, period_start, period_end)
         select id, 'EUR', now(), now() from app.subscription where tenant_id = $1 returning id`,
        [tenant.id],
      );
      return rows[0].id;
    });
  const addLine = async (client: PoolClient, id: string) => {
    await client.query(
      `insert into app.invoice_line (invoice_id, description, amount, period_start, period_end) values ($1, 'x', 5, now(), now())`,
      [id],
    );
    await client.query('update app.invoice set total = total + 5 where id = $1', [id]);
  };
  const begun = async (tenant: TestTenant): Promise<OpenTransaction> => {
    const transaction = await open(database);
    await transaction.client.query(`select platform.enter_as_system($1, 'test')`, [tenant.id]);
    return transaction;
  };

  it('are in before an invoice is finalized', async () => {
    const tenant = await createTenant(database, { plan: 'team' });
    const id = await draft(tenant);
    const [adding, finalizing] = [await begun(tenant), await begun(tenant)];
    await addLine(adding.client, id);
    const pid = await pidOf(finalizing.client);
    const late = finalizing.client.query('select total from app.finalize_invoice($1)', [id]);
    await waits(database, pid);
    await adding.end('commit');
    expect((await late).rows).toEqual([{ total: '5' }]);
    await finalizing.end('commit');
  });

  it('or not at all', async () => {
    const tenant = await createTenant(database, { plan: 'team' });
    const id = await draft(tenant);
    const [adding, finalizing] = [await begun(tenant), await begun(tenant)];
    await finalizing.client.query('select total from app.finalize_invoice($1)', [id]);
    const pid = await pidOf(adding.client);
    const late = refusalOf(addLine(adding.client, id));
    await waits(database, pid);
    await finalizing.end('commit');
    expect((await late).code).toBe('ZF008');
  });
});

describe('a revocation that races with writes', () => {
  it('lets no write through that begins after it', async () => {
    const tenant = await createTenant(database, { plan: 'enterprise' });
    const { id, session } = await addMember(database, tenant.id, 'member');
    const context = await resolveContext(database, 'session', session);
    let revoked = false;
    let after = 0;
    const writer = async () => {
      for (let n = 0; n < 400; n += 1) {
        const late = revoked;
        try {
          await asContext(database, context, (client) =>
            client.query('insert into app.project (name) values ($1)', [late ? 'late' : 'early']),
          );
        } catch (error) {
          // at the policy, or, for a write that was under way, at its record
          expect((error as { code: string }).code).toMatch(/^(42501|ZF002)$/);
          if (late) after += 1;
          if (after >= 20) return;
        }
      }
    };
    const writers = Array.from({ length: 4 }, writer);
    await waitUntil('writes are under way', async () => {
      const { rowCount } = await admin.query('select from app.project where tenant_id = $1', [tenant.id]);
      return (rowCount ?? 0) > 5;
    });
    await asTenant(database, tenant, (client) => client.query('select app.suspend_membership($1)', [id]));
    revoked = true;
    await Promise.all(writers);
    expect(after).toBeGreaterThanOrEqual(20);
    const { rows } = await admin.query(`select from app.project where tenant_id = $1 and name = 'late'`, [
      tenant.id,
    ]);
    expect(rows).toEqual([]);
  });
});
