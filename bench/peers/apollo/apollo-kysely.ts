import { randomUUID } from 'node:crypto';
import DataLoader from 'dataloader';
import type { ControlledTransaction, Generated, PostgresPool, PostgresPoolClient } from 'kysely';
import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely';
import type { Context } from '../../../server/database/context.ts';
import { contextParameters, contextSql } from '../../../server/database/context.ts';
import { pools } from '../peer.ts';
import { connection, serveApollo } from './apollo.ts';

/*
 * Apollo Server, Kysely and DataLoader: one transaction for an operation, which begins with the context and ends before the answer is sent.
 * What a careful engineer adds when he measures is in; CPU of both sides for a page, in rounds of one run:
 *   statements prepared by name, which Kysely has no option for, and a limit that is no parameter: 4,179 µs for 5,091
 *   that one transaction, instead of one for the page and one for the loader: 2,835 µs for 3,248
 */
interface Database {
  'app.project': {
    tenant_id: Generated<string>;
    id: Generated<string>;
    name: string;
    description: Generated<string>;
    lead_id: string | null;
    status: Generated<string>;
    version: Generated<number>;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  'app.membership': { tenant_id: string; id: string; name: string };
}

// Kysely sends text and values: here pg is told a name for each text as well.
const names = new Map<string, string>();
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `s${names.size}`;
    names.set(text, name);
  }
  return name;
}
const { app } = pools();
const pool: PostgresPool = {
  options: app.options,
  async connect() {
    const client = await app.connect();
    const query = (text: string, values: readonly unknown[]) =>
      // begin and commit are quicker as they are
      text.includes(' ')
        ? client.query({ name: nameOf(text), text, values: [...values] })
        : client.query(text);
    // of the two forms of query, that with a cursor is for streams
    return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release() };
  },
  end: () => app.end(),
};
const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });

const columns = [
  'id',
  'name',
  'description',
  'lead_id as leadId',
  'status',
  'version',
  'created_at as createdAt',
  'updated_at as updatedAt',
] as const;

/** An operation, and its transaction from the first statement on. */
interface Operation {
  readonly context: Context;
  transaction?: Promise<ControlledTransaction<Database>>;
}

function transactionOf(operation: Operation): Promise<ControlledTransaction<Database>> {
  operation.transaction ??= begin(operation.context);
  return operation.transaction;
}

async function begin(context: Context): Promise<ControlledTransaction<Database>> {
  const transaction = await db.startTransaction().execute();
  const parameters = contextParameters({ context, requestId: randomUUID(), traceparent: '' });
  await transaction.executeQuery(CompiledQuery.raw(contextSql, parameters));
  return transaction;
}

async function end(operation: Operation, failed: boolean): Promise<void> {
  const transaction = await operation.transaction;
  if (failed) await transaction?.rollback().execute();
  else await transaction?.commit().execute();
}

interface Lead {
  id: string;
  name: string;
}
const leadsOf = (operation: Operation): DataLoader<string, Lead | null> =>
  new DataLoader(async (ids) => {
    const transaction = await transactionOf(operation);
    const leads = transaction.selectFrom('app.membership').select(['id', 'name']).where('id', 'in', ids);
    const byId = new Map((await leads.execute()).map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id) ?? null);
  });

interface Kept {
  operation: Operation;
  leads: DataLoader<string, Lead | null>;
}

await serveApollo<Kept>(
  {
    Query: {
      projects: async (_, { first, orderBy }, { operation }) => {
        const transaction = await transactionOf(operation);
        // As a parameter it would have PostgreSQL plan the statement each time: its plan for any limit looks so much dearer.
        let page = transaction
          .selectFrom('app.project')
          .select(columns)
          .limit(sql.lit(first + 1));
        for (const direction of orderBy) page = page.orderBy('id', direction);
        return connection(await page.execute(), first);
      },
      project: async (_, { id }, { operation }) => {
        const transaction = await transactionOf(operation);
        return await transaction
          .selectFrom('app.project')
          .select(columns)
          .where('id', '=', id)
          .executeTakeFirst();
      },
    },
    Mutation: {
      createProject: async (_, { input }, { operation }) => {
        const transaction = await transactionOf(operation);
        const project = await transaction
          .insertInto('app.project')
          .values({ name: input.project.name, description: input.project.description })
          .returning(columns)
          .executeTakeFirstOrThrow();
        return { project };
      },
    },
    Project: {
      lead: ({ leadId }: { leadId: string | null }, _: unknown, { leads }: Kept) =>
        leadId === null ? null : leads.load(leadId),
    },
  },
  (context) => {
    const operation: Operation = { context };
    return { operation, leads: leadsOf(operation) };
  },
  ({ operation }, failed) => end(operation, failed),
);
