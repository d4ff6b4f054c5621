import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import { IdentityRefusedError, IdentityUnavailableError } from '../../../runtime/identity-provider.ts';
import type { Logger } from '../../../runtime/log.ts';
import { countLogin } from '../../../runtime/telemetry/instruments.ts';
import { type PublicError, publicError } from '../../errors/public-error.ts';
import type { Vocabulary } from '../../errors/vocabulary.ts';
import { answerProblem, maskedError } from '../../http/answer.ts';
import { type Attempts, TooManyAttemptsError } from '../attempts.ts';
import { factsOf } from '../guard.ts';
import { RefusedError } from '../refused.ts';
import { crossOrigin, isOwnPage } from './origin.ts';
import { answerPage, refusalPage } from './pages.ts';

/** A refusal that knows how it is shown, on its way to the answer. */
export class Refusal extends Error {
  readonly shown: PublicError;

  constructor(shown: PublicError, options?: ErrorOptions) {
    super(shown.message, options);
    this.shown = shown;
  }
}

/** A frontend's request, not a navigation of a browser. */
export const wantsJson = (request: Request): boolean => request.accepts(['html', 'json']) === 'json';

/** What came with a request. @throws Refusal that names the field */
export function parse<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Refusal({
    status: 400,
    code: 'invalid_request',
    message: `The request is not acceptable: ${issue?.path.join('.') || 'its body'}: ${issue?.message}.`,
    remedy: 'See docs/identity.md for what it may hold.',
  });
}

type Handle = (request: Request, response: Response) => Promise<void> | void;

export interface Answers {
  /** Answers what `handle` throws, as a page or a problem, and logs why. */
  handler(handle: Handle): RequestHandler;
  /** The same for a change, which a page of ours must have asked for. */
  change(handle: Handle): RequestHandler;
  /** @param logoutUrl where to sign out at the identity provider, when that would answer the same again */
  refuse(request: Request, response: Response, error: PublicError, logoutUrl?: string): void;
  /** The same for an error. */
  refuseFor(request: Request, response: Response, error: unknown, logoutUrl?: string): void;
}

/** Where a sign-in ends, well or not. */
const endsLogin = new Set(['/auth/callback', '/auth/choose']);

export interface AnswersOptions {
  vocabulary: Vocabulary;
  log: Logger;
  origins: readonly string[];
  attempts: Attempts;
}

export function createAnswers({ vocabulary, log, origins, attempts }: AnswersOptions): Answers {
  const refuse: Answers['refuse'] = (request, response, shown, logoutUrl) => {
    if (wantsJson(request)) return answerProblem(request, response, shown);
    const page = refusalPage(shown, request.call.requestId, logoutUrl);
    answerPage(response, shown.status, 'You are not signed in', page);
  };
  const refuseFor: Answers['refuseFor'] = (request, response, error, logoutUrl) => {
    const shown = shownOf(error, vocabulary) ?? maskedError(request.call.requestId);
    if (shown.status >= 500) log.error({ err: error }, 'a sign-in failed');
    else log.info({ reason: reasonOf(error), code: shown.code, ip: request.ip }, 'a sign-in was refused');
    if (endsLogin.has(request.path)) countLogin(shown.status >= 500 ? 'failure' : 'refused');
    if (error instanceof TooManyAttemptsError) response.setHeader('retry-after', String(error.retryAfter));
    refuse(request, response, shown, logoutUrl);
  };
  const handler: Answers['handler'] = (handle) => async (request, response) => {
    response.setHeader('cache-control', 'no-store');
    try {
      await handle(request, response);
    } catch (error) {
      refuseFor(request, response, error);
    }
  };
  return {
    handler,
    change: (handle) =>
      handler(async (request, response) => {
        if (!isOwnPage(request, origins)) throw new Refusal(crossOrigin);
        const { ip } = factsOf(request);
        await attempts.check(ip, undefined);
        try {
          await handle(request, response);
        } catch (error) {
          if (error instanceof RefusedError && error.sqlstate === 'ZF001')
            await attempts.failed(ip, undefined);
          throw error;
        }
      }),
    refuse,
    refuseFor,
  };
}

function shownOf(error: unknown, vocabulary: Vocabulary): PublicError | undefined {
  if (error instanceof Refusal || error instanceof TooManyAttemptsError) return error.shown;
  if (error instanceof IdentityUnavailableError) return publicError(new RefusedError('ZF016'), vocabulary);
  if (!(error instanceof IdentityRefusedError)) return publicError(error, vocabulary);
  return {
    status: 403,
    code: 'sign_in_refused',
    message: 'The identity provider refused the sign-in.',
    remedy: 'Sign in again; if it stays, ask your administrator.',
  };
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
