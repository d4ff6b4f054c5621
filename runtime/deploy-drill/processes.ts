import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../failure.ts';
import type { Tree } from './release.ts';

const parentWatch = new URL('../parent-watch.ts', import.meta.url).href;

/** A server or worker. Nobody starts it again: one that ends unasked has failed. */
export interface Process {
  name: string;
  tree: Tree;
  /** Asks it to stop. @returns the code it ended with */
  stop(): Promise<number | null>;
  /** Resolves when it ends, asked or not. */
  ended: Promise<number | null>;
  /** What it printed last. */
  lastWords(): string;
}

export interface ProcessOptions {
  tree: Tree;
  /** server 1 */
  name: string;
  file: 'server/main.ts' | 'worker/main.ts' | 'db/main.ts';
  args?: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Where its log goes. */
  directory: string;
}

export function startProcess({ tree, name, file, args = [], env, directory }: ProcessOptions): Process {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', parentWatch, join(tree.directory, file), ...args],
    {
      cwd: tree.directory,
      env: { ...env, FREEHOLD_VERSION: tree.version },
      // Detached: Ctrl-C reaches the whole group of the terminal, and the order of stopping is ours.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  const log = createWriteStream(join(directory, `${name.replace(' ', '-')}.log`), { flags: 'a' });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      log.write(text);
      words = (words + text).slice(-4_000);
    });
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      words += error.message;
      resolve(null);
    });
    child.once('close', (code) => {
      log.end();
      resolve(code);
    });
  });
  return {
    name,
    tree,
    ended,
    lastWords: () => words,
    async stop() {
      child.kill('SIGTERM');
      // Longer than SHUTDOWN_GRACE_MS.
      const hard = setTimeout(() => child.kill('SIGKILL'), 40_000);
      const code = await ended;
      clearTimeout(hard);
      return code;
    },
  };
}

/** Runs it to its end. */
export async function runProcess(options: ProcessOptions): Promise<{ code: number | null; output: string }> {
  const running = startProcess(options);
  return { code: await running.ended, output: running.lastWords() };
}

/** @throws Failure when it takes over two minutes, or ends */
export async function untilReady(its: Process, ready: () => Promise<boolean>): Promise<void> {
  let over = false;
  void its.ended.then(() => {
    over = true;
  });
  for (const until = Date.now() + 120_000; Date.now() < until && !over; await pause(50)) {
    if (await ready()) return;
  }
  throw new Failure(
    'not_ready',
    `${its.name} (${its.tree.version}) ${over ? 'ended' : 'was not ready within two minutes'}: ${its.lastWords().trim()}`,
    'Look for the reason in its log.',
  );
}

export const answersOk = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    async (answer) => {
      await answer.body?.cancel();
      return answer.ok;
    },
    () => false,
  );
