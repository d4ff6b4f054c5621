import type { TypedDocumentString } from './generated/graphql.ts';

/** What was asked for was not done: the first error of the answer. */
export class GraphqlError extends Error {
  override readonly name = 'GraphqlError';
  /** What is wrong, for programs: not_found, permission_denied (docs/graphql.md). */
  readonly code: string;
  /** The request, for questions. */
  readonly requestId: string | undefined;

  constructor(message: string, code: string, requestId: string | undefined) {
    super(message);
    this.code = code;
    this.requestId = requestId;
  }
}

export interface GraphqlClientOptions {
  /** https://app.example.com/graphql */
  readonly url: string;
  /** Sent with each request, such as Authorization. A page of the same origin needs none: its session comes as a cookie. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sends the hash of a document in its place: for servers that know the documents of their frontends. */
  readonly persisted?: boolean;
  readonly fetch?: typeof fetch;
}

type Variables<T> = Record<string, never> extends T ? [variables?: T] : [variables: T];

export interface GraphqlClient {
  /** The data of an operation. Rejects with GraphqlError, and with what fetch rejects with. */
  request<TResult, TVariables>(
    document: TypedDocumentString<TResult, TVariables>,
    ...variables: Variables<TVariables>
  ): Promise<TResult>;
}

interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: readonly { message: string; extensions?: { code?: string; requestId?: string } }[];
}

/** A client for documents that GraphQL Code Generator has typed. */
export function createGraphqlClient(options: GraphqlClientOptions): GraphqlClient {
  const { url, headers = {}, persisted = false, fetch: send = fetch } = options;
  return {
    async request<TResult, TVariables>(
      document: TypedDocumentString<TResult, TVariables>,
      ...[variables]: Variables<TVariables>
    ): Promise<TResult> {
      const hash = persisted ? (document.__meta__?.hash as string | undefined) : undefined;
      const asked = hash ? { documentId: `sha256:${hash}` } : { query: document.toString() };
      const response = await send(url, {
        method: 'POST',
        headers: {
          accept: 'application/graphql-response+json',
          'content-type': 'application/json',
          ...headers,
        },
        body: JSON.stringify({ ...asked, variables }),
      });
      const { data, errors } = (await response.json()) as Answer<TResult>;
      const [error] = errors ?? [];
      if (error || !data) {
        const { code = 'internal', requestId } = error?.extensions ?? {};
        throw new GraphqlError(
          error?.message ?? `The server answered with ${response.status}.`,
          code,
          requestId,
        );
      }
      return data;
    },
  };
}
