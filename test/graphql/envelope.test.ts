import type { PoolClient } from 'pg';
import { pino } from 'pino';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Caller, Context } from '../../server/database/context.ts';
import { createPool } from '../../server/database/pool.ts';
import { ClientGoneError, runStatement } from '../../server/database/run.ts';
import { Statements } from '../../server/database/statements.ts';
import { Transaction } from '../../server/database/transaction.ts';
import { createTestDatabase } from '../support/database.ts';
import { waitUntil } from '../support/wait.ts';
import { contextOf, createTenant } from './tenants.ts';

const database = await createTestDatabase();
const connections = 6;
const pool = createPool(
  {
    connectionString: database.urls.app,
    max: connections,
    statementTimeoutMs: 5_000,
    name: 'app',
  },
  pino({ level: 'silent' }),
);
afterAll(() => pool.end());

const tenants = await Promise.all(
  Array.from({ length: 12 }, (_, i) => createTenant(database, `tenant-${i}`, 20)),
);
/** Good for 60 s. */
const resolveAll = () => Promise.all(tenants.map((tenant) => contextOf(database.pool('gate'), tenant)));
let contexts: Context[] = [];
let resolvedAt = 0;
const renew = async () => {
  resolvedAt = Date.now();
  contexts = await resolveAll();
};
beforeEach(renew);
const admin = database.pool('admin');

let requests = 0;
function callerOf(context: Context, signal?: AbortSignal): Caller {
  return { context, requestId: `request-${requests++}`, traceparent: '', signal };
}

/** The settings of a connection as a statement sees them, and the tenants of the rows that it may read. */
const look = `select current_user::text, current_setting('freehold.tenant_id', true), current_setting('freehold.claims', true),
  current_setting('freehold.request_id', true), (select string_agg(distinct p.tenant_id::text, ',') from app.project p)`;

/** What a request is: an operation that succeeds, or one of those that do not. */
const operations: Record<string, (context: Context, random: number) => Promise<void>> = {
  async read(context) {
    const caller = callerOf(context);
    const { rows } = await runStatement(pool, caller, look, [], true);
    expect(rows).toEqual([
      ['freehold_user', context.tenantId, context.claims, caller.requestId, context.tenantId],
    ]);
  },
  async write(context, random) {
    const { rows } = await runStatement(
      pool,
      callerOf(context),
      'insert into app.project (name) values ($1) returning tenant_id::text, name',
      [`${context.tenantId} ${random}`],
      false,
    );
    expect(rows).toEqual([[context.tenantId, `${context.tenantId} ${random}`]]);
  },
  async transaction(context) {
    const caller = callerOf(context);
    const transaction = await Transaction.begin(pool, caller);
    try {
      const { rows } = await transaction.query(look, [], true);
      expect(rows).toEqual([
        ['freehold_user', context.tenantId, context.claims, caller.requestId, context.tenantId],
      ]);
      await transaction.savepoint(() => transaction.query('select 1 / 0')).catch(() => undefined);
      const again = await transaction.query(look, [], true);
      expect(again.rows).toEqual(rows);
    } finally {
      await transaction.rollback();
    }
  },
};

/** How each of `failures` must fail: an SQLSTATE, or the name of the error. */
const outcomes: Record<string, string> = {
  'a row that breaks a rule': '23514',
  'an error while it runs': '22012',
  'a statement that cannot be parsed': '42703',
  'a parameter that cannot be bound': '22P02',
  'a forged tenant': 'ZF002',
  'a client that goes': 'ClientGoneError',
  'a client that goes inside a transaction': 'ClientGoneError',
};

