import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A process that is told over IPC what to do, and answers. */
export interface Child {
  pid: number;
  /** Sends an order and waits for its answer. @throws what the order threw, as text */
  ask<T>(order: string, argument?: unknown): Promise<T>;
  stop(): Promise<void>;
}

interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

/**
 * Starts a file of bench and waits until it says that it is ready.
 * @throws when it ends before, or takes over a minute
 */
export async function startProcess(
  file: string,
  env: Record<string, string>,
): Promise<{ child: ChildProcess; stop(): Promise<void> }> {
  const child = fork(join(import.meta.dirname, '..', file), {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), 60_000);
  try {
    await messageOf(child, file);
  } finally {
    clearTimeout(limit);
  }
  return { child, stop: () => stop(child) };
}

/** The next message of a process. @throws when it ends instead */
export async function messageOf<T>(child: ChildProcess, name: string): Promise<T> {
  const known = new AbortController();
  const ended = once(child, 'exit', { signal: known.signal }).then(([code, signal]) => {
    throw new Error(`${name} ended with ${code ?? signal}`);
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: known.signal }), ended]);
    return message as T;
  } finally {
    known.abort();
  }
}

/** A process of bench ends with its parent's channel. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.disconnect();
  const limit = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await exited;
  clearTimeout(limit);
}

/** Starts a file of bench that calls `answerOrders`, and waits until it does. */
export async function startChild(file: string, env: Record<string, string> = {}): Promise<Child> {
  const { child, stop } = await startProcess(file, env);
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  child.on('message', ({ id, result, error }: Answer) => {
    if (error === undefined) waiting.get(id)?.resolve(result);
    else waiting.get(id)?.reject(new Error(`${file}: ${error}`));
    waiting.delete(id);
  });
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended with ${code}`));
  });
  let asked = 0;
  return {
    pid: child.pid as number,
    ask: <T>(order: string, argument?: unknown) =>
      new Promise<T>((resolve, reject) => {
        const id = ++asked;
        waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
        child.send({ id, order, argument });
      }),
    stop,
  };
}

/** The other side of startChild: what this process does on each order, and that it ends with its parent. */
export function answerOrders(orders: Record<string, (argument: never) => unknown>): void {
  const answer = async (order: string, argument: unknown): Promise<Omit<Answer, 'id'>> => {
    try {
      return { result: await orders[order]?.(argument as never) };
    } catch (error) {
      return { error: String((error as Error).stack ?? error) };
    }
  };
  process.on('message', ({ id, order, argument }: { id: number; order: string; argument: unknown }) => {
    void answer(order, argument).then((given) => process.send?.({ id, ...given }));
  });
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}

/** Milliseconds of the machine's monotonic clock, which all its processes share. */
export const clock = (): number => Number(process.hrtime.bigint()) / 1e6;
