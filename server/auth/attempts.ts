import { isIPv6 } from 'node:net';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { PublicError } from '../errors/public-error.ts';

/** Failed attempts in a minute, after which no more are looked at until the minute is over. */
const LIMITS = {
  /** Of one address: mistyped keys of a whole office stay below. */
  address: 100,
  /** Of one address, by keys that begin alike: a key that somebody tries to guess. Never of a key alone, or anybody could lock out its holder. */
  key: 20,
};

/** Too many credentials that were not good. */
export class TooManyAttemptsError extends Error {
  /** Seconds. */
  readonly retryAfter: number;
  readonly shown: PublicError;

  constructor(retryAfter: number) {
    super('too many failed attempts');
    this.retryAfter = retryAfter;
    this.shown = {
      code: 'too_many_attempts',
      status: 429,
      message: 'Too many credentials that were not good came from there.',
      remedy: `Correct the credential, and try again in ${retryAfter} seconds.`,
    };
  }
}

/**
 * Counts credentials that were refused, by address and by the beginning of API keys, in this process: each server has its own count, so that the limits of all are
 * theirs times the number of servers. Who has a context passes, whatever others at their address do.
 */
export interface Attempts {
  /** Before the database is asked. @throws TooManyAttemptsError */
  check(ip: string, authorization: string | undefined): Promise<void>;
  /** A credential was refused. */
  failed(ip: string, authorization: string | undefined): Promise<void>;
}

export function createAttempts(limits = LIMITS): Attempts {
  const byAddress = new RateLimiterMemory({ points: limits.address, duration: 60 });
  const byKey = new RateLimiterMemory({ points: limits.key, duration: 60 });
  const counted = (ip: string, authorization: string | undefined) => {
    const address = networkOf(ip);
    const prefix = prefixOf(authorization);
    return [
      { limiter: byAddress, most: limits.address, name: address },
      ...(prefix ? [{ limiter: byKey, most: limits.key, name: `${prefix} ${address}` }] : []),
    ];
  };
  return {
    async check(ip, authorization) {
      for (const { limiter, most, name } of counted(ip, authorization)) {
        const count = await limiter.get(name);
        if (count && count.consumedPoints >= most)
          throw new TooManyAttemptsError(Math.max(1, Math.ceil(count.msBeforeNext / 1_000)));
      }
    },
    async failed(ip, authorization) {
      await Promise.all(counted(ip, authorization).map(({ limiter, name }) => limiter.penalty(name)));
    },
  };
}

/** Of IPv6 the /64: who has one address of it has them all. */
function networkOf(ip: string): string {
  if (!isIPv6(ip)) return ip;
  const [head = '', tail] = ip.split('::');
  const groups = head.split(':').filter(Boolean);
  const rest = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const all =
    tail === undefined
      ? groups
      : [...groups, ...Array(Math.max(0, 8 - groups.length - rest.length)).fill('0'), ...rest];
  return all.slice(0, 4).join(':');
}

/** As much of an API key as its holder sees in a list of keys. */
const prefixOf = (authorization: string | undefined): string | undefined =>
  authorization?.match(/^Bearer +(fh_(?:test|live)_[0-9A-Za-z]{1,6})/i)?.[1];