/** A fifth of all: each leaves the connection in another way. */
const failures: Record<string, (context: Context, random: number) => Promise<unknown>> = {
  'a row that breaks a rule': (context) =>
    runStatement(pool, callerOf(context), 'insert into app.project (name) values ($1)', [''], false),
  'an error while it runs': (context) =>
    runStatement(
      pool,
      callerOf(context),
      'select 1 / (count(*) - 20 - count(*)::int + 20)::int from app.project',
      [],
      true,
    ),
  'a statement that cannot be parsed': (context, random) =>
    runStatement(pool, callerOf(context), `select nonsense_${random % 50} from app.project`, [], true),
  'a parameter that cannot be bound': (context) =>
    runStatement(pool, callerOf(context), 'select $1::uuid', ['not a uuid'], true),
  'a forged tenant': async (context) => {
    const victim = contexts.find((other) => other.tenantId !== context.tenantId) as Context;
    const forged = { ...context, tenantId: victim.tenantId };
    const { rows } = await runStatement(pool, callerOf(forged), 'select name from app.project', [], true);
    throw new Error(`not refused: ${rows.length} rows`);
  },
  'a client that goes': async (context, random) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), random % 12);
    await runStatement(
      pool,
      callerOf(context, controller.signal),
      'select pg_sleep(0.03) from app.project limit 1',
      [],
      true,
    );
    // It may have been faster than its client.
    throw new ClientGoneError();
  },
  'a client that goes inside a transaction': async (context, random) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), random % 12);
    const transaction = await Transaction.begin(pool, callerOf(context, controller.signal));
    try {
      await transaction.query('select pg_sleep(0.03)');
      await transaction.commit();
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
    throw new ClientGoneError();
  },
};

/** What stays on a connection that nobody uses. */
async function remains(client: PoolClient): Promise<unknown> {
  const { rows } = await client.query(
    `select current_user::text as role, coalesce(current_setting('freehold.tenant_id', true), '') as tenant,
       coalesce(current_setting('freehold.claims', true), '') as claims, coalesce(current_setting('freehold.signature', true), '') as signature,
       coalesce(current_setting('freehold.request_id', true), '') as request, pg_current_xact_id_if_assigned()::text as transaction`,
  );
  return rows[0];
}
const nothing = {
  role: 'freehold_app',
  tenant: '',
  claims: '',
  signature: '',
  request: '',
  transaction: null,
};

