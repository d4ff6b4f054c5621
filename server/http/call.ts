import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Credential } from '../auth/credential.ts';
import type { Caller, Context } from '../database/context.ts';

/** What the server knows of one request. */
export interface Call {
  readonly requestId: string;
  readonly traceparent: string;
  readonly startedAt: number;
  /** Known once a guard has let the request in. */
  caller: Caller | undefined;
  credential: Credential | undefined;
  context: Context | undefined;
  /** The GraphQL operation's name, for the log. */
  operation: string | undefined;
  /** The codes of the errors that were answered, for the log. */
  errors: string[] | undefined;
  /** Answer with this HTTP status instead of the one of the protocol. */
  status: number | undefined;
}

declare module 'express-serve-static-core' {
  interface Request {
    call: Call;
  }
}

const saneId = /^[0-9A-Za-z_.:=+/-]{8,128}$/;
const saneTraceparent = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Begins a call: takes over the caller's X-Request-Id when it is one, or makes one; both log and answer carry
 * it.
 */
export const beginCall: RequestHandler = (request: Request, response: Response, next: NextFunction): void => {
  const { 'x-request-id': given, traceparent } = request.headers;
  const requestId = typeof given === 'string' && saneId.test(given) ? given : randomUUID();
  request.call = {
    requestId,
    traceparent: typeof traceparent === 'string' && saneTraceparent.test(traceparent) ? traceparent : '',
    startedAt: performance.now(),
    caller: undefined,
    credential: undefined,
    context: undefined,
    operation: undefined,
    errors: undefined,
    status: undefined,
  };
  response.setHeader('x-request-id', requestId);
  next();
};

/** Aborted when the client closes the connection before it has its answer. */
export function goneSignal(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
