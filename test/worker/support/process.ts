import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { TestDatabase } from '../../support/database.ts';
import type { TestProcess } from '../../support/process.ts';
import { runNode } from '../../support/process.ts';

const files = {
  worker: fileURLToPath(new URL('../../../worker/main.ts', import.meta.url)),
  impatient: fileURLToPath(new URL('./impatient.ts', import.meta.url)),
};

interface WorkerOptions {
  kind?: keyof typeof files;
  env?: Record<string, string>;
}

/** Starts a worker process on the database and waits until it works. It is ended with the test. */
export async function startWorkerProcess(
  database: TestDatabase,
  options: WorkerOptions = {},
): Promise<TestProcess> {
  const worker = runWorker(database, options);
  onTestFinished(async () => {
    worker.signal('SIGKILL');
    await worker.ended;
  });
  await worker.printed(/the worker is ready/);
  return worker;
}

/** A worker process that the caller waits for and ends: one for all tests of a file. */
export function runWorker(database: TestDatabase, options: WorkerOptions = {}): TestProcess {
  return runNode([files[options.kind ?? 'worker']], {
    env: { ...database.environment, LOG_LEVEL: 'info', ...options.env },
  });
}

/** Jobs that somebody holds. */
export async function lockedJobs(database: TestDatabase): Promise<number> {
  const { rows } = await database
    .pool('admin')
    .query<{ count: number }>(
      'select count(*)::int from graphile_worker._private_jobs where locked_at is not null',
    );
  return rows[0]?.count ?? 0;
}
