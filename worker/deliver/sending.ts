import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Agent } from 'undici';
import type { Logger } from '../../runtime/log.ts';
import type { Claim, Delivery, Result } from './batch.ts';
import { finishBatch, isolate, refusalOf, releaseOf, renewBatch, resultOf } from './batch.ts';
import type { Outcome } from './post.ts';
import { post } from './post.ts';
import type { Opener } from './sign.ts';
import { signedHeaders } from './sign.ts';
import { inAttempt } from './traced.ts';

/**
 * What is done by then is recorded although the batch still waits for somebody slow; and who is that slow is isolated: what else comes for it
 * goes through a lane of its own (db/delivery/flow.sql).
 */
const FLUSH_MS = 1_000;
/** So many failures in a row, and none of its deliveries accepted: the rest of the batch is not sent to this endpoint. As the breaker of db/delivery/health.sql. */
const ENOUGH_FAILURES = 10;

export interface SendingOptions {
  pool: Pool;
  agent: Agent;
  opener: Opener;
  webhooks: { timeoutMs: number };
  leaseMs: number;
  log: Logger;
}

/** What is known of an endpoint while a batch is sent. */
interface Health {
  failures: number;
  succeeded: boolean;
}

/** One batch on its way. */
export class Batch {
  readonly #claim: Claim;
  readonly #deliveries: readonly Delivery[];
  readonly #sending: AbortController;
  readonly #options: SendingOptions;
  readonly #health = new Map<string, Health>();
  /** Under way, with the time of their beginning. */
  readonly #underWay = new Map<Delivery, number>();
  readonly #isolated = new Set<string>();
  #done: Result[] = [];
  #recording: Promise<void> = Promise.resolve();
  readonly #slow = Promise.withResolvers<void>();
  /** Somebody answered 410. */
  gone = false;

  constructor(
    claim: Claim,
    deliveries: readonly Delivery[],
    sending: AbortController,
    options: SendingOptions,
  ) {
    this.#claim = claim;
    this.#deliveries = deliveries;
    this.#sending = sending;
    this.#options = options;
  }

  /** Resolves when somebody keeps it waiting. */
  get slow(): Promise<void> {
    return this.#slow.promise;
  }

