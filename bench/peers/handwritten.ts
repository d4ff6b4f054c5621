import { randomUUID } from 'node:crypto';
import express from 'express';
import type { Connection } from 'pg';
import { types } from 'pg';
import type { Context } from '../../server/database/context.ts';
import { contextParameters, contextSql } from '../../server/database/context.ts';
import { callerOf, pools, serve } from './peer.ts';

// Three handlers as a careful engineer writes them with express and pg: the product's context and the same columns, both statements
// prepared by name, one Sync.
const { gate, app: pool } = pools();
const caller = callerOf(gate);

type Row = Record<string, unknown>;
type Wire = Connection & {
  stream: { cork(): void; uncork(): void };
  parse(query: object): void;
  bind(query: object): void;
  describe(query: object): void;
  execute(query: object): void;
  sync(): void;
  known?: Set<string>;
};

const columns =
  'p.id, p.name, p.description, p.status, p.version, p.created_at::text as "createdAt", p.updated_at::text as "updatedAt"';
const statements = {
  page: `select ${columns}, m.id as "leadId", m.name as "leadName"
    from app.project p
    left join app.membership m on m.tenant_id = p.tenant_id and m.id = p.lead_id
    order by p.id desc limit 51`,
  by_id: `select ${columns} from app.project p where p.id = $1`,
  create: `insert into app.project as p (name, description) values ($1, $2) returning ${columns}`,
};
type Name = keyof typeof statements;

function createQuery(
  context: Context,
  name: Name,
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
      for (const [statement, text, given] of [
        ['context', contextSql, contextParameters({ context, requestId: randomUUID(), traceparent: '' })],
        [name, statements[name], values],
      ] as const) {
        if (!known.has(statement)) connection.parse({ name: statement, text });
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

async function run(context: Context, name: Name, values: unknown[]): Promise<Row[]> {
  const client = await pool.connect();
  try {
    return await new Promise((resolve, reject) => {
      const query = createQuery(context, name, values, (error, rows) =>
        error ? reject(error) : resolve(rows),
      );
      client.query(query as never);
    });
  } finally {
    client.release();
  }
}

const answers: Record<string, (context: Context, variables: Record<string, never>) => Promise<object>> = {
  Page: async (context) => {
    const rows = await run(context, 'page', []);
    const hasNextPage = rows.length > 50;
    if (hasNextPage) rows.pop();
    const endCursor = Buffer.from(JSON.stringify([rows.at(-1)?.id])).toString('base64');
    const nodes = rows.map(({ leadId, leadName, ...row }) => ({
      ...row,
      lead: { id: leadId, name: leadName },
    }));
    return { projects: { pageInfo: { hasNextPage, endCursor }, nodes } };
  },
  ById: async (context, { id }) => ({ project: (await run(context, 'by_id', [id]))[0] ?? null }),
  Create: async (context, { name, description }) => ({
    createProject: { project: (await run(context, 'create', [name, description]))[0] },
  }),
};

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.post('/graphql', express.json(), async (request, response) => {
  const { operationName, variables } = request.body;
  const answer = answers[operationName];
  if (!answer) throw new Error(`there is no operation ${operationName}`);
  response.json({ data: await answer(await caller(request.headers), variables) });
});
serve(app);
