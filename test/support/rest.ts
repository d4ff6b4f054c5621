import type { TestServer } from '../graphql/server.ts';

/** An answer of the REST API. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape.
  readonly body: any;
}

export interface RestRequest {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string as it is. */
  readonly body?: unknown;
}

/** The REST API as one caller: `call('POST', '/projects', { body: { name: 'x' } })`. */
export type Rest = (method: string, path: string, request?: RestRequest) => Promise<RestAnswer>;

export function restAs({ url }: TestServer, key: string | undefined): Rest {
  return async (method, path, { headers = {}, body } = {}) => {
    const response = await fetch(`${url}/v1${path}`, {
      method,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key && { authorization: `Bearer ${key}` }),
        ...headers,
      },
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  };
}
