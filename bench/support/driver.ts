import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { LoadOrder, LoadResult } from './load.ts';

/** The process that asks, so that its work is not the server's. */
export interface Driver {
  /** @throws when an answer was no success */
  drive(order: LoadOrder): Promise<LoadResult>;
  stop(): void;
}

export function startDriver(): Driver {
  const load = fork(new URL('./load.ts', import.meta.url));
  return {
    async drive(order) {
      load.send(order);
      const [result] = (await once(load, 'message')) as [LoadResult];
      if (result.failure) throw new Error(`a request failed: ${result.failure}`);
      return result;
    },
    stop: () => load.kill(),
  };
}
