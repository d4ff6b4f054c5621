import { countContext } from '../../runtime/telemetry/instruments.ts';
import type { Context } from '../database/context.ts';
import type { Credential } from './credential.ts';
import type { RequestFacts } from './resolve.ts';

export interface ContextsOptions {
  resolve(credential: Credential, facts: RequestFacts): Promise<Context>;
  /** Contexts kept at most; the least recently used go first. */
  limit?: number;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

interface Entry {
  readonly context: Promise<Context>;
  expiresAt: number;
}

/**
 * A context is not used in its last second: it would expire under way, and the two clocks differ a little.
 */
const margin = 1_000;

/**
 * Contexts by credential, each kept until it expires. Requests that arrive together share one question to the
 * database. A refusal is not kept, so that a key works as soon as it exists. Keeping a context does not keep
 * its rights: the database checks them with each statement.
 */
export class Contexts {
  readonly #options: Required<ContextsOptions>;
  readonly #entries = new Map<string, Entry>();

  constructor(options: ContextsOptions) {
    this.#options = { limit: 10_000, now: Date.now, ...options };
  }

  /** Whether the database need not be asked: there is one that has not expired, or it is being asked. */
  holds(credential: Credential, facts: RequestFacts): boolean {
    const entry = this.#entries.get(keyOf(credential, facts));
    return entry !== undefined && entry.expiresAt > this.#options.now();
  }

  /** The context of a credential. Rejects with RefusedError, or with an error of the connection. */
  get(credential: Credential, facts: RequestFacts): Promise<Context> {
    const key = keyOf(credential, facts);
    const entry = this.#entries.get(key);
    if (entry && entry.expiresAt > this.#options.now()) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      countContext('hit');
      return entry.context;
    }
    countContext('miss');
    return this.#resolve(key, credential, facts);
  }

  /**
   * A new context in the place of one that the database refused. Several requests that held the same one
   * share the new.
   */
  renew(credential: Credential, facts: RequestFacts, refused: Context): Promise<Context> {
    const key = keyOf(credential, facts);
    const entry = this.#entries.get(key);
    if (!entry) return this.#resolve(key, credential, facts);
    return entry.context.then(
      (context) => {
        if (context !== refused) return context;
        // Of all who waited, the first finds the refused one still in place.
        if (this.#entries.get(key) === entry) return this.#resolve(key, credential, facts);
        return this.get(credential, facts);
      },
      () => this.get(credential, facts),
    );
  }

  #resolve(key: string, credential: Credential, facts: RequestFacts): Promise<Context> {
    const entry: Entry = {
      context: this.#options.resolve(credential, facts),
      expiresAt: Number.POSITIVE_INFINITY,
    };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > this.#options.limit) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    entry.context.then(
      (context) => {
        entry.expiresAt = context.expiresAt.getTime() - margin;
      },
      () => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
      },
    );
    return entry.context;
  }
}

function keyOf({ kind, hash }: Credential, { ip }: RequestFacts): string {
  return `${kind} ${hash.toString('base64')} ${ip}`;
}
