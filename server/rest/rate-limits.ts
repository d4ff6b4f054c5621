import type { Response } from 'express';
import type { Pool } from 'pg';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { Logger } from '../../runtime/log.ts';
import type { Context } from '../database/context.ts';
import { type Problem, ProblemError } from './problem.ts';
import type { Terms } from './terms.ts';

/** Seconds of a window. */
const window = 60;

/**
 * Where requests are counted. `memory`: each server for itself, so that n servers let n times as many through. `postgres` (login freehold_gate) and
 * `redis`: all servers together, for one more round trip.
 */
export type RateLimitStore =
  | { readonly kind: 'memory' }
  | { readonly kind: 'postgres'; readonly pool: Pool }
  | { readonly kind: 'redis'; readonly client: unknown };

/** Counts one request of a caller, and tells it in the answer what is left. Rejects with ProblemError 429 when nothing was. */
export type CountRequest = (context: Context, terms: Terms, response: Response) => Promise<void>;

/**
 * Limits of a tenant and of each of its keys (draft-ietf-httpapi-ratelimit-headers-10). A store that fails lets requests in: it keeps the peace, and is no
 * lock.
 */
export function createRateLimits(store: RateLimitStore, log: Logger): CountRequest {
  const limiters = new Map<string, RateLimiterAbstract>();
  const limiterOf = (policy: string, points: number): RateLimiterAbstract => {
    const name = `${policy} ${points}`;
    let limiter = limiters.get(name);
    if (!limiter) {
      limiter = limiterIn(store, policy, points);
      limiters.set(name, limiter);
    }
    return limiter;
  };
  const consume = async (
    policy: string,
    points: number,
    key: string,
  ): Promise<RateLimiterRes | undefined> => {
    try {
      return await limiterOf(policy, points).consume(key);
    } catch (refused) {
      if (refused instanceof RateLimiterRes) return refused;
      log.error({ err: refused }, 'requests could not be counted, and were let in');
      return undefined;
    }
  };
  return async ({ tenantId, actorId }, { requests, keyRequests }, response) => {
    const policies = [
      ['tenant', requests, tenantId],
      ['key', keyRequests, `${tenantId} ${actorId}`],
    ] as const;
    const told: string[] = [];
    const left: string[] = [];
    let wait = 0;
    for (const [policy, points, key] of policies) {
      if (points === null) continue;
      const counted = await consume(policy, points, key);
      if (!counted) continue;
      const seconds = Math.ceil(counted.msBeforeNext / 1000);
      const over = counted.consumedPoints > points;
      told.push(`"${policy}";q=${points};w=${window}`);
      left.push(`"${policy}";r=${over ? 0 : counted.remainingPoints};t=${seconds}`);
      if (over) wait = Math.max(wait, seconds, 1);
    }
    if (told.length > 0) {
      response.setHeader('ratelimit-policy', told.join(', '));
      response.setHeader('ratelimit', left.join(', '));
    }
    if (wait > 0) throw new ProblemError(tooManyRequests(wait));
  };
}

function limiterIn(store: RateLimitStore, policy: string, points: number): RateLimiterAbstract {
  const options = { points, duration: window, keyPrefix: policy };
  switch (store.kind) {
    case 'memory':
      return new RateLimiterMemory(options);
    case 'postgres':
      return new RateLimiterPostgres({
        ...options,
        storeClient: store.pool,
        storeType: 'pool',
        schemaName: 'platform',
        tableName: 'rate_limit',
        tableCreated: true,
      });
    case 'redis':
      return new RateLimiterRedis({ ...options, storeClient: store.client, rejectIfRedisNotReady: true });
  }
}

const tooManyRequests = (seconds: number): Problem => ({
  code: 'too_many_requests',
  status: 429,
  message: 'Too many requests.',
  detail: `Come again in ${seconds} s.`,
  remedy: 'Wait as Retry-After says, ask for more at once, or upgrade the subscription.',
  headers: { 'retry-after': String(seconds) },
});
