import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { watchOutput } from './leaks.ts';
import { waitUntil } from './wait.ts';

/** A process under test, with all it has printed. */
export interface TestProcess {
  pid: number;
  /** Standard output and error, as they came. */
  output(): string;
  /** Resolves when `pattern` was printed. @throws when the process ends without it, showing what it printed */
  printed(pattern: RegExp, limitMs?: number): Promise<RegExpExecArray>;
  signal(signal: NodeJS.Signals): void;
  /** Closes our end of its output. */
  hangUp(): void;
  /** Exit code, or the signal that ended it. What it printed last may still be on its way. */
  ended: Promise<number | NodeJS.Signals>;
  /** As ended, once all of its output was read: for programs that leave nothing running. */
  closed: Promise<number | NodeJS.Signals>;
}

/** What V8 made of the sources, for the next process: a worker starts in 0.48 s instead of 0.70, a server in 0.77 instead of 1.29. */
const compileCache = fileURLToPath(new URL('../../.freehold/compile-cache', import.meta.url));

/**
 * Runs Node on a file.
 * @param options.env replaces the environment, save PATH, HOME and TMPDIR: nothing of the test's own leaks in
 */
export function runNode(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; uid?: number; gid?: number } = {},
): TestProcess {
  const { env = {}, ...rest } = options;
  const { PATH = '', HOME = '/', TMPDIR = tmpdir() } = process.env;
  const child = spawn(process.execPath, args, {
    ...rest,
    env: { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE: compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let over: number | NodeJS.Signals | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  watchOutput(() => text);
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    // 'exit', not 'close': a server that it left behind keeps the pipes open.
    child.once('exit', (code, signal) => {
      over = code ?? signal ?? -1;
      resolve(over);
    });
  });
  const closed = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? -1));
  });
  return {
    pid: child.pid as number,
    output: () => text,
    printed: (pattern, limitMs = 60_000) =>
      waitUntil(
        `${pattern} was printed`,
        () => {
          const match = pattern.exec(text);
          if (!match && over !== undefined)
            throw new Error(`ended with ${over} without ${pattern}:\n${text}`);
          return match;
        },
        limitMs,
      ),
    signal: (signal) => child.kill(signal),
    hangUp: () => {
      child.stdout.destroy();
      child.stderr.destroy();
    },
    ended,
    closed,
  };
}

/**
 * The data directory of the embedded server that is kept in `directory`: somewhere else where its user cannot enter this checkout (db/embedded-install.ts),
 * which is known once it has started.
 */
export function dataOf(directory: string): string {
  const home = join(directory, 'home');
  return join(existsSync(home) ? readFileSync(home, 'utf8').trim() : directory, 'data');
}

/** Processes whose working directory is `directory`: a PostgreSQL server and its children, for a data directory. */
export function processesIn(directory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readlinkSync(`/proc/${pid}/cwd`) === directory &&
          !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
        );
      } catch {
        return false;
      }
    });
}
