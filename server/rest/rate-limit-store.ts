import { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { Logger } from '../../runtime/log.ts';
import type { RateLimitStore } from './rate-limits.ts';

/** Milliseconds that one count may take: what is slower lets the request in. */
const timeout = 500;

/** The store of the configuration. @param gate login freehold_gate, which alone may write the table of PostgreSQL's */
export function createRateLimitStore(
  { store, redisUrl }: { store: RateLimitStore['kind']; redisUrl: string | undefined },
  gate: Pool,
  log: Logger,
): RateLimitStore {
  if (store === 'memory') return { kind: 'memory' };
  if (store === 'postgres') return { kind: 'postgres', pool: gate };
  const client = new Redis(redisUrl ?? '', {
    commandTimeout: timeout,
    connectTimeout: 2_000,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
  });
  // It connects again by itself, and what is counted meanwhile fails by itself.
  client.on('error', (error) => log.warn({ err: error }, 'the connection to Redis failed'));
  return { kind: 'redis', client };
}
