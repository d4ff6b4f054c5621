import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from '../runtime/log.ts';

/** The sign "a dispatcher sleeps": see db/delivery/wake.sql, which takes the same lock. */
const SLEEP_LOCK = 7_100_040;
/** Writers are about to commit: look again soon. */
const DROWSY_MS = 20;

const CLAIM = `
  select count(*)::int as jobs
    from (select array_agg(row(c.identifier, c.payload, null, null, c.max_attempts, c.job_key, null, null)::graphile_worker.job_spec) as specs
            from platform.claim_deliveries($1, $2, $3::interval, $4) c) claimed
   cross join lateral graphile_worker.add_jobs(claimed.specs, true)
   where claimed.specs is not null`;

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
  /** Looks now: a batch was finished, there is room. */
  nudge(): void;
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
  const nudge = () => {
    state.pending = true;
    state.wake();
  };
  return {
    nudge,
    async stop() {
      state.stopped = true;
      nudge();
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
      if (failures > 0) options.log.info('dispatching again');
      failures = 0;
      await dispatch(client, options, state);
    } catch (error) {
      failures += 1;
      options.log.warn({ err: error }, 'the dispatcher lost its connection');
      await rest(state, Math.min(5_000, 100 * 2 ** failures));
    } finally {
      await Promise.race([client.end().catch(() => {}), pause(1_000)]);
    }
  }
}

async function dispatch(client: Client, options: DispatchOptions, state: Attention): Promise<void> {
  let resting: Rest | undefined;
  while (!state.stopped) {
    state.pending = false;
    const jobs = await claim(client, options);
    if (jobs > 0) {
      if (resting === 'asleep') await client.query('select pg_advisory_unlock($1)', [SLEEP_LOCK]);
      resting = undefined;
      continue;
    }
    if (resting === undefined) {
      resting = await lieDown(client);
      // Whoever sleeps has looked once more: what was committed before, nobody tells of.
      if (resting) continue;
      await rest(state, DROWSY_MS);
      continue;
    }
    await rest(state, await dueIn(client, options.pollMs ?? 1_000));
    // The other sleeper may be gone, and writers would notify nobody.
    if (resting === 'beside') resting = undefined;
  }
}

/** asleep: we hold the lock. beside: another dispatcher does, and its notifications wake us too. */
type Rest = 'asleep' | 'beside';

/** @returns undefined while transactions that have written deliveries are still open */
async function lieDown(client: Client): Promise<Rest | undefined> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
    SLEEP_LOCK,
  ]);
  if (rows[0]?.locked) return 'asleep';
  // Writers hold it shared, a sleeper does not.
  const shared = await client.query<{ locked: boolean }>('select pg_try_advisory_lock_shared($1) as locked', [
    SLEEP_LOCK,
  ]);
  if (!shared.rows[0]?.locked) return 'beside';
  await client.query('select pg_advisory_unlock_shared($1)', [SLEEP_LOCK]);
  return undefined;
}

async function claim(client: Client, { leaseMs, inFlight }: DispatchOptions): Promise<number> {
  const { rows } = await client.query<{ jobs: number }>({
    name: 'claim',
    text: CLAIM,
    values: [1_000, 100, `${leaseMs} ms`, inFlight],
  });
  return rows[0]?.jobs ?? 0;
}

/** Milliseconds until the next retry or lane is due, at most `mostMs`. */
async function dueIn(client: Client, mostMs: number): Promise<number> {
  const { rows } = await client.query<{ ms: number }>({
    name: 'next_due',
    text: 'select platform.next_due($1::interval) as ms',
    values: [`${mostMs} ms`],
  });
  return Math.max(1, rows[0]?.ms ?? mostMs);
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
