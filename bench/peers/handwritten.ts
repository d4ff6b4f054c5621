import express from 'express';
import type { Context } from '../../server/database/context.ts';
import { rowsOf } from './one-sync.ts';
import { callerOf, pools, serve } from './peer.ts';

// Three handlers as a careful engineer writes them with express and pg: the product's context and the same columns, both statements
// prepared by name, one Sync.
const { gate, app: pool } = pools();
const caller = callerOf(gate);

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
const run = (context: Context, name: keyof typeof statements, values: unknown[]) =>
  rowsOf(pool, context, { name, text: statements[name] }, values);

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
