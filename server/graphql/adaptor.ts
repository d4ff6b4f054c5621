import type { PgClient, PgClientQuery, PgClientResult, WithPgClient } from '@dataplan/pg';
import type { Pool } from 'pg';
import type { Caller } from '../database/context.ts';
import { runStatement } from '../database/run.ts';
import { Transaction } from '../database/transaction.ts';

/**
 * How PostGraphile reaches the database. Its own adaptor (`@dataplan/pg/adaptors/pg`) spends four round trips
 * on a statement; here each statement of an operation goes out with its context and one Sync
 * (server/database/one-sync.ts). Code that asks for more than one statement, or for rows as objects, gets a
 * transaction.
 */
class CallerClient implements PgClient {
  readonly #pool: Pool;
  readonly #caller: Caller;
  #transaction: Promise<Transaction> | undefined;

  constructor(pool: Pool, caller: Caller) {
    this.#pool = pool;
    this.#caller = caller;
  }

  async query<TData>(statement: PgClientQuery): Promise<PgClientResult<TData>> {
    const { text, values = [], arrayMode = false, name } = statement;
    // PostGraphile's executor asks for arrays, one statement at a time, and names its reads.
    const result =
      arrayMode && !this.#transaction
        ? await runStatement(this.#pool, this.#caller, text, values, name !== undefined)
        : await (await this.#begin()).query(text, values, arrayMode);
    return result as PgClientResult<unknown> as PgClientResult<TData>;
  }

  async withTransaction<T>(work: (client: this) => Promise<T>): Promise<T> {
    if (this.#transaction) return (await this.#transaction).savepoint(() => work(this));
    const transaction = await this.#begin();
    try {
      const result = await work(this);
      this.#transaction = undefined;
      await transaction.commit();
      return result;
    } catch (error) {
      this.#transaction = undefined;
      await transaction.rollback();
      throw error;
    }
  }

  /** Ends what was begun. */
  async finish(succeeded: boolean): Promise<void> {
    const transaction = this.#transaction;
    if (!transaction) return;
    this.#transaction = undefined;
    if (succeeded) await (await transaction).commit();
    else await (await transaction).rollback();
  }

  #begin(): Promise<Transaction> {
    this.#transaction ??= Transaction.begin(this.#pool, this.#caller);
    return this.#transaction;
  }
}

/** PostGraphile's access to the database for one request: everything it runs is run as the caller. */
export function withCaller(pool: Pool, caller: Caller): WithPgClient {
  return async (_settings, callback) => {
    const client = new CallerClient(pool, caller);
    try {
      const result = await callback(client);
      await client.finish(true);
      return result;
    } catch (error) {
      await client.finish(false).catch(() => undefined);
      throw error;
    }
  };
}

/** Access without a caller, for introspection: plain settings, no context, and so no tenant's rows. */
export function createWithPgClient({ pool }: { pool?: Pool | undefined }): WithPgClient {
  if (!pool) throw new TypeError('the adaptor needs a pool');
  return async (settings, callback) => {
    const given = Object.entries(settings ?? {}).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    const transaction = await Transaction.beginWith(pool, Object.fromEntries(given));
    const client: PgClient = {
      query: async ({ text, values, arrayMode }) =>
        (await transaction.query(text, values, arrayMode)) as never,
      withTransaction: (work) => transaction.savepoint(() => work(client)),
    };
    try {
      const result = await callback(client);
      await transaction.commit();
      return result;
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  };
}
