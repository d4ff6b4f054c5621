import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { IdentityRefusedError } from '../../../runtime/identity-provider.ts';
import { sha256 } from '../credential.ts';
import { factsOf } from '../guard.ts';
import { RefusedError } from '../refused.ts';
import { parse, wantsJson } from './answers.ts';
import type { Browser } from './browser.ts';
import { accountPage, answerPage } from './pages.ts';

const switchBody = z.object({
  organization: z.string().min(1).max(200),
  return_to: z.string().max(500).optional(),
});
const logoutBody = z.object({ return_to: z.string().max(500).optional() });
const revokeBody = z.union([
  z.object({ id: z.uuid() }),
  z.object({ all: z.union([z.literal(true), z.literal('true')]) }),
]);

type Name = 'logout' | 'switchTo' | 'revoke' | 'session' | 'list' | 'page';

/** What somebody who is signed in can do with their sessions. */
export function accountHandlers(browser: Browser): Record<Name, RequestHandler> {
  const { workos, sessions, tokens, cookies, answers, log, returnOf } = browser;
  const hashOf = (request: Request): Buffer => {
    const cookie = cookies.session(request);
    if (!cookie) throw new RefusedError('ZF001');
    return sha256(cookie);
  };

  /** They have ended here, whatever the provider says. */
  const endThere = async (ended: readonly string[]): Promise<void> => {
    const there = await Promise.allSettled(ended.map((session) => workos.revokeSession(session)));
    for (const result of there) {
      if (result.status === 'rejected')
        log.error({ err: result.reason }, 'a session could not be ended at the identity provider');
    }
  };

  return {
    logout: answers.change(async (request, response) => {
      const returnTo = returnOf(parse(logoutBody, request.body).return_to, '/auth/login');
      const cookie = cookies.session(request);
      const session = cookie && (await sessions.end(sha256(cookie), 'signed_out', factsOf(request)));
      cookies.clearSession(response);
      const url = session ? workos.logoutUrl(session, returnTo) : returnTo;
      if (!wantsJson(request)) return response.redirect(303, url);
      // A page of ours goes there; what asks for JSON may not.
      if (session) await endThere([session]);
      response.json({ url });
    }),

    switchTo: answers.change(async (request, response) => {
      const { organization, return_to } = parse(switchBody, request.body);
      const returnTo = returnOf(return_to, '/auth');
      try {
        const { cookie, expiresAt } = await tokens.switchTo(hashOf(request), organization, factsOf(request));
        cookies.setSession(response, cookie, expiresAt);
        if (wantsJson(request)) response.json(await sessions.describe(sha256(cookie)));
        else response.redirect(303, returnTo);
      } catch (error) {
        const byPolicy = error instanceof RefusedError && error.sqlstate === 'ZF018';
        if (!byPolicy && !(error instanceof IdentityRefusedError)) throw error;
        // The organization wants its own proof of who somebody is, such as its SSO: the provider says so, or its rules here.
        const again = `/auth/login?${new URLSearchParams({ organization, return_to: returnTo })}`;
        log.info({ reason: (error as Error).message }, 'another organization asks for a new sign-in');
        if (!wantsJson(request)) return response.redirect(303, again);
        answers.refuse(request, response, {
          status: 409,
          code: 'sign_in_required',
          message: 'The organization asks for a new sign-in.',
          remedy: `Send the browser to ${again}`,
        });
      }
    }),

    revoke: answers.change(async (request, response) => {
      const body = parse(revokeBody, request.body);
      const ended = await sessions.revoke(hashOf(request), 'id' in body ? body.id : null, factsOf(request));
      await endThere(ended);
      if ('all' in body) cookies.clearSession(response);
      if (wantsJson(request)) response.json({ ended: ended.length });
      else response.redirect(303, '/auth');
    }),

    session: answers.handler(async (request, response) => {
      response.json(await sessions.describe(hashOf(request)));
    }),

    list: answers.handler(async (request, response) => {
      response.json(await sessions.list(hashOf(request)));
    }),

    page: answers.handler(async (request, response) => {
      try {
        const hash = hashOf(request);
        const [view, list] = await Promise.all([sessions.describe(hash), sessions.list(hash)]);
        answerPage(response, 200, view.tenant.name, accountPage(view, list));
      } catch (error) {
        // It ended while the guard still had a context of it.
        if (!(error instanceof RefusedError) || wantsJson(request)) throw error;
        response.redirect('/auth/login');
      }
    }),
  };
}
