import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import type { Context } from '../../../server/database/context.ts';
import { callerOf, pools, serve } from '../peer.ts';

// The part of the product's schema that the documents of the bench ask for, under the same names.
const typeDefs = `
  scalar UUID
  scalar Datetime
  scalar Cursor
  enum ProjectStatus { active archived deleted }
  enum ProjectOrderBy { ID_ASC ID_DESC }
  type Membership { id: UUID! name: String! }
  type Project {
    id: UUID!
    name: String!
    description: String!
    status: ProjectStatus!
    version: Int!
    createdAt: Datetime!
    updatedAt: Datetime!
    lead: Membership
  }
  type PageInfo { hasNextPage: Boolean! endCursor: Cursor }
  type ProjectConnection { pageInfo: PageInfo! nodes: [Project!]! }
  input ProjectInput { name: String! description: String }
  input CreateProjectInput { project: ProjectInput! }
  type CreateProjectPayload { project: Project }
  type Query {
    projects(first: Int!, orderBy: [ProjectOrderBy!] = [ID_ASC]): ProjectConnection
    project(id: UUID!): Project
  }
  type Mutation { createProject(input: CreateProjectInput!): CreateProjectPayload }
`;

export interface PageArguments {
  first: number;
  orderBy: ('asc' | 'desc')[];
}

export interface NewProject {
  input: { project: { name: string; description?: string } };
}

/** What a stack resolves: rows with the names of the schema, times as Date. `C` is what it keeps for a request. */
export interface Resolvers<C> {
  Query: {
    projects(parent: unknown, page: PageArguments, kept: C): Promise<object>;
    project(parent: unknown, by: { id: string }, kept: C): Promise<object | null | undefined>;
  };
  Mutation: { createProject(parent: unknown, given: NewProject, kept: C): Promise<{ project: object }> };
  Project?: object;
}

const enums = {
  ProjectOrderBy: { ID_ASC: 'asc', ID_DESC: 'desc' },
};

/** A connection of rows, of which one more than `first` was asked for. */
export function connection(rows: { id: string }[], first: number): object {
  const hasNextPage = rows.length > first;
  if (hasNextPage) rows.pop();
  const last = rows.at(-1);
  const endCursor = last ? Buffer.from(JSON.stringify([last.id])).toString('base64') : null;
  return { pageInfo: { hasNextPage, endCursor }, nodes: rows };
}

/**
 * Apollo Server as in production: its cache of parsed documents is on by default. Cache hints are off: nothing here has any, and the
 * plugin looks at each field of each answer.
 * @param keep what resolvers need of a request
 * @param end what is to be done when its answer is made, before it is sent
 */
export async function serveApollo<C extends object>(
  resolvers: Resolvers<C>,
  keep: (context: Context) => C,
  end?: (kept: C, failed: boolean) => Promise<void>,
): Promise<void> {
  const ends: ApolloServerPlugin<C> = {
    async requestDidStart() {
      return {
        willSendResponse: async ({ contextValue, errors }) => end?.(contextValue, Boolean(errors?.length)),
      };
    },
  };
  const apollo = new ApolloServer<C>({
    typeDefs,
    resolvers: { ...enums, ...resolvers } as never,
    plugins: [ApolloServerPluginCacheControlDisabled(), ...(end ? [ends] : [])],
  });
  await apollo.start();
  const caller = callerOf(pools().gate);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(
    '/graphql',
    express.json(),
    expressMiddleware(apollo, { context: async ({ req }) => keep(await caller(req.headers)) }),
  );
  serve(app);
}
