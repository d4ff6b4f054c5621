import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import { Pool } from 'pg';
import { Failure } from '../../runtime/failure.ts';
import { inTransaction } from '../transaction.ts';
import type { LoginUrls } from '../urls.ts';
import type { Profile } from './profile.ts';
import type { Site } from './traffic-site.ts';

/** One transaction of the traffic. Times are of performance.now(). */
export interface Sample {
  /** When it should have begun: one that waits for a connection has waited. */
  due: number;
  end: number;
  /** SQLSTATE and message. */
  error?: string;
}

export interface Traffic {
  samples: readonly Sample[];
  /**
   * Resolves when connections are open, contexts minted and nobody waits for either, and forgets what was until then.
   * @throws Failure traffic_refused when transactions fail
   */
  warm(): Promise<void>;
  /** Lets what is under way end. */
  stop(): Promise<void>;
}

interface Context {
  tenant: string;
  claims: string;
  signature: string;
  until: number;
}

/** A context is good for 60 s, and is used for half of them: a transaction that has waited no longer than the other half still has a good one. */
export const renewAfterMs = 30_000;

/**
 * Traffic as the server makes it: the login freehold_gate resolves sessions into signed contexts, and freehold_app works in them; now
 * and then the worker's login pays an invoice. Transactions begin at a fixed rate, whatever becomes of those before: who waits is counted
 * with the whole time of waiting.
 */
export async function startTraffic(
  urls: LoginUrls,
  site: Site,
  traffic: Profile['traffic'],
): Promise<Traffic> {
  const gate = quietPool(urls.gate, 2);
  const app = quietPool(urls.app, traffic.connections);
  const worker = quietPool(urls.worker, 2);
  const contexts = new Map<string, Context>();
  const samples: Sample[] = [];
  const running = new Set<Promise<void>>();
  let over = false;

  const contextOf = async (tenant: string): Promise<Context> => {
    const known = contexts.get(tenant);
    if (known && known.until > performance.now()) return known;
    const { rows } = await gate.query<{ claims: string; signature: string }>(
      `select claims, signature from identity.resolve('session', $1)`,
      [site.sessions.get(tenant)],
    );
    const [row] = rows;
    if (!row) throw new Error('the session does not resolve');
    const context = { tenant, ...row, until: performance.now() + renewAfterMs };
    contexts.set(tenant, context);
    return context;
  };
  const asMember = async (work: (client: PoolClient, tenant: string) => Promise<unknown>): Promise<void> => {
    const tenant = site.pick();
    const context = await contextOf(tenant);
    await inTransaction(app, async (client) => {
      await client.query(
        `select set_config('role', 'freehold_user', true), set_config('freehold.tenant_id', $1, true),
           set_config('freehold.claims', $2, true), set_config('freehold.signature', $3, true)`,
        [context.tenant, context.claims, context.signature],
      );
      await work(client, tenant);
    });
  };
  const payInvoice = async (): Promise<void> => {
    const invoice = site.openInvoices.pop();
    if (!invoice) return await asMember(write);
    await inTransaction(worker, async (client) => {
      await client.query(
        `select platform.enter_as_system($1, 'rehearsal'), set_config('role', 'freehold_user', true)`,
        [invoice.tenant],
      );
      await client.query('select app.pay_invoice($1)', [invoice.id]);
    });
  };
  let turn = 0;
  const one = async (): Promise<void> => {
    turn += 1;
    if (Math.floor(turn * traffic.writes) === Math.floor((turn - 1) * traffic.writes))
      return await asMember(read);
    return await (turn % 2 ? payInvoice() : asMember(write));
  };
  const begin = (due: number): void => {
    const ran = one()
      .then(() => samples.push({ due, end: performance.now() }))
      .catch((error: unknown) => {
        const { code = '', message } = error as { code?: string; message: string };
        samples.push({ due, end: performance.now(), error: `${code} ${message}`.trim() });
      })
      .then(() => void running.delete(ran));
    running.add(ran);
  };

  const start = performance.now();
  let begun = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    for (; begun < ((now - start) / 1000) * traffic.perSecond; begun += 1)
      begin(start + (begun * 1000) / traffic.perSecond);
  }, 5);
  const longReads = keepReading(
    () => over,
    traffic.longReadMs,
    (held) => asMember(held),
  );
  return {
    samples,
    async warm() {
      const limit = performance.now() + 60_000;
      // as many as there are connections have ended, and few are under way
      while (samples.length < traffic.connections * 3 || running.size > traffic.connections / 2) {
        if (performance.now() > limit) throw overloaded(traffic);
        await pause(10);
      }
      const failed = samples.find(({ error }) => error);
      if (failed)
        throw new Failure(
          'traffic_refused',
          `The traffic fails before any migration has run: ${failed.error}.`,
          'It is that of the present code: rehearse from a migration that this code works with.',
        );
      samples.length = 0;
    },
    async stop() {
      clearInterval(timer);
      over = true;
      await Promise.all([...running, longReads]);
      await Promise.all([gate.end(), app.end(), worker.end()]);
    },
  };
}

const read = async (client: PoolClient, tenant: string): Promise<unknown> => {
  const lists = [
    `select id, name, status, lead_id, version from app.project where tenant_id = $1 order by id desc limit 50`,
    `select id, number, total, status, due_at from app.invoice where tenant_id = $1 order by id desc limit 50`,
    `select id, type, entity_id, data from app.event where tenant_id = $1 order by id desc limit 50`,
    `select id, invoice_id, amount from app.invoice_line where tenant_id = $1 order by id desc limit 50`,
    `select id, name, role, status from app.membership where tenant_id = $1 order by id desc limit 50`,
  ];
  return await client.query(lists[Math.floor(Math.random() * lists.length)] as string, [tenant]);
};

const write = async (client: PoolClient): Promise<unknown> => {
  switch (Math.floor(Math.random() * 3)) {
    case 0:
      return await client.query('insert into app.project (name) values ($1)', [
        `Live ${randomBytes(4).toString('hex')}`,
      ]);
    case 1:
      return await client.query(`select app.use_feature('rehearsal', 1)`);
    default:
      return await client.query(
        `update app.project set name = $1
         where id = (select p.id from app.project p where p.status = 'active' order by p.id desc offset $2 limit 1)`,
        [`Renamed ${randomBytes(4).toString('hex')}`, Math.floor(Math.random() * 50)],
      );
  }
};

function overloaded({ perSecond }: Profile['traffic']): Failure {
  return new Failure(
    'traffic_overloads',
    `This server does not keep up with ${perSecond} transactions a second.`,
    'Lower traffic.perSecond in the profile: while transactions queue, nothing can be said of migrations.',
  );
}

/** One reader after another whose transaction stays open: behind them a strong lock waits, and behind it everybody. */
async function keepReading(
  isOver: () => boolean,
  milliseconds: number,
  asMember: (work: (client: PoolClient, tenant: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  while (milliseconds > 0 && !isOver()) {
    await asMember(async (client, tenant) => {
      for (const table of ['project', 'invoice', 'event'])
        await client.query(`select id from app.${table} where tenant_id = $1 limit 1`, [tenant]);
      await pause(milliseconds);
    }).catch(() => {});
    await pause(milliseconds);
  }
}

/** A pool whose connections may be ended with their database. */
function quietPool(connectionString: string, max: number): Pool {
  const pool = new Pool({ connectionString, max, application_name: 'freehold rehearsal traffic' });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
