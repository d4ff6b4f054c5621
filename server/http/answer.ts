import type { Request, Response } from 'express';
import type { PublicError } from '../errors/public-error.ts';

/** What a client is shown when it may not know the reason: the log has it under the request id. */
export function maskedError(requestId: string): PublicError {
  return {
    code: 'internal',
    status: 500,
    message: 'Something went wrong on our side.',
    remedy: `Try again; if it stays, give us the request id ${requestId}.`,
  };
}

/** Answers a request that failed outside GraphQL: problem details, RFC 9457. */
export function answerProblem(request: Request, response: Response, error: PublicError): void {
  const { code, status, message, ...rest } = error;
  request.call.errors ??= [code];
  response
    .status(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: 'about:blank',
        title: message,
        status,
        code,
        ...rest,
        requestId: request.call.requestId,
      }),
    );
}

/** Answers a GraphQL request that was refused before it was read, in the shape that GraphQL clients read. */
export function answerGraphqlError(request: Request, response: Response, error: PublicError): void {
  const { code, status, message, ...rest } = error;
  request.call.errors ??= [code];
  const accepted = request.accepts(['application/graphql-response+json', 'application/json']);
  response
    .status(status)
    .type(accepted || 'application/json')
    .send(
      JSON.stringify({
        errors: [{ message, extensions: { code, ...rest, requestId: request.call.requestId } }],
      }),
    );
}
