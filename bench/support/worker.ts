import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { BenchUrls } from './database.ts';
import { secretKey } from './endpoints.ts';

const entry = join(import.meta.dirname, '../../worker/main.ts');

export interface WorkerProcess {
  pid: number;
  /** As an orchestrator stops it: SIGTERM, and what is under way ends. */
  stop(): Promise<void>;
}

/** Starts the product's worker and waits until it works. What it complains of goes to stderr. */
export async function startWorker(urls: BenchUrls, env: Record<string, string> = {}): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [entry], {
    env: {
      ...process.env,
      // the receiver is on this machine, without TLS
      NODE_ENV: 'development',
      DATABASE_URL: '',
      OWNER_DATABASE_URL: '',
      WORKER_DATABASE_URL: urls.worker,
      FREEHOLD_SECRET_KEY: secretKey,
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'json',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const ready = new Promise<boolean>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { level, msg } = JSON.parse(line) as { level: string; msg: string };
      if (msg === 'the worker is ready') resolve(true);
      else if (level !== 'info') console.error(line);
    });
    child.once('exit', () => resolve(false));
  });
  if (!(await ready)) throw new Error('the worker ended before it was ready');
  return {
    pid: child.pid as number,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
