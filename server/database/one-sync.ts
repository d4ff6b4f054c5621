import { DatabaseError, type PoolClient, types } from 'pg';
import { recordedSql } from '../../runtime/telemetry/recorded.ts';
import { addRecorded, beginStatement, currentWork, type Work } from '../../runtime/telemetry/work.ts';
import {
  type Caller,
  contextParameterCount,
  contextSql,
  contextStatement,
  encodedContext,
  recordedStatement,
  requestParameters,
} from './context.ts';
import { type ColumnParser, type Statement, statementsOf } from './statements.ts';
import * as wire from './wire.ts';

/** Rows as arrays of values in the order of the columns. */
export interface QueryResult {
  rows: unknown[][];
  rowCount: number | null;
}

/** A statement with its parameters, as pg takes them. */
export interface Sql {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What pg's Connection gives a Submittable; pg does not type it. */
interface Connection extends NodeJS.EventEmitter {
  stream: { write(bytes: Buffer): boolean };
}

/**
 * Sends the caller's context, one statement and one Sync in a single write, and resolves when the server has
 * committed.
 *
 * PostgreSQL runs what stands between two Syncs as one implicit transaction, so role and settings (all of
 * them local) end with it, whatever happens: none of ours could reach the connection's next user.
 * Against begin, set_config, query, commit this saves three round trips: 1.34 to 2.6 times the requests a
 * second.
 *
 * With `before`, that statement runs first, and its result is discarded: what it refuses keeps the other from running.
 * With `work`, the transaction is asked what it recorded, which is added there.
 *
 * Rejects with pg's DatabaseError after the server is ready again, and with another error when the connection
 * is lost.
 */
export function sendOneSync(
  client: PoolClient,
  caller: Caller,
  text: string,
  values: readonly unknown[],
  work?: Work,
  before?: Sql,
): Promise<QueryResult> {
  const statements = statementsOf(client);
  const first = before && statements.get(before.text);
  const statement = statements.get(text);
  const preparesContext = !statements.contextPrepared;
  wire.begin();
  for (const name of statements.takeClosing()) wire.writeClose(name);
  if (preparesContext) {
    // A failed attempt may have left it behind; closing what does not exist is no error.
    wire.writeClose(contextStatement);
    wire.writeParse(contextStatement, contextSql);
  }
  wire.writeBindEncoded(
    contextStatement,
    encodedContext(caller.context),
    contextParameterCount,
    requestParameters(caller),
  );
  wire.writeExecute();
  if (first && before) {
    if (!first.prepared) wire.writeParse(first.name, before.text);
    wire.writeBind(first.name, before.values);
    wire.writeExecute();
  }
  if (!statement.prepared) wire.writeParse(statement.name, text);
  wire.writeBind(statement.name, values);
  // The columns of a prepared statement cannot change: the server refuses with 0A000 instead. So they are
  // asked for once.
  if (!statement.prepared) wire.writeDescribe();
  wire.writeExecute();
  if (work) {
    if (!statements.recordedPrepared) {
      wire.writeClose(recordedStatement);
      wire.writeParse(recordedStatement, recordedSql);
    }
    wire.writeBind(recordedStatement, []);
    wire.writeExecute();
  }
  wire.writeSync();
  const message = wire.take();
  const counted = currentWork();
  const done = counted && beginStatement(counted);

  return new Promise((resolve, reject) => {
    client.query(
      new OneSync(message, statement, first ? 3 : 2, work, (error, result) => {
        done?.();
        if (!error) {
          if (first) first.prepared = true;
          statements.contextPrepared = true;
          if (work) statements.recordedPrepared = true;
          statement.prepared = true;
          resolve(result as QueryResult);
          return;
        }
        // Which of the messages was reached is not known: forget what this one would have prepared.
        if (!statement.prepared || isStale(error)) statements.forget(statement);
        if (first && (!first.prepared || isStale(error))) statements.forget(first);
        if (isStale(error)) {
          statements.contextPrepared = false;
          statements.recordedPrepared = false;
        }
        reject(error);
      }),
    );
  });
}

/**
 * The statement is not what it was: a column changed its type (0A000), a function that it waited in came back with the row of a table that had got another column
 * (42804) or lost one (XX000: PostgreSQL means to say 42804, and finds no name for the type of a column that is gone), or the server forgot it (26000: DISCARD ALL
 * of a pooler). Nothing of it is kept, and it may be sent again.
 */
export function isStale(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return false;
  const { code, routine, message } = error;
  return (
    code === '26000' ||
    (code === '0A000' && routine === 'RevalidateCachedQuery') ||
    (code === '42804' && routine === 'tupledesc_match') ||
    (code === 'XX000' && routine === 'format_type_extended' && message === 'cache lookup failed for type 0')
  );
}

class OneSync {
  readonly countsItself = true;
  callback: (error: Error | null, result?: QueryResult) => void;
  #message: Buffer;
  #statement: Statement;
  /** Which of the statements is the one whose rows are wanted, from 1; the context's is the first. */
  #wanted: number;
  #work: Work | undefined;
  #connection: Connection | undefined;
  #rows: unknown[][] = [];
  #rowCount: number | null = null;
  #completed = 0;
  #failure: Error | undefined;

