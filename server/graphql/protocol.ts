import type { IncomingHttpHeaders } from 'node:http';
import type { PublicError } from '../errors/public-error.ts';
import type { DocumentSource } from './documents.ts';

/** A GraphQL request as it came: in the body, or in the query of the address. */
export interface GraphqlRequest {
  readonly source: DocumentSource;
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

const methodNotAllowed: PublicError = {
  code: 'method_not_allowed',
  status: 405,
  message: 'Send GraphQL requests with POST; with GET, queries that are trusted documents alone.',
};

/** Why a request cannot be read, from its method and headers; undefined when it can. */
export function headerProblem(
  method: string | undefined,
  headers: IncomingHttpHeaders,
): PublicError | undefined {
  if (method === 'GET') return undefined;
  if (method !== 'POST') return methodNotAllowed;
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
export function parseBody(text: string): GraphqlRequest | PublicError {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return malformed('The body is not JSON.');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return malformed('The body is not an object.');
  return parseParameters(body as Record<string, unknown>);
}

/**
 * Reads the query of the address; returns the error when it names no trusted document: a text of one's own in an address would be in logs and
 * histories, and cached by nobody.
 */
export function parseAddress(address: string): GraphqlRequest | PublicError {
  const { searchParams } = new URL(address, 'http://localhost');
  const given: Record<string, unknown> = Object.fromEntries(searchParams);
  for (const name of ['variables', 'extensions']) {
    if (!given[name]) delete given[name];
    else {
      try {
        given[name] = JSON.parse(given[name] as string);
      } catch {
        return malformed(`"${name}" is not JSON.`);
      }
    }
  }
  // Empty is as good as absent: https://graphql.github.io/graphql-over-http/draft/#sec-Persisted-Documents
  if (given.operationName === '') delete given.operationName;
  if (given.query !== undefined || !(given.documentId || given.extensions)) return methodNotAllowed;
  return parseParameters(given);
}

function parseParameters(given: Record<string, unknown>): GraphqlRequest | PublicError {
  const { query, documentId = null, operationName = null, variables = null, extensions = null } = given;
  if (documentId !== null && typeof documentId !== 'string')
    return malformed('"documentId" must be a string.');
  if (documentId !== null && query !== undefined) return malformed('Send "query" or "documentId", not both.');
  const apollo = documentId === null ? apolloHash(extensions) : undefined;
  if (typeof query !== 'string' && (query !== undefined || (documentId ?? apollo) === undefined))
    return malformed('"query" must be a string.');
  if (operationName !== null && typeof operationName !== 'string')
    return malformed('"operationName" must be a string.');
  if (typeof variables !== 'object' || Array.isArray(variables))
    return malformed('"variables" must be an object.');
  if (variables !== null && !isSane(variables))
    return malformed(
      `"variables" holds a text that is not Unicode, or is nested more than ${maximumDepth} deep.`,
    );
  return {
    source: {
      query,
      documentId: apollo ?? documentId?.replace(/^sha256:/, ''),
      apollo: apollo !== undefined,
    },
    operationName: operationName ?? undefined,
    variables: (variables ?? {}) as Record<string, unknown>,
  };
}

/** The hash that Apollo's clients send beside a text, or instead of it. */
function apolloHash(extensions: unknown): string | undefined {
  const { persistedQuery } = (extensions ?? {}) as { persistedQuery?: { sha256Hash?: unknown } };
  return typeof persistedQuery?.sha256Hash === 'string' ? persistedQuery.sha256Hash : undefined;
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
