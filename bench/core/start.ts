import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../runtime/free-ports.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { round } from '../support/figures.ts';
import { median } from '../support/measure.ts';

const entry = join(import.meta.dirname, '../../runtime/start.ts');

/** npm start to ready, on a database that an earlier start has made: in a directory of its own, on a free port. */
export async function start({ smoke, say }: BenchOptions): Promise<Figure[]> {
  const directory = await mkdtemp(join(tmpdir(), 'freehold-start-'));
  try {
    const first = await startOnce(directory);
    const seconds: number[] = [];
    for (let n = 0; n < (smoke ? 1 : 5); n++) seconds.push(await startOnce(directory));
    say(
      `start: ${first.toFixed(1)} s the first time, ${seconds.map((s) => s.toFixed(1)).join(', ')} s after`,
    );
    return [{ name: 'start.seconds', value: round(median(seconds), 2), unit: 's', target: '≤ 6' }];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Seconds from the spawn of the process to its line that says ready. */
async function startOnce(cwd: string): Promise<number> {
  const began = performance.now();
  const env = { ...process.env, PORT: String(await freePort()), DATABASE_URL: '', LOG_LEVEL: 'error' };
  const child = spawn(process.execPath, [entry], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const limit = setTimeout(() => child.kill('SIGTERM'), 120_000);
  let output = '';
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        if (output.includes('Freehold is ready')) resolve();
      });
    }
    child.once('exit', () => resolve());
  });
  try {
    await ready;
    const seconds = (performance.now() - began) / 1000;
    if (!output.includes('Freehold is ready')) throw new Error(`npm start did not become ready:\n${output}`);
    return seconds;
  } finally {
    clearTimeout(limit);
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  }
}
