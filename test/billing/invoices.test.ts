import type { PoolClient } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { asMember, asOperator, asSystem, refusal, refusalOf } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestTenant } from '../support/tenants.ts';
import { createTenant } from '../support/tenants.ts';

const database = await createTestDatabase();
let tenant: TestTenant;

beforeAll(async () => {
  tenant = await createTenant(database, { plan: 'team', paid: true, members: ['billing', 'member'] });
});

/** A draft with its lines, made by hand: only functions make them otherwise. */
async function draft(client: PoolClient, total: number, amounts: number[]): Promise<string> {
  const { rows } = await client.query(
    `insert into app.invoice (subscription_id, currency, total, period_start, period_end)
     select id, 'EUR', $1, current_period_start, current_period_end from app.subscription where tenant_id = platform.tenant_id() returning id`,
    [total],
  );
  await client.query(
    `insert into app.invoice_line (invoice_id, description, amount, period_start, period_end)
     select $1, 'line', a, now(), now() from unnest($2::bigint[]) a`,
    [rows[0].id, amounts],
  );
  return rows[0].id;
}

describe('the total of an invoice', () => {
  it('is the sum of its lines, or the transaction does not commit', async () => {
    for (const [total, amounts] of [
      [100, [60, 41]],
      [100, []],
      [0, [1]],
      [-1, [1]],
    ] as [number, number[]][]) {
      const { code, constraint } = await refusalOf(
        asOperator(database, tenant.id, (client) => draft(client, total, amounts)),
      );
      expect([code, constraint]).toEqual(['23514', 'invoice_total_equals_lines']);
    }
    for (const [total, amounts] of [
      [100, [60, 40]],
      [0, []],
      [-5, [10, -15]],
    ] as [number, number[]][]) {
      await asOperator(database, tenant.id, (client) => draft(client, total, amounts));
    }
  });

  it('holds from the side of the lines as well', async () => {
    const id = await asOperator(database, tenant.id, (client) => draft(client, 100, [60, 40]));
    for (const change of [
      `delete from app.invoice_line where invoice_id = '${id}' and amount = 40`,
      `update app.invoice_line set amount = 41 where invoice_id = '${id}' and amount = 40`,
      `insert into app.invoice_line (invoice_id, description, amount, period_start, period_end) values ('${id}', 'x', 1, now(), now())`,
      `update app.invoice set total = 99 where id = '${id}'`,
    ]) {
      const { code } = await refusalOf(asOperator(database, tenant.id, (client) => client.query(change)));
      expect([change, code]).toEqual([change, '23514']);
    }
    await asOperator(database, tenant.id, async (client) => {
      await client.query(`update app.invoice_line set amount = 41 where invoice_id = $1 and amount = 40`, [
        id,
      ]);
      await client.query(`update app.invoice set total = 101 where id = $1`, [id]);
    });
  });
});

describe('a finalized invoice', () => {
  let id: string;
  beforeAll(async () => {
    id = await asOperator(database, tenant.id, (client) => draft(client, 100, [60, 40]));
    await asSystem(database, tenant.id, (client) => client.query('select app.finalize_invoice($1)', [id]));
  });

  it('has a number, the day it was issued and the day it is due', async () => {
    const { rows } = await database
      .pool('admin')
      .query(`select number, due_at - issued_at = interval '14 days' as due from app.invoice where id = $1`, [
        id,
      ]);
    expect(rows).toEqual([{ number: expect.stringMatching(/^INV-\d{6}$/), due: true }]);
  });

  it('has a number of seven digits when it is the millionth of its tenant', async () => {
    await database
      .pool('admin')
      .query(`update platform.counter set value = 999998 where tenant_id = $1 and name = 'invoice'`, [
        tenant.id,
      ]);
    const numbers = [];
    for (const total of [1, 2]) {
      const next = await asOperator(database, tenant.id, (client) => draft(client, total, [total]));
      await asSystem(database, tenant.id, (client) =>
        client.query('select app.finalize_invoice($1)', [next]),
      );
      const { rows } = await database
        .pool('admin')
        .query('select number from app.invoice where id = $1', [next]);
      numbers.push(rows[0].number);
    }
    expect(numbers).toEqual(['INV-999999', 'INV-1000000']);
  });

  it('never changes, in none of its columns', async () => {
    await asOperator(
      database,
      tenant.id,
      async (client) => {
        for (const change of [
          `number = 'INV-999999'`,
          'number = null',
          'total = 101',
          `currency = 'USD'`,
          `period_start = now() - interval '1 year'`,
          `period_end = now() + interval '1 year'`,
          'issued_at = null',
          `due_at = now() + interval '1 year'`,
        ]) {
          const { code } = await refusal(client, `update app.invoice set ${change} where id = $1`, [id]);
          expect([change, code]).toEqual([change, 'ZF008']);
        }
      },
      { rollback: true },
    );
  });

  it('keeps its lines', async () => {
    await asOperator(
      database,
      tenant.id,
      async (client) => {
        for (const change of [
          `update app.invoice_line set amount = 1 where invoice_id = '${id}'`,
          `update app.invoice_line set description = 'x' where invoice_id = '${id}'`,
          `delete from app.invoice_line where invoice_id = '${id}'`,
          `insert into app.invoice_line (invoice_id, description, amount, period_start, period_end) values ('${id}', 'x', 0, now(), now())`,
        ]) {
          expect([change, (await refusal(client, change)).code]).toEqual([change, 'ZF008']);
        }
        const other = await draft(client, 1, [1]);
        for (const change of [
          `update app.invoice_line set invoice_id = '${id}' where invoice_id = '${other}'`,
          `update app.invoice_line set invoice_id = '${other}' where invoice_id = '${id}'`,
          `update app.invoice_line set tenant_id = uuidv7() where invoice_id = '${other}'`,
        ]) {
          expect([change, (await refusal(client, change)).code]).toEqual([
            change,
            expect.stringMatching(/^ZF00[28]$/),
          ]);
        }
      },
      { rollback: true },
    );
  });

  it('still becomes paid, void or uncollectible, and its number stays', async () => {
    await asOperator(
      database,
      tenant.id,
      async (client) => {
        for (const [verb, status] of [
          ['pay', 'paid'],
          ['void', 'void'],
          ['mark_uncollectible', 'uncollectible'],
        ]) {
          await client.query('savepoint verb');
          const { rows } = await client.query(
            `select status, number is not null as numbered, (paid_at is not null) = ($2 = 'pay') as paid from app.${verb}_invoice($1)`,
            [id, verb],
          );
          expect(rows).toEqual([{ status, numbered: true, paid: true }]);
          await client.query('rollback to savepoint verb');
        }
      },
      { rollback: true },
    );
  });

  it('is paid, voided or given up by the system alone', async () => {
    for (const role of ['owner', 'billing', 'member'] as const) {
      if (role === 'member') continue;
      await asMember(database, tenant, role, async (client) => {
        for (const verb of ['pay', 'void', 'mark_uncollectible', 'finalize']) {
          expect((await refusal(client, `select app.${verb}_invoice($1)`, [id])).code).toBe('ZF003');
        }
      });
    }
    await asMember(database, tenant, 'member', async (client) => {
      expect((await client.query('select from app.invoice')).rowCount).toBe(0);
      expect((await client.query('select from app.invoice_line')).rowCount).toBe(0);
    });
  });
});
