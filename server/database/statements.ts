import type { PoolClient } from 'pg';

/** A statement of one connection. `columns` is known once the server has described it. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  prepared: boolean;
  columns: readonly ColumnParser[] | null;
}

/** Turns the text of a column into its value. */
export type ColumnParser = (text: string) => unknown;

/**
 * Prepared statements of one connection, the least recently used go first. A statement costs the server 50 to
 * 500 kB with its plan: 200 of them bound a connection to some tens of megabytes.
 */
export class Statements {
  static readonly limit = 200;

  contextPrepared = false;
  recordedPrepared = false;
  #byText = new Map<string, Statement>();
  #closing: string[] = [];
  #next = 0;

  /** The statement of a text, new and unprepared when it is not known. */
  get(text: string): Statement {
    const known = this.#byText.get(text);
    if (known) {
      this.#byText.delete(text);
      this.#byText.set(text, known);
      return known;
    }
    const statement = { name: `freehold_${this.#next++}`, text, prepared: false, columns: null };
    this.#byText.set(text, statement);
    if (this.#byText.size > Statements.limit) {
      for (const oldest of this.#byText.values()) {
        this.forget(oldest);
        break;
      }
    }
    return statement;
  }

  /**
   * Drops a statement. The server's side is closed together with the next request; a name is never used
   * twice, so it does not matter whether it was ever parsed.
   */
  forget(statement: Statement): void {
    if (this.#byText.get(statement.text) === statement) this.#byText.delete(statement.text);
    this.#closing.push(statement.name);
  }

  /** Names to close, once. */
  takeClosing(): readonly string[] {
    if (this.#closing.length === 0) return none;
    const names = this.#closing;
    this.#closing = [];
    return names;
  }
}

const none: readonly string[] = [];
const known = new WeakMap<PoolClient, Statements>();

/** The prepared statements of a connection. */
export function statementsOf(client: PoolClient): Statements {
  let statements = known.get(client);
  if (!statements) {
    statements = new Statements();
    known.set(client, statements);
  }
  return statements;
}
