/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type ProjectStatus =
  /** Being worked on. */
  | 'active'
  /** Kept, and read-only in the product. */
  | 'archived'
  /** Gone from view. */
  | 'deleted';

export type LatestProjectsQueryVariables = Exact<{
  first: number;
}>;


export type LatestProjectsQuery = { projects: { nodes: Array<{ id: string, name: string, status: ProjectStatus, lead: { name: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type CreateProjectMutationVariables = Exact<{
  name: string;
}>;


export type CreateProjectMutation = { createProject: { project: { id: string, name: string, version: number } | null } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const LatestProjectsDocument = new TypedDocumentString(`
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
    `, {"hash":"sha256:66510570b16477c7cf50df4140df1f6d79883e9c58ee064f37a7158857b7724a"}) as unknown as TypedDocumentString<LatestProjectsQuery, LatestProjectsQueryVariables>;
export const CreateProjectDocument = new TypedDocumentString(`
    mutation CreateProject($name: String!) {
  createProject(input: {project: {name: $name}}) {
    project {
      id
      name
      version
    }
  }
}
    `, {"hash":"sha256:086806d5bb71d62320303c4d6687e0450e81d1922a65acb8551a7452b0ddb5ed"}) as unknown as TypedDocumentString<CreateProjectMutation, CreateProjectMutationVariables>;