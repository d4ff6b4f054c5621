import type { IncomingHttpHeaders } from 'node:http';
import type { PublicError } from '../errors/public-error.ts';

/** A GraphQL request as it came in the body. */
export interface GraphqlRequest {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Record<string, unknown>;
}

export const graphqlJson = 'application/graphql-response+json';
export const plainJson = 'application/json';

/**
 * The media type of the answer; undefined when the client takes neither. `application/json` is for clients
 * that ask for that alone: its statuses say less
 * (https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types).
 */
export function answerType(accept: string | undefined): typeof graphqlJson | typeof plainJson | undefined {
  if (accept === undefined || accept.includes(graphqlJson)) return graphqlJson;
  if (accept.includes(plainJson)) return plainJson;
  return /(?:^|,)\s*(?:\*|application)\/\*/.test(accept) ? graphqlJson : undefined;
}

/** Why a request cannot be read, from its method and headers; undefined when it can. */
export function headerProblem(
  method: string | undefined,
  headers: IncomingHttpHeaders,
): PublicError | undefined {
  if (method !== 'POST') {
    return { code: 'method_not_allowed', status: 405, message: 'Send GraphQL requests with POST.' };
  }
  const type = headers['content-type'];
  if (type === undefined || !/^application\/json *(?:; *charset *= *"?utf-8"? *)?$/i.test(type)) {
    // A type that a form can send would let other sites use a session's cookie.
    return { code: 'unsupported_media_type', status: 415, message: 'Send application/json in UTF-8.' };
  }
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') {
    return { code: 'unsupported_media_type', status: 415, message: 'Send the body uncompressed.' };
  }
  return undefined;
}

const malformed = (message: string): PublicError => ({ code: 'invalid_request', status: 400, message });

/** Reads the body; returns the error when it is not a GraphQL request. */
export function parseRequest(text: string): GraphqlRequest | PublicError {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return malformed('The body is not JSON.');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return malformed('The body is not an object.');
  const { query, operationName = null, variables = null } = body as Record<string, unknown>;
  if (typeof query !== 'string') return malformed('"query" must be a string.');
  if (operationName !== null && typeof operationName !== 'string')
    return malformed('"operationName" must be a string.');
  if (typeof variables !== 'object' || Array.isArray(variables))
    return malformed('"variables" must be an object.');
  if (variables !== null && !isSane(variables))
    return malformed(
      `"variables" holds a text that is not Unicode, or is nested more than ${maximumDepth} deep.`,
    );
  return {
    query,
    operationName: operationName ?? undefined,
    variables: (variables ?? {}) as Record<string, unknown>,
  };
}

const maximumDepth = 20;

/** Whether all texts are well formed (half a character would be stored as U+FFFD), and nothing is nested without end. */
function isSane(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (depth === maximumDepth) return false;
  for (const part of Array.isArray(value) ? value : Object.values(value)) {
    if (!isSane(part, depth + 1)) return false;
  }
  return true;
}
