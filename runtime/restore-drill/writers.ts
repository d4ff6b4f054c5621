import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool, type PoolClient } from 'pg';
import type { LoginUrls } from '../../db/urls.ts';
import { Failure } from '../failure.ts';
import type { Entry } from './ledger.ts';
import type { DrillTenant } from './tenants.ts';

/** Transactions that keep coming, as requests of a person's key would bring them. */
export interface Writers {
  ledger: readonly Entry[];
  /** Resolves when so many more were acknowledged. */
  more(count: number): Promise<void>;
  /** Resolves when nothing is under way; resume() goes on. */
  pause(): Promise<void>;
  resume(): void;
  /** Ends them, with whatever their last transactions come to. */
  stop(): Promise<void>;
}

interface Context {
  tenant_id: string;
  claims: string;
  signature: string;
}

/** A context lasts 60 s. */
const contextLastsMs = 20_000;

/** As the server does it: the gate resolves a key to a signed context, and freehold_app works in it. */
export function startWriters(urls: LoginUrls, tenants: readonly DrillTenant[], count: number): Writers {
  const gate = new Pool({ connectionString: urls.gate, max: 2 });
  const app = new Pool({ connectionString: urls.app, max: count });
  for (const pool of [gate, app]) {
    pool.on('error', () => {});
    pool.on('connect', (client) => client.on('error', () => {}));
  }
  const ledger: Entry[] = [];
  const stopping = new AbortController();
  let paused: PromiseWithResolvers<void> | undefined;
  let [under, name] = [0, 0];

  const write = async (tenant: DrillTenant, context: Context, mine: Entry[]): Promise<void> => {
    const last =
      mine.length > 0 && Math.random() < 0.6 ? mine[Math.floor(Math.random() * mine.length)] : undefined;
    name += 1;
    const text = `change ${name} ${'x'.repeat(name % 100)}`;
    const began = Date.now();
    const made = await inContext(app, context, (client) =>
      last
        ? client.query('update app.project set name = $1 where id = $2 returning id, version', [
            text,
            last.project,
          ])
        : client.query('insert into app.project (name) values ($1) returning id, version', [text]),
    );
    const acknowledged = Date.now() + 1;
    const [row] = made.rows as { id: string; version: number }[];
    // an operator has deleted it
    if (!row) return void mine.splice(mine.indexOf(last as Entry), 1);
    const entry = {
      tenant: tenant.id,
      project: row.id,
      version: row.version,
      name: text,
      began,
      acknowledged,
    };
    ledger.push(entry);
    if (!last) mine.push(entry);
  };

  const writer = async (tenant: DrillTenant): Promise<void> => {
    const mine: Entry[] = [];
    let context: Context | undefined;
    let resolvedAt = 0;
    while (!stopping.signal.aborted) {
      if (paused) await paused.promise;
      under += 1;
      try {
        if (!context || Date.now() - resolvedAt > contextLastsMs) {
          context = await resolve(gate, tenant.apiKey);
          resolvedAt = Date.now();
        }
        await write(tenant, context, mine);
      } catch (error) {
        // The server is gone, as it must go. Anything else is a fault of the drill.
        if (stopping.signal.aborted || isDisconnection(error)) return;
        throw error;
      } finally {
        under -= 1;
      }
    }
  };
  const running = Promise.all(
    Array.from({ length: count }, (_, n) => writer(tenants[n % tenants.length] as DrillTenant)),
  );
  let failure: unknown;
  running.catch((error: unknown) => {
    failure = error;
  });
  const until = async (condition: () => boolean) => {
    for (const end = Date.now() + 600_000; !condition(); await pause(2)) {
      if (failure) throw failure;
      if (Date.now() > end)
        throw new Failure(
          'too_slow',
          'The writers did not get there in ten minutes.',
          'Give fewer --transactions.',
        );
    }
  };
  const stop = async () => {
    stopping.abort();
    paused?.resolve();
    await running.finally(() => Promise.all([gate.end(), app.end()]));
  };
  let stopped: Promise<void> | undefined;
  return {
    ledger,
    async more(wanted) {
      const target = ledger.length + wanted;
      await until(() => ledger.length >= target);
    },
    async pause() {
      paused = Promise.withResolvers();
      await until(() => under === 0);
    },
    resume() {
      paused?.resolve();
      paused = undefined;
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

async function resolve(gate: Pool, apiKey: string): Promise<Context> {
  const { rows } = await gate.query<Context>(
    `select tenant_id, claims, signature from identity.resolve('api_key', $1)`,
    [hash('sha256', apiKey, 'buffer')],
  );
  return rows[0] as Context;
}

async function inContext<T>(
  app: Pool,
  context: Context,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await app.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    await client.query(
      `select set_config('role', 'freehold_user', true), set_config('freehold.tenant_id', $1, true),
              set_config('freehold.claims', $2, true), set_config('freehold.signature', $3, true)`,
      [context.tenant_id, context.claims, context.signature],
    );
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    broken = error as Error;
    throw error;
  } finally {
    client.release(broken);
  }
}

const isDisconnection = (error: unknown): boolean =>
  ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P01', '57P02', '57P03'].includes(
    (error as { code?: string }).code ?? '',
  ) || /terminated|Connection ended|not queryable/.test((error as Error).message);
