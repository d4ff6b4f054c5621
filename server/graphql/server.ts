import './environment.ts';
import type { RequestHandler } from 'express';
import type { Pool } from 'pg';
import { makeSchema } from 'postgraphile';
import { grafserv } from 'postgraphile/grafserv/express/v4';
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'postgraphile/graphql';
import { createKeyring, type Keyring } from '../../runtime/sealing.ts';
import type { SetUpOrganization } from '../auth/organization.ts';
import { Documents, type TrustSettings } from './documents.ts';
import { type EndpointOptions, graphqlEndpoint } from './endpoint.ts';
import { schemaPreset } from './preset.ts';
import { validationRules } from './rules.ts';

export const graphqlPath = '/graphql';

/** Plans of documents that are kept, trusted ones included: each takes 0.3 to 0.4 MB. */
const mostPlans = 500;

export interface GraphqlOptions extends Omit<EndpointOptions, 'schema' | 'preset' | 'documents'> {
  keyring: Keyring;
  /** Absent where there is no identity provider. */
  setUpOrganization?: SetUpOrganization | undefined;
  /** Absent: none are trusted more than others. */
  documents?: TrustSettings | undefined;
  /** The page to try the API on, at /. */
  ruru?: { key: string | undefined } | undefined;
}

export interface Graphql {
  readonly endpoint: RequestHandler;
  /** Ruru's page and files; passes on what is neither. */
  readonly ruru: RequestHandler | undefined;
}

/**
 * Builds GraphQL from the database. Rejects when names conflict, when the login may not see what it should, or when trusted documents do not fit the
 * schema.
 */
export async function createGraphql({
  ruru,
  keyring,
  setUpOrganization,
  documents: trust,
  ...options
}: GraphqlOptions): Promise<Graphql> {
  const { schema, resolvedPreset } = await makeSchema(schemaPreset(options.pool, keyring, setUpOrganization));
  const documents = new Documents(schema, validationRules(options.suggests), trust);
  // Read from here by grafast 1.1, not from the preset; it keeps plans by document, and would keep 500 of them with 50 variants each.
  Object.assign(schema.extensions, {
    grafast: {
      ...schema.extensions.grafast,
      operationsCacheMaxLength: Math.min(documents.size, mostPlans),
      operationOperationPlansCacheMaxLength: 5,
    },
  });
  return {
    endpoint: graphqlEndpoint({ ...options, schema, preset: resolvedPreset, documents }),
    ruru: ruru && (await ruruPage(schema, ruru.key)),
  };
}

/** The schema as text (docs/schema.graphql). */
export async function describeSchema(pool: Pool): Promise<string> {
  const { schema } = await makeSchema(schemaPreset(pool, createKeyring([])));
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

const defaultQuery = `{
  projects(first: 10, orderBy: ID_DESC) {
    nodes { id name status lead { name } }
  }
  subscriptions { nodes { id plan status currentPeriodEnd } }
}
`;

async function ruruPage(schema: GraphQLSchema, key: string | undefined): Promise<RequestHandler> {
  const headers = key === undefined ? {} : { Authorization: `Bearer ${key}` };
  const clientConfig = { initialHeaders: JSON.stringify(headers, null, 2), defaultQuery };
  // Ruru asks for the schema before it has read the headers of its tab.
  const withKey = (original: string): string =>
    `${original}<script>
      const send = window.fetch;
      window.fetch = (url, init = {}) => {
        const headers = new Headers(init.headers);
        for (const [name, value] of Object.entries(${JSON.stringify(headers)})) {
          if (!headers.has(name)) headers.set(name, value);
        }
        return send(url, { ...init, headers });
      };
    </script>`;
  const server = grafserv({
    schema,
    preset: {
      grafserv: { graphqlPath, graphiql: true, graphiqlPath: '/', graphiqlOnGraphQLGET: false },
      ruru: { clientConfig, htmlParts: { headerScripts: withKey } } as GraphileConfig.Preset['ruru'] & object,
    },
  });
  await server.ready();
  const handle = server.createHandler();
  return (request, response, next) => {
    // The API itself is the endpoint's: it has limits and callers.
    if (request.path === graphqlPath || request.method !== 'GET') return next();
    void handle(request, response, next);
  };
}
