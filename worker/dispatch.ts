import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from '../runtime/log.ts';

/** Deliveries a look may take, and deliveries a batch. */
const MOST = 1_000;
const BATCH_SIZE = 100;
/** Writers are about to commit: look again soon, and less often the longer they take. */
const DROWSY_MS = [2, 4, 8, 16, 20];

/**
 * For connections of jobs and deliveries. What they note may be forgotten when PostgreSQL itself is killed, at most 0.6 s of it and never out of order:
 * a message is then sent again under its webhook-id, as it is when a worker is killed. Events and deliveries are committed with the changes that they
 * tell of, and those durably; so is what a task changes in a tenant (worker/context.ts).
 */
export const LAZY_COMMITS = '-c synchronous_commit=off';

export interface DispatchOptions {
  url: string;
  log: Logger;
  leaseMs: number;
  /** Batches that may be out at a time, over all workers. */
  inFlight: number;
  /** Retries that fall due, and what a sleeper that died was to be woken for, are found by then. Default 1 s. */
  pollMs?: number;
}

export interface Dispatcher {
  /** Resolves when nothing more is claimed. What was claimed is left to the jobs. */
  stop(): Promise<void>;
}

/**
 * Turns due deliveries into jobs: one round trip and one transaction a round, however many tenants are due. Any number of
 * dispatchers may run. Rests while nothing is due, and is woken by a writer. Reconnects for ever.
 */
export function startDispatcher(options: DispatchOptions): Dispatcher {
  const state: Attention = { stopped: false, pending: false, wake: () => {} };
  const running = keepDispatching(options, state);
  return {
    async stop() {
      state.stopped = true;
      state.wake();
      await running;
    },
  };
}

interface Attention {
  stopped: boolean;
  /** Something happened since the last look. */
  pending: boolean;
  wake: () => void;
}

async function keepDispatching(options: DispatchOptions, state: Attention): Promise<void> {
  let failures = 0;
  while (!state.stopped) {
    const client = new Client({
      connectionString: options.url,
      application_name: 'freehold dispatcher',
      options: LAZY_COMMITS,
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      query_timeout: 60_000,
    });
    const attend = () => {
      state.pending = true;
      state.wake();
    };
    client.on('notification', attend);
    // The next query fails: it need only be made at once.
    client.on('error', attend);
    try {
      await client.connect();
      await client.query('listen freehold_delivery');
      await dispatch(client, options, state, () => {
        if (failures > 0) options.log.info('dispatching again');
        failures = 0;
      });
    } catch (error) {
      failures += 1;
      options.log.warn({ err: error }, 'the dispatcher lost its connection');
      await rest(state, Math.min(5_000, 100 * 2 ** failures));
    } finally {
      await Promise.race([client.end().catch(() => {}), pause(1_000)]);
    }
  }
}

/** @param works called after each look that succeeded */
async function dispatch(
  client: Client,
  options: DispatchOptions,
  state: Attention,
  works: () => void,
): Promise<void> {
  let resting: string | null = null;
  let drowsy = 0;
  while (!state.stopped) {
    state.pending = false;
    const look = await lookOnce(client, options, resting);
    resting = look.resting;
    works();
    if (look.jobs > 0 || resting) drowsy = 0;
    if (look.jobs > 0) continue;
    if (resting) await rest(state, Math.max(1, look.due_in));
    else {
      await rest(state, DROWSY_MS[drowsy] as number);
      drowsy = Math.min(drowsy + 1, DROWSY_MS.length - 1);
    }
  }
}

interface Look {
  jobs: number;
  resting: string | null;
  /** Milliseconds until the next retry or lane is due. */
  due_in: number;
}

/** See platform.dispatch. */
async function lookOnce(
  client: Client,
  { leaseMs, inFlight, pollMs = 1_000 }: DispatchOptions,
  resting: string | null,
): Promise<Look> {
  const { rows } = await client.query<Look>({
    name: 'dispatch',
    text: 'select * from platform.dispatch($1, $2, $3::interval, $4, $5::interval, $6)',
    values: [MOST, BATCH_SIZE, `${leaseMs} ms`, inFlight, `${pollMs} ms`, resting],
  });
  return rows[0] as Look;
}

async function rest(state: Attention, ms: number): Promise<void> {
  if (state.pending || state.stopped) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    state.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  state.wake = () => {};
}
