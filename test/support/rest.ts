import type { OpenApiDocument } from '../../server/rest/openapi/document.ts';
import { type Conforms, createConformance } from './conformance.ts';

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

/** Every answer is held against the document of its version: one that it does not describe is an error, in whatever test. */
export function restAs({ url }: { readonly url: string }, key: string | undefined): Rest {
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
    const type = response.headers.get('content-type');
    const answer = {
      status: response.status,
      headers: response.headers,
      body:
        text === ''
          ? undefined
          : /json/.test(type ?? '') && !/ndjson/.test(type ?? '')
            ? JSON.parse(text)
            : text,
    };
    const conforms = await conformanceOf(url, response.headers.get('freehold-version'));
    const wrong = conforms({
      method,
      path: path.split('?', 1)[0] as string,
      status: answer.status,
      contentType: type,
      body: answer.body,
    });
    if (wrong)
      throw new Error(
        `${method} ${path} is not as the OpenAPI document says: ${wrong}\n${text.slice(0, 1_000)}`,
      );
    return answer;
  };
}

const known = new Map<string, Promise<Conforms>>();

/** The document as the server itself tells it, once a version. */
function conformanceOf(url: string, version: string | null): Promise<Conforms> {
  const name = `${url} ${version}`;
  let conforms = known.get(name);
  if (!conforms) {
    conforms = documentOf(url, version).then(createConformance);
    known.set(name, conforms);
  }
  return conforms;
}

async function documentOf(url: string, version: string | null): Promise<OpenApiDocument> {
  const response = await fetch(`${url}/v1/openapi.json`, {
    headers: version ? { 'freehold-version': version } : {},
  });
  return (await response.json()) as OpenApiDocument;
}
