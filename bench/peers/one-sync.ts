import { randomUUID } from 'node:crypto';
import type { Connection, Pool } from 'pg';
import { types } from 'pg';
import type { Context } from '../../server/database/context.ts';
import { contextParameters, contextSql } from '../../server/database/context.ts';

// What a careful engineer writes to make a transaction of context and statement in one message: both prepared by name, one Sync.

/** A statement that is prepared under its name, on each connection once. */
export interface Statement {
  name: string;
  text: string;
}
export type Row = Record<string, unknown>;

type Wire = Connection & {
  stream: { cork(): void; uncork(): void };
  parse(query: object): void;
  bind(query: object): void;
  describe(query: object): void;
  execute(query: object): void;
  sync(): void;
  known?: Set<string>;
};

function createQuery(
  context: Context,
  { name, text }: Statement,
  values: unknown[],
  done: (error: Error | null, rows: Row[]) => void,
) {
  const rows: Row[] = [];
  let fields: { name: string; parse: (text: string) => unknown }[] = [];
  return {
    submit(connection: Wire) {
      connection.known ??= new Set();
      const { known } = connection;
      connection.stream.cork();
      for (const [statement, itsText, given] of [
        ['context', contextSql, contextParameters({ context, requestId: randomUUID(), traceparent: '' })],
        [name, text, values],
      ] as const) {
        if (!known.has(statement)) connection.parse({ name: statement, text: itsText });
        known.add(statement);
        connection.bind({ statement, values: given });
        if (statement === name) connection.describe({ type: 'P', name: '' });
        connection.execute({});
      }
      connection.sync();
      connection.stream.uncork();
      return null;
    },
    handleRowDescription(message: { fields: { name: string; dataTypeID: number }[] }) {
      fields = message.fields.map((field) => ({
        name: field.name,
        parse: types.getTypeParser(field.dataTypeID, 'text'),
      }));
    },
    handleDataRow(message: { fields: (string | null)[] }) {
      const row: Row = {};
      fields.forEach((field, n) => {
        const text = message.fields[n] ?? null;
        row[field.name] = text === null ? null : field.parse(text);
      });
      rows.push(row);
    },
    handleCommandComplete() {},
    // The only word of a statement that failed: pg then forgets the query before ReadyForQuery comes.
    handleError(error: Error) {
      done(error, []);
    },
    handleReadyForQuery() {
      done(null, rows);
    },
  };
}

/** The rows of a statement, run as `context` says. */
export async function rowsOf(
  pool: Pool,
  context: Context,
  statement: Statement,
  values: unknown[],
): Promise<Row[]> {
  const client = await pool.connect();
  try {
    return await new Promise((resolve, reject) => {
      const query = createQuery(context, statement, values, (error, rows) =>
        error ? reject(error) : resolve(rows),
      );
      client.query(query as never);
    });
  } finally {
    client.release();
  }
}
