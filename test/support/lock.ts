import { createHash } from 'node:crypto';

/** First key of the advisory locks that say which databases of tests are in use. */
export const TEMPLATE_LOCK = 7_100_030;

/** Second key: 31 bits of the hash of a database's name. */
export function lockKey(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE() & 0x7fffffff;
}
