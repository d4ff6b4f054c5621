import { setTimeout as pause } from 'node:timers/promises';

/** Growing, so that whatever holds the lock may end; 100 s in all. */
export const PAUSES_S = [1, 2, 4, 8, 15, 20, 25, 25];

/** A lock was not to be had in lock_timeout, or two waited for each other. */
const lacksLock = (error: unknown): boolean =>
  ['55P03', '40P01'].includes((error as { code?: string }).code ?? '');

export interface LockRetry {
  /** Seconds before the second attempt, the third, and so on: one attempt more than there are. */
  pausesS?: readonly number[] | undefined;
  /** Before each pause. @param attempt the next one's number, from 2 */
  onRetry(error: unknown, seconds: number, attempt: number): void | Promise<void>;
}

/**
 * Does `work` as a whole, and again after a growing pause as long as it does not get a lock: whoever waits behind it goes first.
 * @throws what `work` throws, when it is something else or was the last attempt
 */
export async function retryForLocks<T>(
  work: () => Promise<T>,
  { pausesS = PAUSES_S, onRetry }: LockRetry,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const seconds = pausesS[attempt - 1];
      if (seconds === undefined || !lacksLock(error)) throw error;
      await onRetry(error, seconds, attempt + 1);
      // not all at once with others that were refused
      await pause(seconds * (750 + Math.random() * 500));
    }
  }
}
