import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Authentication, OrganizationChoice } from '../../../runtime/identity-provider.ts';
import { IdentityRefusedError } from '../../../runtime/identity-provider.ts';
import { countLogin } from '../../../runtime/telemetry/instruments.ts';
import { sha256 } from '../credential.ts';
import { factsOf } from '../guard.ts';
import { RefusedError } from '../refused.ts';
import { parse, Refusal, wantsJson } from './answers.ts';
import type { Browser } from './browser.ts';
import { answerPage, choicePage } from './pages.ts';
import { type PendingLogin, PendingLogins } from './pending.ts';

const hint = z.string().min(1).max(320).optional();
const loginQuery = z.object({
  return_to: z.string().max(500).optional(),
  organization: hint,
  connection: hint,
  domain_hint: hint,
  login_hint: hint,
  invitation_token: hint,
  screen_hint: z.enum(['sign-in', 'sign-up']).optional(),
});
const callbackQuery = z.object({
  code: z.string().min(1).max(2_000).optional(),
  state: z.string().min(1).max(500).optional(),
  error: z.string().max(200).optional(),
  error_description: z.string().max(1_000).optional(),
});
const choiceBody = z.object({ state: z.string().min(1).max(500), organization: z.string().min(1).max(200) });

const unknownState = {
  status: 400,
  code: 'unknown_sign_in',
  message: 'This browser has no such sign-in under way.',
  remedy: 'It took longer than ten minutes, was done already, or began in another browser: sign in again.',
};

const cancelled = {
  status: 403,
  code: 'sign_in_cancelled',
  message: 'The sign-in was cancelled.',
  remedy: 'Sign in again when you want to.',
};

/** From the first redirect to the identity provider to a session here: OpenID Connect's code flow with PKCE and a state of one browser. */
export function loginHandlers(browser: Browser): Record<'login' | 'callback' | 'choose', RequestHandler> {
  const { workos, sessions, tokens, cookies, keyring, answers, publicUrl, returnOf } = browser;
  const redirectUri = `${publicUrl}/auth/callback`;
  const pendingOf = (request: Request) => new PendingLogins(keyring, cookies.pending(request));
  const originOf = (request: Request) => {
    const { ip, userAgent } = factsOf(request);
    return { ipAddress: ip, userAgent };
  };

  /** Begins the session of somebody whom the provider vouches for. */
  async function enter(request: Request, response: Response, begun: PendingLogin, who: Authentication) {
    const { cookie, hash } = tokens.newCookie();
    const { organization } = who;
    try {
      if (!organization)
        throw new RefusedError('ZF017', { cause: new Error('they belong to no organization') });
      const sealed = tokens.seal(who.tokens);
      const end = await admit(who, organization, () =>
        sessions.begin(hash, { ...who, organization }, sealed, factsOf(request)),
      );
      // What this browser was before is over: nothing that knew its former cookie comes along (session fixation).
      const former = cookies.session(request);
      if (former) await sessions.end(sha256(former), 'signed_out', factsOf(request));
      cookies.setSession(response, cookie, end);
      countLogin('success');
      const { tenant, membership } = await sessions.describe(hash);
      request.call.who = { tenantId: tenant.id, actorType: 'member', actorId: membership.id };
      response.redirect(303, begun.returnTo);
    } catch (error) {
      // The provider would answer the same at once, as long as the browser is signed in there.
      answers.refuseFor(request, response, error, workos.logoutUrl(who.session, `${publicUrl}/auth/login`));
    }
  }

  /** Begins a session. Who is not known, or no member, may have become one a moment ago or long before: the provider is asked once. */
  async function admit(who: Authentication, organization: string, begin: () => Promise<Date>): Promise<Date> {
    const learn = async () =>
      sessions.learn(who.issuer, await workos.describeMember(who.subject, organization));
    if (!(await sessions.knows(who.issuer, organization, who.subject))) {
      await learn();
      return begin();
    }
    return begin().catch(async (error: unknown) => {
      if (!(error instanceof RefusedError && error.sqlstate === 'ZF017')) throw error;
      await learn();
      return begin();
    });
  }

  function ask(
    request: Request,
    response: Response,
    { state }: PendingLogin,
    { organizations }: OrganizationChoice,
  ) {
    if (wantsJson(request)) response.json({ state, organizations });
    else answerPage(response, 200, 'Choose an organization', choicePage(organizations, state));
  }

  return {
    login: answers.handler((request, response) => {
      const query = parse(loginQuery, request.query);
      const pending = pendingOf(request);
      const { state, challenge } = pending.begin(returnOf(query.return_to, '/auth'));
      cookies.setPending(response, pending.cookie);
      response.redirect(
        workos.authorizationUrl({
          redirectUri,
          state,
          codeChallenge: challenge,
          organization: query.organization,
          connection: query.connection,
          domainHint: query.domain_hint,
          loginHint: query.login_hint,
          invitationToken: query.invitation_token,
          screenHint: query.screen_hint,
        }),
      );
    }),
    callback: answers.handler(async (request, response) => {
      const query = parse(callbackQuery, request.query);
      // The provider began it (an application in its dashboard, a support person): nobody here knows whether this browser wants to. It begins anew.
      if (!query.state) return response.redirect('/auth/login');
      const pending = pendingOf(request);
      const begun = pending.take(query.state);
      cookies.setPending(response, pending.cookie);
      if (!begun) throw new Refusal(unknownState);
      if (query.error === 'access_denied') throw new Refusal(cancelled);
      if (query.error || !query.code)
        throw new IdentityRefusedError(
          query.error ?? 'no_code',
          query.error_description ?? 'it sent no code',
        );
      const answer = await workos.authenticate(query.code, begun.verifier, originOf(request));
      if (!('pendingToken' in answer)) return enter(request, response, begun, answer);
      pending.hold(begun, answer.pendingToken);
      cookies.setPending(response, pending.cookie);
      ask(request, response, begun, answer);
    }),
    choose: answers.change(async (request, response) => {
      const { state, organization } = parse(choiceBody, request.body);
      const pending = pendingOf(request);
      const begun = pending.take(state);
      cookies.setPending(response, pending.cookie);
      if (!begun?.choice) throw new Refusal(unknownState);
      await enter(
        request,
        response,
        begun,
        await workos.choose(begun.choice, organization, originOf(request)),
      );
    }),
  };
}
