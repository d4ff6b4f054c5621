import type { Request, Response } from 'express';
import { type Problem, ProblemError } from './problem.ts';
import type { Terms } from './terms.ts';

/*
 * Web pages of other origins (https://fetch.spec.whatwg.org/#http-cors-protocol). Which of them may call the API is the tenant's to say, and a preflight
 * does not say whose it is: so preflights are answered to everybody, which gives nothing away, and the request itself is refused unless the tenant
 * named the origin. Credentials are keys and tokens that a page holds itself: cookies are not taken across origins.
 */

const requestHeaders =
  'authorization, content-type, accept, idempotency-key, if-match, if-none-match, freehold-version, x-request-id, traceparent';
const responseHeaders =
  'etag, location, x-request-id, freehold-version, deprecation, sunset, link, ratelimit, ratelimit-policy, retry-after, idempotency-replayed, content-disposition';

/** Adds to the answer of OPTIONS what a preflight asks for. `allow`: the methods of the address. */
export function answerPreflight(request: Request, response: Response, allow: string): void {
  const { origin } = request.headers;
  if (!origin || !request.headers['access-control-request-method']) return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-methods', allow);
  response.setHeader('access-control-allow-headers', requestHeaders);
  response.setHeader('access-control-max-age', '600');
}

/**
 * Lets a page of another origin read the answer, if the tenant named it. `own`: origins of this installation.
 * @throws ProblemError 403 for another
 */
export function admitOrigin(
  request: Request,
  response: Response,
  terms: Terms,
  own: readonly string[],
): void {
  const { origin } = request.headers;
  if (!origin) return;
  if (!own.includes(origin) && !terms.allowedOrigins.includes(origin))
    throw new ProblemError(originNotAllowed(origin));
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', responseHeaders);
}

const originNotAllowed = (origin: string): Problem => ({
  code: 'origin_not_allowed',
  status: 403,
  message: 'Pages of this origin may not call the API for this tenant.',
  detail: origin.slice(0, 200),
  remedy: 'Have an owner add it to allowed_origins of the tenant.',
});
