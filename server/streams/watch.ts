import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Logger } from '../../runtime/log.ts';

/** How often the lease of platform.watch_events, 30 s, is renewed. */
const renewMs = 10_000;

/** When transactions that began to write before the watch are looked for, in ms after it; the last is repeated. */
const settling = [20, 50, 100, 200, 500, 1_000];

/** How long it is done; then streams look by themselves. */
const settledAtLatestMs = 60_000;

export interface WatchOptions {
  /** Login freehold_app. */
  pool: Pool;
  log: Logger;
  /** Tenants of which there may be events that nobody tells of. */
  onDoubt(tenants: readonly string[]): void;
}

/** Notes in the database of which tenants this process has streams, so that whoever writes events of theirs leaves word (db/delivery/news.sql). */
export class Watch {
  readonly #options: WatchOptions;
  readonly #server = randomUUID();
  readonly #tenants = new Set<string>();
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #renewal: NodeJS.Timeout | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Resolves when it is noted: what begins to write from then on leaves word. */
  async add(tenant: string): Promise<void> {
    this.#renewal ??= setInterval(() => {
      this.#note().catch((error: unknown) =>
        this.#options.log.warn({ err: error }, 'the watch of events was not renewed'),
      );
    }, renewMs).unref();
    this.#tenants.add(tenant);
    await this.#note();
    void this.#settle(tenant);
  }

  /** With the next renewal it is gone. */
  delete(tenant: string): void {
    this.#tenants.delete(tenant);
  }

  async stop(): Promise<void> {
    clearInterval(this.#renewal);
    this.#stopping.abort();
    this.#tenants.clear();
    // None was ever noted: nothing is to be taken back.
    if (this.#renewal) await this.#note().catch(() => {});
  }

  /** All of them at once. One at a time; who comes while one runs waits for the next. */
  #note(): Promise<void> {
    if (this.#next) return this.#next;
    const next = this.#running
      .catch(() => {})
      .then(async () => {
        this.#next = undefined;
        await this.#options.pool.query('select platform.watch_events($1, $2)', [
          this.#server,
          [...this.#tenants],
        ]);
        if (this.#tenants.size > 0) return;
        clearInterval(this.#renewal);
        this.#renewal = undefined;
      });
    this.#next = next;
    this.#running = next;
    return next;
  }

  /**
   * A transaction that wrote events before the watch was noted, and commits after it, tells nobody. All that write now have a number below the next one:
   * until the last of them has ended, streams look again.
   */
  async #settle(tenant: string): Promise<void> {
    const { pool, log, onDoubt } = this.#options;
    try {
      const { rows } = await pool.query('select pg_snapshot_xmax(pg_current_snapshot())::text as next');
      const end = Date.now() + settledAtLatestMs;
      for (let look = 0; Date.now() < end; look += 1) {
        await sleep(settling[Math.min(look, settling.length - 1)] as number, this.#stopping.signal);
        if (this.#stopping.signal.aborted || !this.#tenants.has(tenant)) return;
        const { rows: found } = await pool.query(
          'select pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 as settled',
          [rows[0].next],
        );
        onDoubt([tenant]);
        if (found[0].settled) return;
      }
    } catch (error) {
      if (!this.#stopping.signal.aborted)
        log.warn({ err: error }, 'streams of events may be told late of what was being written');
    }
  }
}

/** Ends at once, and does not reject, when `signal` is aborted. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