describe('the request envelope', () => {
  it('leaks no row, setting or role in 6,000 mixed operations of 12 tenants, a fifth of which fail or are cancelled', async () => {
    // Always the same mix (mulberry32).
    let seed = 42;
    const random = (): number => {
      seed = (seed + 0x6d2b79f5) | 0;
      let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return (t ^ (t >>> 14)) >>> 1;
    };
    const done: Record<string, number> = {};
    const one = async (): Promise<void> => {
      if (Date.now() - resolvedAt > 20_000) await renew();
      const context = contexts[random() % contexts.length] as Context;
      const fails = random() % 5 === 0;
      const of = fails ? failures : operations;
      const names = Object.keys(of);
      const name = names[random() % names.length] as string;
      done[name] = (done[name] ?? 0) + 1;
      if (fails) {
        const error = await of[name]?.(context, random()).then(
          () => undefined,
          (reason: Error & { code?: string }) => reason.code ?? reason.name,
        );
        expect([name, error]).toEqual([name, outcomes[name]]);
      } else await of[name]?.(context, random());
      if (random() % 20 === 0) {
        const client = await pool.connect();
        expect(await remains(client)).toEqual(nothing);
        client.release();
      }
    };
    let left = 6_000;
    await Promise.all(
      Array.from({ length: 40 }, async () => {
        while (left-- > 0) await one();
      }),
    );
    for (const name of [...Object.keys(operations), ...Object.keys(failures)])
      expect(done[name], name).toBeGreaterThan(50);

    await waitUntil('every connection is back', () => pool.idleCount === pool.totalCount);
    const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()));
    for (const client of clients) expect(await remains(client)).toEqual(nothing);
    for (const client of clients) client.release();
    const { rows } = await admin.query(
      `select count(*)::int as strays from app.project where name like '%-%-%-%-% %' and name not like tenant_id || ' %'`,
    );
    expect(rows).toEqual([{ strays: 0 }]);
  }, 120_000);

  it('shows other sessions of its login no claims and no signature, in no form of it', async () => {
    const context = contexts[0] as Context;
    const transaction = await Transaction.begin(pool, callerOf(context));
    try {
      await runStatement(pool, callerOf(context), 'select name from app.project', [], true);
      const { rows } = await pool.query('select query from pg_stat_activity where usename = session_user');
      const told = JSON.stringify(rows);
      expect(rows.length).toBeGreaterThan(1);
      for (const secret of [context.claims, context.signature, context.tenantId])
        expect(told).not.toContain(secret);
    } finally {
      await transaction.rollback();
    }
  });

  it('shows a statement without a context no row', async () => {
    await expect(pool.query('select * from app.project')).rejects.toThrow(/permission denied/);
  });

  it('renews a context that the database refuses, once, on reads, writes and empty answers', async () => {
    const tenant = await createTenant(database, 'renewed', 3);
    const statements: [string, unknown[], boolean][] = [
      ['select name from app.project', [], true],
      ['select count(*) from app.project', [], true],
      ['insert into app.project (name) values ($1) returning name', ['new'], false],
      ['update "app"."project" set description = $1 returning name', ['text'], false],
    ];
    for (const [text, values, reads] of statements) {
      const context = await contextOf(database.pool('gate'), tenant);
      await admin.query('update identity.principal set version = version + 1 where tenant_id = $1', [
        tenant.id,
      ]);
      await expect(runStatement(pool, callerOf(context), text, values, reads)).rejects.toMatchObject({
        code: 'ZF002',
      });
      let renewals = 0;
      const renew = () => {
        renewals++;
        return contextOf(database.pool('gate'), tenant);
      };
      const { rows } = await runStatement(pool, { ...callerOf(context), renew }, text, values, reads);
      expect(rows.length, text).toBeGreaterThan(0);
      expect(renewals).toBe(1);
    }
  });

  it('sends a statement again whose columns changed their type', async () => {
    const [context] = contexts as [Context];
    await admin.query(
      'create table app.changing (n integer); insert into app.changing values (1); grant select on app.changing to freehold_user',
    );
    // On every connection, or it proves nothing.
    const read = () =>
      Promise.all(
        Array.from({ length: connections * 3 }, () =>
          runStatement(pool, callerOf(context), 'select n from app.changing', [], true),
        ),
      );
    await read();
    await admin.query('alter table app.changing alter n type text');
    for (const { rows } of await read()) expect(rows).toEqual([['1']]);
    await admin.query('drop table app.changing');
  });

  it('keeps a bounded number of prepared statements on a connection', async () => {
    const [context] = contexts as [Context];
    for (let i = 0; i < Statements.limit * 2; i++) {
      await runStatement(pool, callerOf(context), `select ${i}`, [], true);
    }
    const { rows } = await runStatement(
      pool,
      callerOf(context),
      'select count(*)::int from pg_prepared_statements',
      [],
      true,
    );
    // The context's own, and those that wait for the next message to be closed.
    expect(rows[0]?.[0]).toBeLessThanOrEqual(Statements.limit + 2);
  });

  it('replaces a connection that the server ended, and goes on', async () => {
    const [context] = contexts as [Context];
    const sleeping = runStatement(pool, callerOf(context), 'select pg_sleep(20)', [], true);
    const outcome = expect(sleeping).rejects.toThrow();
    await waitUntil('it sleeps', async () => {
      const { rowCount } = await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'select pg_sleep(20)%' and state = 'active'`,
      );
      return rowCount;
    });
    await outcome;
    await operations.read?.(context, 0);
    expect(pool.totalCount).toBeLessThanOrEqual(connections);
  });

  it('does not run what nobody waits for any more', async () => {
    const [context] = contexts as [Context];
    await expect(
      runStatement(
        pool,
        callerOf(context, AbortSignal.abort()),
        'insert into app.project (name) values ($1)',
        ['ghost'],
        false,
      ),
    ).rejects.toThrow(ClientGoneError);
    const { rowCount } = await admin.query(`select from app.project where name = 'ghost'`);
    expect(rowCount).toBe(0);
  });
});
