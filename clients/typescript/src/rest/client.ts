import createClient, { type Client, type Middleware } from 'openapi-fetch';
import { fetchWithRetries, type RetryOptions } from './retry.ts';
import type { components, paths } from './schema.ts';

/** The version of the API that these types are of: sent with each request. */
export const apiVersion = '2026-11-27';

export interface FreeholdOptions extends RetryOptions {
  /** Where the API is: https://app.example.com/v1 */
  readonly baseUrl: string;
  /** fh_live_… or fh_test_…, or an access token. */
  readonly apiKey: string;
  readonly fetch?: typeof fetch;
}

export type Freehold = Client<paths, 'application/json'>;
export type Problem = components['schemas']['Problem'];

/** What came back was a problem. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ? `${problem.title} ${problem.detail}` : problem.title);
    this.problem = problem;
  }
}

const unsafe = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * The REST API with types from its document (openapi-fetch). Each change carries an Idempotency-Key, and is sent again when its answer was lost: it is done once.
 * To go on after a crash of your own, name the key yourself and keep it: `headers: { 'Idempotency-Key': order.id }`.
 */
export function createFreehold({
  baseUrl,
  apiKey,
  fetch: send = fetch,
  ...retries
}: FreeholdOptions): Freehold {
  const client: Freehold = createClient<paths, 'application/json'>({
    baseUrl,
    fetch: fetchWithRetries(send, retries),
  });
  const headers: Middleware = {
    onRequest({ request }) {
      request.headers.set('authorization', `Bearer ${apiKey}`);
      request.headers.set('freehold-version', apiVersion);
      if (unsafe.has(request.method) && !request.headers.has('idempotency-key')) {
        request.headers.set('idempotency-key', crypto.randomUUID());
      }
      return request;
    },
  };
  client.use(headers);
  return client;
}

/** What a call gave. Rejects with ProblemError when it gave none. */
export async function dataOf<T>(call: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await call;
  if (error !== undefined || data === undefined) throw new ProblemError(error as Problem);
  return data;
}

interface Page<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

/**
 * Every row of a list, page after page:
 *
 *   for await (const invoice of rowsOf((cursor) => api.GET('/invoices', { params: { query: { limit: 100, ...cursor } } }))) …
 */
export async function* rowsOf<T>(
  ask: (cursor: { cursor?: string }) => Promise<{ data?: Page<T>; error?: unknown }>,
): AsyncGenerator<T, void> {
  let cursor: string | null = null;
  do {
    const page: Page<T> = await dataOf(ask(cursor === null ? {} : { cursor }));
    yield* page.data;
    cursor = page.has_more ? page.next_cursor : null;
  } while (cursor !== null);
}
