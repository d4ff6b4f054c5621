import type { Request, Response } from 'express';
import { DatabaseError } from 'pg';
import { type PublicError, publicError } from '../errors/public-error.ts';
import type { Vocabulary } from '../errors/vocabulary.ts';
import type { Resource } from './contract.ts';

/** One thing that is wrong with a request: in its body (a JSON pointer, RFC 6901), or a parameter of its address. */
export interface ProblemDetail {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly header?: string;
  readonly code: string;
  readonly detail: string;
}

/** A problem of the REST API: problem details (RFC 9457) with a code, and all that is wrong. */
export interface Problem extends PublicError {
  readonly errors?: readonly ProblemDetail[];
  /** Headers that go with it, such as Allow and Retry-After. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is refused before the database is asked. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

export const notFound: Problem = {
  code: 'not_found',
  status: 404,
  message: 'There is no such resource.',
  remedy: 'Check the id; it may belong to another tenant or be deleted.',
};

export const invalidParameters = (errors: readonly ProblemDetail[]): Problem => ({
  code: 'invalid_parameter',
  status: 400,
  message: 'A parameter is not acceptable.',
  remedy: 'Correct the parameters that errors lists; the reference has those of each address: /v1/docs.',
  errors,
});

/** Answers with a problem, and nothing else: what was set of the answer before goes. */
export function sendProblem(request: Request, response: Response, problem: Problem): void {
  const { code, status, message, detail, remedy, errors, headers } = problem;
  const { call } = request;
  call.errors ??= [code];
  response.removeHeader('etag');
  response.removeHeader('location');
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  const body = JSON.stringify({
    type: 'about:blank',
    title: message,
    status,
    code,
    ...(detail && { detail }),
    ...(remedy && { remedy }),
    ...(errors && { errors }),
    request_id: call.requestId,
  });
  response.statusCode = status;
  response.setHeader('content-type', 'application/problem+json');
  response.setHeader('cache-control', 'no-store');
  response.setHeader('content-length', Buffer.byteLength(body));
  response.end(body);
}

/**
 * What a client may know of an error of the database or the gateway; undefined for one that is ours. `resource`: whose columns it may point at.
 */
export function problemOf(
  error: unknown,
  vocabulary: Vocabulary,
  resource?: Resource | undefined,
): Problem | undefined {
  if (error instanceof ProblemError) return error.problem;
  const shown = publicError(error, vocabulary);
  if (!shown) return undefined;
  // The name of a constraint is the database's business: the contract tells the column.
  const { constraint: _, ...problem } = shown;
  const columns = error instanceof DatabaseError ? columnsOf(error, resource) : [];
  return columns.length === 0
    ? problem
    : {
        ...problem,
        errors: columns.map((column) => ({
          pointer: `/${column}`,
          code: shown.code,
          detail: shown.message,
        })),
      };
}

function columnsOf({ column, constraint }: DatabaseError, resource: Resource | undefined): readonly string[] {
  if (!resource) return [];
  const named = column ? [column] : (resource.constraints[constraint ?? ''] ?? []);
  return named.filter((name) =>
    resource.columns.some((own) => own.name === name && (own.create || own.edit)),
  );
}
