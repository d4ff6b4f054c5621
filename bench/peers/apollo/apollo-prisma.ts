import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import type { Context } from '../../../server/database/context.ts';
import { contextParameters, contextSql } from '../../../server/database/context.ts';
import { connection, serveApollo } from './apollo.ts';
import { PrismaClient } from './generated/client.ts';

/*
 * Apollo Server and Prisma with its RLS extension (github.com/prisma/prisma-client-extensions, row-level-security): each operation of a
 * model in a batch transaction, behind a statement that sets the context.
 */

// Prepared by name, which this adapter does only when it is told the names: a row by its id costs the database 0.6 of its CPU so.
const names = new Map<string, string>();
function statementNameGenerator({ sql }: { sql: string }): string {
  let name = names.get(sql);
  if (name === undefined) {
    name = `s${names.size}`;
    names.set(sql, name);
  }
  return name;
}

const prisma = new PrismaClient({
  adapter: new PrismaPg(
    { connectionString: process.env.APP_DATABASE_URL, max: 10, idleTimeoutMillis: 0 },
    { statementNameGenerator },
  ),
});

function extended(context: Context) {
  return prisma.$extends({
    query: {
      $allModels: {
        async $allOperations({ args, query }) {
          const parameters = contextParameters({ context, requestId: randomUUID(), traceparent: '' });
          const [, result] = await prisma.$transaction([
            prisma.$executeRawUnsafe(contextSql, ...parameters),
            query(args),
          ]);
          return result;
        },
      },
    },
  });
}
type Client = ReturnType<typeof extended>;

// The extension makes a client a caller; it is kept as long as the context is.
const clients = new WeakMap<Context, Client>();
function clientOf(context: Context): Client {
  let client = clients.get(context);
  if (!client) {
    client = extended(context);
    clients.set(context, client);
  }
  return client;
}

await serveApollo<{ prisma: Client; tenantId: string }>(
  {
    Query: {
      // Read with the page. A resolver of its own with Prisma's fluent API would be a transaction for each lead: the extension wraps
      // each call before the client can batch them.
      projects: async (_, { first, orderBy }, { prisma }) => {
        const rows = await prisma.project.findMany({
          include: { lead: true },
          orderBy: orderBy.map((id) => ({ id })),
          take: first + 1,
        });
        return connection(rows, first);
      },
      project: (_, { id }, { prisma, tenantId }) =>
        prisma.project.findUnique({ where: { tenantId_id: { tenantId, id } } }),
    },
    Mutation: {
      createProject: async (_, { input }, { prisma }) => ({
        project: await prisma.project.create({ data: input.project }),
      }),
    },
  },
  (context) => ({ prisma: clientOf(context), tenantId: context.tenantId }),
);
