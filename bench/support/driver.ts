import { fork } from 'node:child_process';
import { messageOf } from './child.ts';
import type { LoadOrder, LoadRequest, LoadResult } from './load.ts';

/** The process that asks, so that its work is not the server's. */
export interface Driver {
  /** @throws when an answer was no success, or did not come */
  drive(order: LoadOrder): Promise<LoadResult>;
  stop(): void;
}

/** @param body JSON with `query`, `operationName` and `variables` */
export const graphqlRequest = (body: string): LoadRequest => ({ method: 'POST', path: '/graphql', body });

export function startDriver(): Driver {
  const load = fork(new URL('./load.ts', import.meta.url));
  return {
    async drive(order) {
      load.send(order);
      const result = await messageOf<LoadResult>(load, 'load.ts');
      if (result.failure) throw new Error(`a request to port ${order.port} failed: ${result.failure}`);
      return result;
    },
    stop: () => load.kill(),
  };
}

/**
 * Many short rounds, in alternating order: a slow stretch of the machine then falls on all alike, and the median leaves it out. The first, by which they warm up, counts for nothing.
 * @param one drives a peer for so many seconds
 */
export async function inRounds<P>(
  peers: readonly P[],
  { smoke, rounds, warmUpSeconds = 2 }: { smoke: boolean; rounds: number; warmUpSeconds?: number },
  one: (peer: P, seconds: number, counts: boolean) => Promise<void>,
): Promise<void> {
  for (let r = -1; r < (smoke ? 1 : rounds); r++) {
    const seconds = smoke ? 0.25 : r < 0 ? warmUpSeconds : 1.2;
    for (const peer of r % 2 ? peers : [...peers].reverse()) await one(peer, seconds, r >= 0);
  }
}
