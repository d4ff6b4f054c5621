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

/** Starts a file of bench that calls `answerOrders`, and waits until it does. */
export async function startChild(file: string, env: Record<string, string> = {}): Promise<Child> {
  const child = fork(join(import.meta.dirname, '..', file), {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  const [word] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (word !== 'ready') throw new Error(`${file} ended with ${word} before it was ready`);
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
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
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
