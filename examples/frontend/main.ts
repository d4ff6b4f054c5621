/**
 * A frontend with typed GraphQL: what a document asks for is what its answer has, and a mistake in it is an error of the compiler.
 *
 *   FREEHOLD_URL=http://localhost:5678 FREEHOLD_KEY=fh_test_... node examples/frontend/main.ts
 *
 * Prints one line of JSON for each project, the latest first, and for the one that it creates.
 */
import { createGraphqlClient, GraphqlError } from '../../clients/typescript/src/graphql/client.ts';
import { graphql } from '../../clients/typescript/src/graphql/generated/index.ts';

const latest = graphql(`
  query LatestProjects($first: Int!) {
    projects(first: $first, orderBy: [ID_DESC]) {
      nodes {
        id
        name
        status
        lead {
          name
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

const create = graphql(`
  mutation CreateProject($name: String!) {
    createProject(input: { project: { name: $name } }) {
      project {
        id
        name
        version
      }
    }
  }
`);

const { FREEHOLD_URL = 'http://localhost:5678', FREEHOLD_KEY = '' } = process.env;
const client = createGraphqlClient({
  url: `${FREEHOLD_URL}/graphql`,
  headers: { authorization: `Bearer ${FREEHOLD_KEY}` },
});

try {
  const made = await client.request(create, { name: 'From the frontend' });
  console.log(JSON.stringify({ created: made.createProject?.project }));
  const { projects } = await client.request(latest, { first: 5 });
  for (const project of projects?.nodes ?? []) {
    console.log(
      JSON.stringify({
        id: project.id,
        name: project.name,
        status: project.status,
        lead: project.lead?.name ?? null,
      }),
    );
  }
} catch (error) {
  if (!(error instanceof GraphqlError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
