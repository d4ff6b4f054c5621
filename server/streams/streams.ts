import type { Pool } from 'pg';
import type { Logger } from '../../runtime/log.ts';
import { streamGauge } from '../../runtime/telemetry/instruments.ts';
import type { PublicError } from '../errors/public-error.ts';
import { startListener } from './listener.ts';
import { Watch } from './watch.ts';

export interface StreamLimits {
  /** Open at a time, of one tenant, in this process. */
  readonly perTenant: number;
  /** Open at a time, in this process. */
  readonly most: number;
  /** Then a stream ends, and its client opens another: streams spread over new servers, and none lives for ever. */
  readonly lifetimeMs: number;
  /** How long a client may keep what was sent waiting. */
  readonly slowMs: number;
  /** When a stream looks by itself, though nobody told of anything. */
  readonly pollMs: number;
}

/** Lifetime, patience and polls as they are in production. */
export const streamTiming = { lifetimeMs: 1_800_000, slowMs: 15_000, pollMs: 15_000 };

export interface StreamsOptions {
  /** Login freehold_app. */
  pool: Pool;
  url: string;
  log: Logger;
  limits: StreamLimits;
}

/** Why a stream is not begun, or was ended. */
export class StreamEndedError extends Error {
  readonly shown: PublicError;

  constructor(shown: PublicError) {
    super(shown.message);
    this.shown = shown;
  }
}

const resume = 'Open it again after the last cursor.';
export const stopping: PublicError = {
  code: 'server_stopping',
  status: 503,
  message: 'This server is stopping.',
  remedy: resume,
};
export const expired: PublicError = {
  code: 'stream_expired',
  status: 200,
  message: 'The stream has been open for as long as one may be.',
  remedy: resume,
};
const tooMany = (of: string, count: number): PublicError => ({
  code: 'too_many_streams',
  status: 429,
  message: `${of} has ${count} streams of events open, and may have no more.`,
  remedy: 'Close one, or share one between the parts of a page.',
});

/** The place of one stream. */
export interface Place {
  /** Resolves when there may be news, and after `ms` at the latest. @returns whether somebody told of it */
  wait(ms: number): Promise<boolean>;
  /** May be called twice. Wakes who waits. */
  leave(): void;
}

/** The streams of events that this process has open: how many there may be, and what wakes them. */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #byTenant = new Map<string, Set<Waiter>>();
  /** By tenant: settled when it is watched. */
  readonly #noted = new Map<string, Promise<void>>();
  readonly #watch: Watch;
  readonly #stopping = new AbortController();
  readonly #waitingReads: (() => void)[] = [];
  #listener: { stop(): Promise<void> } | undefined;
  #count = 0;
  #reads = 0;

  constructor(options: StreamsOptions) {
    this.#options = options;
    this.#watch = new Watch({ ...options, onDoubt: (tenants) => this.#wake(tenants) });
    streamGauge(() => this.#count);
  }

  get limits(): StreamLimits {
    return this.#options.limits;
  }

  /** Aborted when the process is to stop: then each stream ends itself. */
  get stopped(): AbortSignal {
    return this.#stopping.signal;
  }

  /**
   * Resolves when what happens from now on wakes the stream.
   * @throws StreamEndedError when there are too many, or the server is stopping
   */
  async enter(tenant: string): Promise<Place> {
    const { limits, url, log } = this.#options;
    if (this.stopped.aborted) throw new StreamEndedError(stopping);
    const waiters = this.#byTenant.get(tenant) ?? new Set();
    if (waiters.size >= limits.perTenant)
      throw new StreamEndedError(tooMany('Your tenant', limits.perTenant));
    if (this.#count >= limits.most) throw new StreamEndedError(tooMany('This server', limits.most));
    const isFirst = waiters.size === 0;
    const waiter = new Waiter();
    waiters.add(waiter);
    this.#byTenant.set(tenant, waiters);
    this.#count += 1;
    this.#listener ??= startListener({
      url,
      log,
      onNews: (tenants) => this.#wake(tenants),
      onListening: () => this.#wake(this.#byTenant.keys()),
    });
    const leave = (): void => {
      if (!waiters.delete(waiter)) return;
      waiter.wake();
      this.#count -= 1;
      if (waiters.size > 0 || this.#byTenant.get(tenant) !== waiters) return;
      this.#byTenant.delete(tenant);
      this.#noted.delete(tenant);
      this.#watch.delete(tenant);
    };
    try {
      if (isFirst) this.#noted.set(tenant, this.#watch.add(tenant));
      await this.#noted.get(tenant);
      return { wait: (ms) => waiter.wait(ms), leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Runs a reading of the database: half of the pool is left to requests, however many streams are woken at once. */
  async read<T>(work: () => Promise<T>): Promise<T> {
    const most = Math.max(1, Math.floor(this.#options.pool.options.max / 2));
    if (this.#reads >= most) await new Promise<void>((resolve) => this.#waitingReads.push(resolve));
    else this.#reads += 1;
    try {
      return await work();
    } finally {
      const next = this.#waitingReads.shift();
      // The place goes on to who has waited longest.
      if (next) next();
      else this.#reads -= 1;
    }
  }

  /** Ends all streams, each with word to its client, and takes back what was noted. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake(this.#byTenant.keys());
    await Promise.all([this.#watch.stop(), this.#listener?.stop()]);
  }

  #wake(tenants: Iterable<string>): void {
    for (const tenant of tenants) for (const waiter of this.#byTenant.get(tenant) ?? []) waiter.wake();
  }
}

/** News that comes while nobody waits is kept for who waits next. */
class Waiter {
  #isNews = false;
  #resolve: ((isNews: boolean) => void) | undefined;

  wake(): void {
    if (this.#resolve) this.#resolve(true);
    else this.#isNews = true;
  }

  wait(ms: number): Promise<boolean> {
    if (this.#isNews) {
      this.#isNews = false;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#resolve?.(false), ms);
      this.#resolve = (isNews) => {
        clearTimeout(timer);
        this.#resolve = undefined;
        resolve(isNews);
      };
    });
  }
}
