import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until `condition` gives something, asking every 20 ms. No row (0), no text and no answer are nothing.
 * @param what completes "waited in vain until ..."
 * @throws after `limitMs`
 */
export async function waitUntil<T>(
  what: string,
  condition: () => T | Promise<T>,
  limitMs = 60_000,
): Promise<NonNullable<T>> {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited in vain until ${what} (${limitMs / 1000} s)`);
    await pause(20);
  }
}