  /** Resolves when all is sent and recorded, or handed over to whoever claims next. */
  async send(): Promise<void> {
    const { pool, leaseMs } = this.#options;
    const flush = setInterval(() => this.#flush(), FLUSH_MS);
    const renew = setInterval(() => {
      renewBatch(pool, this.#claim, `${leaseMs} ms`).then(
        (held) => (held ? undefined : this.#lost()),
        () => {},
      );
    }, leaseMs / 3);
    const chains = chainsOf(this.#deliveries).values();
    const lane = async () => {
      for (const chain of chains) for (const delivery of chain) await this.#handle(delivery);
    };
    try {
      await Promise.all(Array.from({ length: this.#deliveries[0]?.parallel ?? 0 }, lane));
    } finally {
      clearInterval(flush);
      clearInterval(renew);
    }
    await this.#recording;
    const complete = !this.#sending.signal.aborted;
    await record(() => finishBatch(pool, this.#claim, this.#done, complete));
    // Stopped half-way: whoever claims next goes on, at once.
    if (!complete) await renewBatch(pool, this.#claim, '0 s');
  }

  async #handle(delivery: Delivery): Promise<void> {
    const { signal } = this.#sending;
    if (signal.aborted) return;
    const health = this.#healthOf(delivery.endpoint_id);
    if (delivery.enabled && this.#isEnough(delivery, health)) {
      this.#done.push(releaseOf(delivery));
      return;
    }
    this.#underWay.set(delivery, performance.now());
    const result = await attempt(delivery, signal, this.#options);
    this.#underWay.delete(delivery);
    if (!result) return;
    this.#done.push(result);
    if (result.succeeded) {
      health.succeeded = true;
      health.failures = 0;
    } else if (result.latency_ms !== null) health.failures += 1;
    this.gone ||= result.status_code === 410;
  }

  /** Whether nothing more is sent to the endpoint out of this batch. */
  #isEnough({ ordered }: Delivery, { failures, succeeded }: Health): boolean {
    return ordered ? failures > 0 : !succeeded && failures >= ENOUGH_FAILURES;
  }

  #healthOf(endpoint: string): Health {
    let health = this.#health.get(endpoint);
    if (!health) {
      health = { failures: 0, succeeded: false };
      this.#health.set(endpoint, health);
    }
    return health;
  }

  #flush(): void {
    const { pool } = this.#options;
    this.#isolateSlow();
    if (this.#done.length === 0) return;
    const part = this.#done;
    this.#done = [];
    this.#recording = this.#recording
      .then(() => finishBatch(pool, this.#claim, part, false))
      .then((held) => (held ? undefined : this.#lost()))
      .catch(() => {
        // The last recording of the batch tries again, with all of it.
        this.#done.push(...part);
      });
  }

  #isolateSlow(): void {
    const { pool, log } = this.#options;
    const since = performance.now() - FLUSH_MS;
    const slow = [...this.#underWay]
      .filter(([delivery, began]) => began <= since && !this.#isolated.has(delivery.endpoint_id))
      .map(([delivery]) => delivery);
    if (slow.length === 0) return;
    this.#slow.resolve();
    for (const { endpoint_id } of slow) this.#isolated.add(endpoint_id);
    isolate(pool, slow).catch((error: unknown) =>
      log.warn({ err: error }, 'slow endpoints were not isolated'),
    );
  }

  #lost(): void {
    this.#options.log.warn(
      { batch: this.#claim.batch },
      'the lease of a batch was lost: another worker has it',
    );
    this.#sending.abort();
  }
}

/**
 * Deliveries that follow each other: all of an ordered batch; else those of one resource to one endpoint, so that a later version does not
 * overtake an earlier one that is sent with it. The deliveries come in the order of their events.
 */
function chainsOf(deliveries: readonly Delivery[]): Delivery[][] {
  if (deliveries[0]?.ordered) return [[...deliveries]];
  const chains = new Map<string, Delivery[]>();
  for (const delivery of deliveries) {
    const key = `${delivery.endpoint_id} ${delivery.entity_id}`;
    const chain = chains.get(key);
    if (chain) chain.push(delivery);
    else chains.set(key, [delivery]);
  }
  return [...chains.values()];
}

async function attempt(
  delivery: Delivery,
  signal: AbortSignal,
  { agent, opener, webhooks }: SendingOptions,
): Promise<Result | undefined> {
  if (!delivery.enabled) return refusalOf(delivery);
  return inAttempt(delivery, async (traceparent) => {
    let headers: Record<string, string>;
    try {
      headers = headersOf({ ...delivery, traceparent }, opener);
    } catch (error) {
      // Ours to mend, not the receiver's: it is tried again as if it had failed.
      return resultOf(delivery, notSent((error as Error).message));
    }
    const outcome = await post(delivery.url, headers, delivery.body, {
      agent,
      timeoutMs: webhooks.timeoutMs,
      signal,
    });
    return outcome && resultOf(delivery, outcome);
  });
}

function headersOf(delivery: Delivery, opener: Opener): Record<string, string> {
  if (delivery.keys.length === 0) throw new Error('the endpoint has no signing key: rotate it');
  const timestamp = Math.floor(Date.now() / 1_000);
  return {
    ...Object.fromEntries(delivery.headers.map((header) => opener.header(header))),
    'content-type': 'application/json',
    'user-agent': 'Freehold-Webhooks/1',
    ...signedHeaders(
      delivery.keys.map((key) => opener.key(key)),
      delivery.message_id,
      timestamp,
      delivery.body,
    ),
    ...(delivery.traceparent ? { traceparent: delivery.traceparent } : {}),
  };
}

const notSent = (error: string): Outcome => ({
  succeeded: false,
  statusCode: null,
  error,
  latencyMs: 0,
  excerpt: null,
  retryAfter: null,
});

/** What was sent must not be sent again because the database was away for a moment: about three seconds of patience. */
async function record<T>(write: () => Promise<T>): Promise<T> {
  for (let wait = 100; ; wait *= 2) {
    try {
      return await write();
    } catch (error) {
      if (wait > 1_600) throw error;
      await pause(wait);
    }
  }
}
