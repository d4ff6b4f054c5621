import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { Failure } from './failure.ts';

/** A process that is kept running. */
export interface Supervised {
  name: string;
  /** Process id of the present child. */
  pid(): number | undefined;
  /** Rejects when the process fails so often that starting it again is pointless; otherwise stays pending. */
  failed: Promise<never>;
  /** Asks it to stop (SIGTERM), and ends it after `graceMs`. Resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
  /** Ends it at once. */
  kill(): void;
}

export interface SuperviseOptions {
  name: string;
  /** TypeScript or JavaScript file to run. */
  file: string;
  env: Record<string, string | undefined>;
  /** Told about each end that nobody asked for. */
  onRestart?: (line: string) => void;
  /** Where its output goes, both streams. Default: each to that of this process. */
  output?: { write(text: string): unknown };
  /** Pauses before each start after a failure; one more failure than pauses is a crash loop. Milliseconds. */
  pauses?: readonly number[];
  /** A process that lived this long failed afresh, and begins again at the first pause. Milliseconds. */
  settledAfterMs?: number;
}

const parentWatch = new URL('./parent-watch.ts', import.meta.url).href;

/** Starts a process and starts it again whenever it ends, with growing pauses. */
export function supervise(options: SuperviseOptions): Supervised {
  const {
    name,
    file,
    env,
    onRestart = () => {},
    pauses = [250, 1_000, 2_000, 4_000],
    settledAfterMs = 30_000,
  } = options;
  let child: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let failures = 0;
  let giveUp: (failure: Failure) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  // Whoever races against it handles it; nobody may be racing yet when it happens.
  failed.catch(() => {});

  const start = () => {
    const startedAt = Date.now();
    // Detached: Ctrl-C reaches the whole group of the terminal, and the order of stopping is ours.
    const current = spawn(process.execPath, ['--import', parentWatch, file], {
      env,
      detached: true,
      stdio: ['ignore', options.output ? 'pipe' : 'inherit', 'pipe', 'ipc'],
    });
    child = current;
    current.stdout?.setEncoding('utf8').on('data', (text: string) => options.output?.write(text));
    const lastWords = forward(current, options.output ?? process.stderr);
    ended = new Promise((resolve) => {
      // 'close' comes after 'exit', when all of stderr was read; a failed spawn has only 'error' and 'close'.
      current.once('error', (error) => lastWords.push(error.message));
      current.once('close', (code, signal) => {
        resolve();
        if (stopping) return;
        failures = Date.now() - startedAt > settledAfterMs ? 1 : failures + 1;
        const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
        const pause = pauses[failures - 1];
        if (pause === undefined) {
          const reason = lastReason(lastWords);
          giveUp(
            new Failure(
              `${name}_failed`,
              `The ${name} ${how} ${failures} times in a row${reason ? `: ${reason}` : '.'}`,
              'Mend that, then start again.',
            ),
          );
          return;
        }
        onRestart(`the ${name} ${how}; starting it again`);
        timer = setTimeout(start, pause);
      });
    });
  };
  start();

  return {
    name,
    pid: () => child?.pid,
    failed,
    async stop(graceMs) {
      stopping = true;
      clearTimeout(timer);
      const running = child;
      if (!running || running.exitCode !== null || running.signalCode !== null) return ended;
      running.kill('SIGTERM');
      const hard = setTimeout(() => running.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(hard);
    },
    kill() {
      stopping = true;
      clearTimeout(timer);
      child?.kill('SIGKILL');
    },
  };
}

/** The line that names the error; of what follows it, stack frames tell a person nothing. */
function lastReason(lines: readonly string[]): string {
  const named = lines.findLast((line) => /^\S*(Error|Failure)\b.*: /.test(line));
  return (named ?? lines.findLast((line) => !/^(\s+at |Node\.js v|\s*[}^])/.test(line)) ?? '').trim();
}

/** Passes stderr on and remembers its last lines: the reason, should the process end now. */
function forward(child: ChildProcess, to: { write(text: string): unknown }): string[] {
  const last: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    to.write(text);
    last.push(...text.split('\n').filter((line) => line.trim() !== ''));
    last.splice(0, last.length - 12);
  });
  return last;
}