  constructor(
    message: Buffer,
    statement: Statement,
    wanted: number,
    work: Work | undefined,
    callback: OneSync['callback'],
  ) {
    this.#message = message;
    this.#statement = statement;
    this.#wanted = wanted;
    this.#work = work;
    this.callback = callback;
  }

  submit(connection: unknown): void {
    this.#connection = connection as Connection;
    this.#connection.stream.write(this.#message);
  }

  handleRowDescription(message: { fields: { dataTypeID: number }[] }): void {
    this.#statement.columns = message.fields.map(
      (field) => types.getTypeParser(field.dataTypeID, 'text') as ColumnParser,
    );
  }

  handleDataRow(message: { fields: (string | null)[] }): void {
    if (this.#completed === this.#wanted) {
      addRecorded(this.#work, message.fields[0]);
      return;
    }
    if (this.#completed < this.#wanted - 1) return;
    const columns = this.#statement.columns;
    const row = message.fields as unknown[];
    try {
      for (let i = 0; i < row.length; i++) {
        if (row[i] !== null) row[i] = columns?.[i]?.(row[i] as string);
      }
    } catch (error) {
      this.#failure ??= error as Error;
    }
    this.#rows.push(row);
  }

  handleCommandComplete(message: { text: string }): void {
    if (++this.#completed === this.#wanted) this.#rowCount = affected(message.text);
  }

  handleEmptyQuery(): void {}

  handlePortalSuspended(): void {}

  handleCopyInResponse(connection: { sendCopyFail(reason: string): void }): void {
    connection.sendCopyFail('COPY is not possible here');
  }

  handleCopyData(): void {}

  /** The transaction is over, deferred constraints included. */
  handleReadyForQuery(): void {
    if (this.#failure) this.callback(this.#failure);
    else this.callback(null, { rows: this.#rows, rowCount: this.#rowCount });
  }

  handleError(error: Error): void {
    const fatal =
      !(error instanceof DatabaseError) || error.severity === 'FATAL' || error.severity === 'PANIC';
    if (fatal || !this.#connection) {
      this.callback(error);
      return;
    }
    // The server skips to the Sync. Only then may the connection go to somebody else.
    const connection = this.#connection;
    const settle = (): void => {
      connection.off('readyForQuery', settle);
      connection.off('end', settle);
      this.callback(error);
    };
    connection.on('readyForQuery', settle);
    connection.on('end', settle);
  }
}

function affected(tag: string): number | null {
  const count = Number(tag.slice(tag.lastIndexOf(' ') + 1));
  return Number.isNaN(count) ? null : count;
}
