/* eslint-disable */
import * as types from './graphql.ts';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query LatestProjects($first: Int!) {\n    projects(first: $first, orderBy: [ID_DESC]) {\n      nodes {\n        id\n        name\n        status\n        lead {\n          name\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.LatestProjectsDocument,
    "\n  mutation CreateProject($name: String!) {\n    createProject(input: { project: { name: $name } }) {\n      project {\n        id\n        name\n        version\n      }\n    }\n  }\n": typeof types.CreateProjectDocument,
};
const documents: Documents = {
    "\n  query LatestProjects($first: Int!) {\n    projects(first: $first, orderBy: [ID_DESC]) {\n      nodes {\n        id\n        name\n        status\n        lead {\n          name\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.LatestProjectsDocument,
    "\n  mutation CreateProject($name: String!) {\n    createProject(input: { project: { name: $name } }) {\n      project {\n        id\n        name\n        version\n      }\n    }\n  }\n": types.CreateProjectDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query LatestProjects($first: Int!) {\n    projects(first: $first, orderBy: [ID_DESC]) {\n      nodes {\n        id\n        name\n        status\n        lead {\n          name\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): typeof import('./graphql.ts').LatestProjectsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateProject($name: String!) {\n    createProject(input: { project: { name: $name } }) {\n      project {\n        id\n        name\n        version\n      }\n    }\n  }\n"): typeof import('./graphql.ts').CreateProjectDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
