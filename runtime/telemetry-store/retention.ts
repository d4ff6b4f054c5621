import type { Store } from './store.ts';

export interface Limits {
  hours: number;
  megabytes: number;
}

/**
 * Keeps a store within its limits while it is written: each second, as many steps as it takes, with other work in between.
 * @param report told when a step failed; it is tried again
 * @returns ends it
 */
export function keepWithin(
  store: Store,
  limits: Limits,
  report: (error: unknown) => void,
  now = Date.now,
): () => void {
  let next: NodeJS.Timeout | NodeJS.Immediate;
  const step = (): void => {
    let more = false;
    try {
      more = store.trim(now() - limits.hours * 3_600_000, limits.megabytes * 1_000_000);
    } catch (error) {
      report(error);
    }
    next = more ? setImmediate(step) : setTimeout(step, 1_000);
  };
  step();
  return () => {
    clearTimeout(next as NodeJS.Timeout);
    clearImmediate(next as NodeJS.Immediate);
  };
}
