import type { Pool, PoolClient } from 'pg';
import { type Caller, contextParameters, contextSql, type Gone } from './context.ts';
import type { QueryResult } from './one-sync.ts';
import { acquire, ClientGoneError } from './run.ts';

/**
 * Several statements of one caller in one transaction. For code that needs more than one statement; the fields of
 * an operation do not.
 */
export class Transaction {
  readonly #client: PoolClient;
  readonly #signal: Gone | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #depth = 0;
  #over = false;

  private constructor(client: PoolClient, signal: Gone | undefined) {
    this.#client = client;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#abort, { once: true });
  }

  /** Begins as the caller. Rejects with DatabaseError, ClientGoneError or an error of the connection. */
  static begin(pool: Pool, caller: Caller): Promise<Transaction> {
    // As parameters: every session of the login sees the texts of the others' statements in pg_stat_activity.
    return Transaction.#start(pool, contextSql, contextParameters(caller), caller.signal);
  }

  /** Begins with plain settings instead of a caller: introspection, which reads no tenant's rows. */
  static beginWith(pool: Pool, settings: Record<string, string>): Promise<Transaction> {
    const calls = Object.keys(settings).map((_, n) => `set_config($${2 * n + 1}, $${2 * n + 2}, true)`);
    return Transaction.#start(
      pool,
      calls.length > 0 ? `select ${calls.join(', ')}` : '',
      Object.entries(settings).flat(),
      undefined,
    );
  }

  static async #start(
    pool: Pool,
    sql: string,
    values: readonly string[],
    signal: Gone | undefined,
  ): Promise<Transaction> {
    const transaction = new Transaction(await acquire(pool, signal), signal);
    try {
      await transaction.query('begin');
      if (sql) await transaction.query(sql, values);
      return transaction;
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  /** The connection, for what only pg itself can do. */
  get rawClient(): PoolClient {
    return this.#client;
  }

  /** One statement; they run in the order of the calls. With `arrayMode` rows are arrays. */
  query(
    text: string,
    values?: readonly unknown[],
    arrayMode = false,
  ): Promise<QueryResult & { command: string }> {
    const next = this.#queue.then(async () => {
      if (this.#over) throw new ClientGoneError();
      const config = { text, ...(values && { values: [...values] }), ...(arrayMode && { rowMode: 'array' }) };
      try {
        return (await this.#client.query(config)) as unknown as QueryResult & { command: string };
      } catch (error) {
        // The connection was given up with the client, under this statement.
        throw this.#signal?.aborted ? new ClientGoneError() : error;
      }
    });
    this.#queue = next.catch(() => undefined);
    return next;
  }

  /** Runs `work` in a savepoint: when it fails, only its own changes are undone. */
  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    const name = `freehold_${this.#depth++}`;
    await this.query(`savepoint ${name}`);
    try {
      const result = await work();
      await this.query(`release savepoint ${name}`);
      return result;
    } catch (error) {
      await this.query(`rollback to savepoint ${name}`);
      throw error;
    } finally {
      this.#depth--;
    }
  }

  /**
   * Commits and gives the connection back. Rejects when the server rolled back instead: a statement had
   * failed unnoticed.
   */
  async commit(): Promise<void> {
    try {
      const { command } = await this.query('commit');
      if (command !== 'COMMIT')
        throw new Error('the transaction was rolled back: one of its statements had failed');
    } finally {
      this.#release();
    }
  }

  /** Undoes everything and gives the connection back. */
  async rollback(): Promise<void> {
    await this.query('rollback').catch(() => undefined);
    this.#release();
  }

  /** Nobody waits any more: the connection goes, and with it locks, settings and role. */
  #abort = (): void => {
    if (this.#over) return;
    this.#over = true;
    this.#client.release(true);
  };

  #release(): void {
    this.#signal?.removeEventListener('abort', this.#abort);
    if (this.#over) return;
    this.#over = true;
    // 'I' is idle, as the server said last: whatever else happened, no open transaction goes back to the
    // pool.
    this.#client.release(statusOf(this.#client) !== 'I');
  }
}

const statusOf = (client: PoolClient): string | null =>
  (client as unknown as { getTransactionStatus(): string | null }).getTransactionStatus();
