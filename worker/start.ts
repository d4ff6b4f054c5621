import { Pool } from 'pg';
import { checkDatabase } from '../db/check.ts';
import type { Config } from '../runtime/config.ts';
import { urlOf } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { createAgent } from './deliver/target.ts';
import type { Dispatcher } from './dispatch.ts';
import { startDispatcher } from './dispatch.ts';
import { startHeartbeat } from './heartbeat.ts';
import { startJobs } from './jobs.ts';
import { taskList } from './tasks/list.ts';

/** How long a silent worker keeps what it has taken. Milliseconds. */
export interface Timing {
  /** Of a batch of deliveries. Renewed while it is being sent. */
  leaseMs: number;
  /** Of a process; then its jobs are given back. */
  deadAfterMs: number;
}

const timing: Timing = { leaseMs: 30_000, deadAfterMs: 30_000 };

export interface RunningWorker {
  /** Claims nothing more, lets what is under way end or aborts it in time, and leaves no job locked. */
  stop(): Promise<void>;
}

/**
 * Starts all of the worker: jobs with their crontab, deliveries, heartbeat.
 * @throws Failure of checkDatabase when the database does not fit this code, or its login would not be bound by RLS
 */
export async function startWorker(
  config: Config,
  log: Logger,
  { leaseMs, deadAfterMs } = timing,
): Promise<RunningWorker> {
  const url = urlOf(config, 'worker');
  const { concurrency } = config.worker;
  const pool = createPool(url, config, log);
  const agent = createAgent(config.webhooks.allowInsecure);
  try {
    await checkDatabase(pool, 'WORKER_DATABASE_URL');
    let dispatcher: Dispatcher | undefined;
    const tasks = taskList({
      pool,
      agent,
      webhooks: config.webhooks,
      leaseMs,
      log,
      onFinished: () => dispatcher?.nudge(),
    });
    // A post may take its whole timeout to end by itself; a third of the grace is kept for writing down what was done.
    const abortAfterMs = Math.min(config.webhooks.timeoutMs, Math.floor((config.shutdownGraceMs * 2) / 3));
    const jobs = await startJobs({ pool, log, tasks, concurrency, abortAfterMs });
    const heartbeat = await startHeartbeat({ pool, log, deadAfterMs, poolIds: jobs.poolIds });
    // Ten for each job slot: enough to keep all busy, and few enough to be begun within their lease.
    dispatcher = startDispatcher({ url, log, leaseMs, inFlight: concurrency * 10 });
    return {
      async stop() {
        await dispatcher?.stop();
        await jobs.stop();
        await heartbeat.stop();
        await agent.destroy();
        await pool.end();
      },
    };
  } catch (error) {
    await agent.destroy();
    await pool.end();
    throw error;
  }
}

function createPool(connectionString: string, config: Config, log: Logger): Pool {
  const pool = new Pool({
    connectionString,
    // One for each job, one that listens, one for the heartbeat.
    max: Math.max(config.pools.worker, config.worker.concurrency + 2),
    application_name: 'freehold worker',
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    maxLifetimeSeconds: 1_800,
  });
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection was lost'));
  pool.on('connect', (client) => {
    client.on('error', (error) => log.warn({ err: error }, 'a database connection was lost'));
  });
  return pool;
}
