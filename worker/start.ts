import { Pool } from 'pg';
import { checkDatabase } from '../db/check.ts';
import { startServing } from '../db/serving.ts';
import type { Config } from '../runtime/config.ts';
import { urlOf } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { createKeyring } from '../runtime/sealing.ts';
import { observePool } from '../runtime/telemetry/pool.ts';
import { createWorkos } from '../runtime/workos.ts';
import { createDeliveries } from './deliver/deliver.ts';
import { createOpener } from './deliver/sign.ts';
import { createAgent } from './deliver/target.ts';
import { LAZY_COMMITS, startDispatcher } from './dispatch.ts';
import { startHealthServer } from './health.ts';
import { startHeartbeat } from './heartbeat.ts';
import { startJobs } from './jobs.ts';
import { createMailer } from './mail.ts';
import { readMetrics } from './metrics.ts';
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
  /** Resolves when a migration took away what this code uses: the process must stop. */
  unfit: Promise<Error>;
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
  const agent = createAgent(config.webhooks);
  try {
    await checkDatabase(pool, 'WORKER_DATABASE_URL');
    const unfit = Promise.withResolvers<Error>();
    const serving = await startServing({
      pool,
      kind: 'worker',
      version: config.telemetry.version,
      log,
      onUnfit: unfit.resolve,
    });
    // A post may take its whole timeout to end by itself; a third of the grace is kept for writing down what was done.
    const abortAfterMs = Math.min(config.webhooks.timeoutMs, Math.floor((config.shutdownGraceMs * 2) / 3));
    // Ten for each job slot: enough to keep all busy, and few enough to be begun within their lease.
    const inFlight = concurrency * 10;
    const keyring = createKeyring([config.secretKey, ...config.formerSecretKeys]);
    const deliveries = createDeliveries(
      {
        pool,
        agent,
        opener: createOpener(keyring),
        webhooks: config.webhooks,
        leaseMs,
        log,
        // The minute's round would find it too.
        onGone: () => {
          runSoon(pool, 'judge_endpoints').catch((error: unknown) =>
            log.warn({ err: error }, 'endpoints were not judged'),
          );
        },
      },
      abortAfterMs,
      inFlight / 2,
    );
    const tasks = taskList({
      pool,
      log,
      deliveries,
      keyring,
      mailer: createMailer(config, log),
      rule: config.webhooks,
      workos: config.workos && createWorkos(config.workos),
      deployed: { version: config.telemetry.version, env: config.env },
    });
    const jobs = await startJobs({ pool, log, tasks, concurrency, abortAfterMs });
    // What was linked while no worker ran, and what was lost meanwhile.
    if (config.workos) await runSoon(pool, 'sync_identity');
    // The day's round would do it too.
    if (config.formerSecretKeys.length > 0) await runSoon(pool, 'seal_anew');
    const heartbeat = await startHeartbeat({ pool, log, deadAfterMs, poolIds: jobs.poolIds });
    const health = config.worker.healthPort && (await startHealthServer(config.worker.healthPort, heartbeat));
    readMetrics(pool, log);
    const dispatcher = startDispatcher({ url, log, leaseMs, inFlight });
    return {
      unfit: unfit.promise,
      async stop() {
        await dispatcher.stop();
        await deliveries.stop(jobs.stop());
        await heartbeat.stop();
        await serving.stop();
        await (health || undefined)?.stop();
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

/** A task of the crontab, now: one at a time, and one more that sees what came after it began. */
async function runSoon(pool: Pool, task: string): Promise<void> {
  await pool.query('select graphile_worker.add_job($1, queue_name => $1, job_key => $1, max_attempts => 3)', [
    task,
  ]);
}

function createPool(connectionString: string, config: Config, log: Logger): Pool {
  const pool = new Pool({
    connectionString,
    // One for each job, one that listens, one for the heartbeat.
    max: Math.max(config.pools.worker, config.worker.concurrency + 2),
    // Kept, for what they have planned: a new one needs 60 ms more for its first delivery.
    idleTimeoutMillis: 0,
    application_name: 'freehold worker',
    options: LAZY_COMMITS,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    maxLifetimeSeconds: 1_800,
  });
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection was lost'));
  pool.on('connect', (client) => {
    client.on('error', (error) => log.warn({ err: error }, 'a database connection was lost'));
  });
  return observePool(pool, 'worker');
}
