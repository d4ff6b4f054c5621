import { Logger, run, runOnce } from 'graphile-worker';
import { Pool } from 'pg';
import { answerOrders, clock } from '../support/child.ts';

// graphile-worker alone, on a database of its own. Unbatched: no local queue, one getJob and one completeJob a job, which are its
// defaults and what its documentation calls "no batching".
const connectionString = process.env.DATABASE_URL as string;
const logger = new Logger(() => (level, message) => {
  if (level === 'error' || level === 'warning') console.error(message);
});
const worker = { localQueue: { size: -1 }, completeJobBatchDelay: -1, failJobBatchDelay: -1 };

let pool: Pool | undefined;
let started: [id: number, at: number][] = [];

/** Connections are made beforehand: perfTest takes the time of a start without jobs off. */
async function connect(concurrency: number): Promise<Pool> {
  const made = new Pool({ connectionString, max: concurrency + 1, idleTimeoutMillis: 0 });
  made.on('error', () => {});
  made.on('connect', (client) => client.on('error', () => {}));
  const clients = await Promise.all(Array.from({ length: concurrency + 1 }, () => made.connect()));
  for (const client of clients) client.release();
  return made;
}

answerOrders({
  connect: async (concurrency: number) => {
    pool = await connect(concurrency);
  },
  /** The task of perfTest, until there is no job left. */
  once: async (concurrency: number) => {
    await runOnce(
      {
        pgPool: pool as Pool,
        noHandleSignals: true,
        logger,
        preset: { worker: { ...worker, concurrentJobs: concurrency } },
      },
      {
        log_if_999: (payload) => {
          if ((payload as { id: number }).id === 999) console.info('Found 999!');
        },
      },
    );
  },
  /** Runs until the end, and notes when each job begins. */
  watch: async (concurrency: number) => {
    await run({
      pgPool: await connect(concurrency),
      noHandleSignals: true,
      logger,
      preset: { worker: { ...worker, concurrentJobs: concurrency } },
      taskList: {
        latency: (payload) => {
          started.push([(payload as { id: number }).id, clock()]);
        },
      },
      parsedCronItems: [],
    });
  },
  /** When the jobs began since it was asked last. */
  started: () => {
    const told = started;
    started = [];
    return told;
  },
});
