/** What benches of the API ask: columns of a project, a page of 50 with their leads, one by its id, and a new one. */
const columns = 'id name description status version createdAt updatedAt';
export const documents = {
  page: {
    operationName: 'Page',
    query: `query Page { projects(first: 50, orderBy: [ID_DESC]) { pageInfo { hasNextPage endCursor } nodes { ${columns} lead { id name } } } }`,
  },
  by_id: { operationName: 'ById', query: `query ById($id: UUID!) { project(id: $id) { ${columns} } }` },
  create: {
    operationName: 'Create',
    query: `mutation Create($name: String!, $description: String!) { createProject(input: { project: { name: $name, description: $description } }) { project { ${columns} } } }`,
  },
} as const;
export type Query = keyof typeof documents;
export const queries = Object.keys(documents) as Query[];

export const newProject = { name: 'A project', description: 'A few words about it' };

/** What to send for each query, in turn. @param ids of projects */
export function graphqlBodies(ids: readonly string[]): Record<Query, string[]> {
  return {
    page: [JSON.stringify(documents.page)],
    by_id: ids.map((id) => JSON.stringify({ ...documents.by_id, variables: { id } })),
    create: [JSON.stringify({ ...documents.create, variables: newProject })],
  };
}
