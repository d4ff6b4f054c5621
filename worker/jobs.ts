import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Runner, TaskList, WorkerEvents } from 'graphile-worker';
import { Logger as JobLogger, run } from 'graphile-worker';
import type { Pool } from 'pg';
import type { Logger } from '../runtime/log.ts';

const crontabFile = fileURLToPath(new URL('./crontab', import.meta.url));

export interface JobsOptions {
  pool: Pool;
  log: Logger;
  tasks: TaskList;
  concurrency: number;
  /** When a stop begins, jobs under way have so long to end by themselves; then their abort signal fires. */
  abortAfterMs: number;
}

export interface Jobs {
  /** Names under which jobs may be locked: of the pool, and of those before it that ended by themselves. */
  poolIds(): string[];
  /** Takes no more jobs and resolves when those under way have ended. */
  stop(): Promise<void>;
}

/** One life of graphile-worker's pool. */
interface Pooled {
  runner: Runner;
  /** Under this name it locks jobs. */
  id: string;
  /** Resolves when it takes no more jobs, whoever decided so. */
  closing: Promise<void>;
  /** Resolves when it has ended. */
  ended: Promise<void>;
}

/**
 * graphile-worker's pool, and whoever starts it again: one transient error of the database can end it, and the process
 * would live on without working.
 * @throws what keeps the first start from succeeding
 */
export async function startJobs(options: JobsOptions): Promise<Jobs> {
  const { log, abortAfterMs } = options;
  const ids = new Set<string>();
  const stopping = new AbortController();
  const asked = once(stopping.signal, 'abort');
  const start = () => startPool(options, (id) => ids.add(id));

  /** The ended pool may never say so: after two failed writes graphile-worker 0.18 waits for ever for a third. */
  const retire = async ({ id, ended }: Pooled) => {
    await Promise.race([ended, delay(abortAfterMs + 1_000, undefined, { ref: false })]);
    // Its name stays among ours: a pool that was given up may still lock a job before the process ends.
    await options.pool.query('select graphile_worker.force_unlock_workers($1)', [[id]]);
  };

  const restart = async (): Promise<Pooled | undefined> => {
    for (let waitMs = 250; ; waitMs = Math.min(waitMs * 2, 10_000)) {
      await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return undefined;
      try {
        const pooled = await start();
        log.warn('the job pool was started again');
        return pooled;
      } catch (error) {
        log.error({ err: error }, 'the job pool could not be started again');
      }
    }
  };

  let current = await start();
  const supervise = async () => {
    for (;;) {
      await Promise.race([current.closing, asked]);
      if (stopping.signal.aborted) return;
      log.error('the job pool ended by itself');
      // Another takes over at once, while the jobs of this one come to their end.
      retire(current).catch((error: unknown) => log.warn({ err: error }, 'jobs were left locked'));
      const next = await restart();
      if (!next) return;
      current = next;
    }
  };
  const supervised = supervise();
  return {
    poolIds: () => [...ids],
    async stop() {
      stopping.abort();
      await supervised;
      // Rejects when it is ending already.
      current.runner.stop().catch(() => {});
      await Promise.race([current.ended, delay(abortAfterMs + 1_000, undefined, { ref: false })]);
    },
  };
}

/** @param onCreated told the pool's name before it can lock anything, also when it then fails to start */
async function startPool(options: JobsOptions, onCreated: (id: string) => void): Promise<Pooled> {
  const { log } = options;
  const events = new EventEmitter() as WorkerEvents;
  const closing = Promise.withResolvers<void>();
  let id = '';
  events.on('pool:create', ({ workerPool }) => {
    id = workerPool.id;
    onCreated(id);
  });
  events.on('pool:gracefulShutdown', () => closing.resolve());
  const runner = await run({
    pgPool: options.pool,
    taskList: options.tasks,
    crontabFile,
    concurrency: options.concurrency,
    events,
    noHandleSignals: true,
    gracefulShutdownAbortTimeout: options.abortAfterMs,
    logger: new JobLogger(() => (level, message, meta) => forward(log, level, message, meta)),
    preset: {
      worker: {
        // At the default (-1) the end of a job is written unawaited, and a graceful stop can leave it locked for four hours.
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
        // A notification wakes it; this is for the one that was lost.
        pollInterval: 1_000,
      },
    },
  });
  const ended = runner.promise.catch((error: unknown) => log.error({ err: error }, 'the job pool failed'));
  ended.then(() => closing.resolve());
  return { runner, id, closing: closing.promise, ended };
}

/** graphile-worker says "info" of every job: with thousands a second that is our debug. */
function forward(log: Logger, level: string, message: string, meta?: { error?: unknown }): void {
  const fields = meta?.error ? { err: meta.error } : {};
  if (level === 'error') log.error(fields, message);
  else if (level === 'warning') log.warn(fields, message);
  else log.debug(fields, message);
}
