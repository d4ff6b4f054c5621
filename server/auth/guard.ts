import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from '../../runtime/log.ts';
import type { Caller, Context } from '../database/context.ts';
import { type PublicError, publicError } from '../errors/public-error.ts';
import type { Vocabulary } from '../errors/vocabulary.ts';
import { wantsStream } from '../graphql/sse.ts';
import { maskedError } from '../http/answer.ts';
import { goneSignal } from '../http/call.ts';
import { type Attempts, TooManyAttemptsError } from './attempts.ts';
import { crossOrigin, isOwnPage, isSafe } from './browser/origin.ts';
import type { Contexts } from './contexts.ts';
import type { Credential, CredentialReader } from './credential.ts';
import { RefusedError } from './refused.ts';
import type { RequestFacts } from './resolve.ts';

export interface GuardOptions {
  contexts: Contexts;
  attempts: Attempts;
  /** Asked in order; the first that finds a credential decides. */
  readers: readonly CredentialReader[];
  vocabulary: Vocabulary;
  log: Logger;
  /** Of our frontends: from elsewhere, a session cookie changes nothing. */
  origins: readonly string[];
  /** How this endpoint answers a refusal. */
  refuse(request: Request, response: Response, error: PublicError): void;
}

/** Another site's page had the browser send its cookie. */
class CrossOriginError extends Error {}

/**
 * Lets in whom the database knows, and gives the request its caller. Everyone else is refused with 401 or
 * what the database said.
 */
export function guard(options: GuardOptions): RequestHandler {
  const { contexts, attempts, readers, vocabulary, log, origins, refuse } = options;
  const reject = (request: Request, response: Response, error: unknown): void => {
    const shown = shownOf(error, vocabulary) ?? maskedError(request.call.requestId);
    if (shown.status >= 500) log.error({ err: error }, 'a caller could not be resolved');
    const reason = error instanceof RefusedError && (error.cause as Error | undefined)?.message;
    if (reason) log.info({ reason, code: shown.code, ip: request.ip }, 'a credential was refused');
    if (error instanceof TooManyAttemptsError) response.setHeader('retry-after', String(error.retryAfter));
    if (shown.status === 401) response.setHeader('www-authenticate', 'Bearer');
    refuse(request, response, shown);
  };
  /** A credential that was not good counts; where too many were not, that is the answer. Resolves to what to answer with. */
  const counted = async (request: Request, error: unknown): Promise<unknown> => {
    if (!(error instanceof RefusedError) || error.sqlstate !== 'ZF001' || !error.cause) return error;
    const { ip } = factsOf(request);
    const { authorization } = request.headers;
    try {
      await attempts.check(ip, authorization);
      await attempts.failed(ip, authorization);
      return error;
    } catch (limit) {
      return limit;
    }
  };
  return (request, response, next) => {
    const facts = factsOf(request);
    const enter = async (): Promise<void> => {
      const credential = readCredential(readers, request);
      // A stream changes nothing, and yet keeps a place for as long as a page wants.
      const isHarmless = isSafe(request.method) && !wantsStream(request.headers.accept);
      if (credential.kind === 'session' && !isHarmless && !isOwnPage(request, origins))
        throw new CrossOriginError();
      if (!contexts.holds(credential, facts)) await attempts.check(facts.ip, request.headers.authorization);
      const context = await contexts.get(credential, facts);
      const { call } = request;
      call.who = context;
      call.credential = credential;
      const { tenantId } = context;
      const signal = goneSignal(response);
      const callerOf = (its: Context): Caller => ({
        context: sameTenant(its, tenantId),
        requestId: call.requestId,
        traceparent: call.traceparent,
        signal,
        renew: async () => sameTenant(await contexts.renew(credential, facts, its), tenantId),
      });
      call.caller = callerOf(context);
      call.again = async () => callerOf(await contexts.get(credential, facts));
    };
    enter().then(
      () => next(),
      async (error: unknown) => reject(request, response, await counted(request, error)),
    );
  };
}

/** A session that went to another organization is another caller. */
function sameTenant(context: Context, tenantId: string): Context {
  if (context.tenantId !== tenantId) throw new RefusedError('ZF002');
  return context;
}

function shownOf(error: unknown, vocabulary: Vocabulary): PublicError | undefined {
  if (error instanceof CrossOriginError) return crossOrigin;
  if (error instanceof TooManyAttemptsError) return error.shown;
  return publicError(error, vocabulary);
}

/** @throws RefusedError when there is none, or one that cannot be good */
function readCredential(readers: readonly CredentialReader[], request: Request): Credential {
  for (const read of readers) {
    const credential = read(request.headers);
    if (credential) return credential;
  }
  const cause =
    request.headers.authorization && new Error('the authorization header holds no credential that is known');
  throw new RefusedError('ZF001', cause ? { cause } : {});
}

/** What the database and the identity provider may want to know of a request. */
export function factsOf(request: Request): RequestFacts {
  const { requestId, traceparent } = request.call;
  return {
    ip: addressOf(request),
    userAgent: request.headers['user-agent']?.slice(0, 500),
    requestId,
    traceparent,
  };
}

/** As IPv4 when it is: a server that listens on both sees ::ffff:203.0.113.7, which is in no IPv4 network. */
function addressOf({ ip = '' }: Request): string {
  return ip.replace(/^::ffff:(?=\d+\.)/i, '');
}
