import { type Request, type Response, Router } from 'express';
import * as z from 'zod';
import { html } from '../../http/html.ts';
import { type AuthorizationRequest, backTo, readRedirectUri, readRequest } from './authorization-request.ts';
import { ApiError, oauthError } from './errors.ts';
import { sendPage } from './html.ts';
import { newSecret } from './ids.ts';
import { email, parse, queryOf, text } from './input.ts';
import { createMembership, membershipOf } from './memberships.ts';
import { demandOwnOrigin } from './origin.ts';
import { accountsOf, sendPicker } from './picker.ts';
import type { User } from './state.ts';
import { createUser, userByEmail } from './users.ts';
import { remember, type World } from './world.ts';

const codeMs = 10 * 60_000;

const pick = z.union([
  z.object({ impersonator_email: email, reason: text, user_id: text }),
  z.object({ user_id: text }),
  z.object({ email, name: z.string().trim().optional() }),
]);

/** The person who picked an account, or signed up. */
function personOf(world: World, asked: AuthorizationRequest, input: z.infer<typeof pick>): User {
  if ('user_id' in input) {
    const user = world.state.users.get(input.user_id);
    if (!user) throw oauthError(400, 'invalid_request', 'There is no such account.');
    return user;
  }
  const [first_name, ...rest] = (input.name ?? '').split(/\s+/).filter(Boolean);
  const user =
    userByEmail(world, input.email) ??
    createUser(world, {
      email: input.email,
      email_verified: true,
      first_name,
      last_name: rest.join(' ') || undefined,
    });
  // Who comes through an organization's connection is vouched for by its identity provider.
  if (asked.connection && !membershipOf(world, user.id, asked.connection.organization_id))
    createMembership(world, { user_id: user.id, organization_id: asked.connection.organization_id });
  return user;
}

/** A code for who was picked. */
function newCode(world: World, asked: AuthorizationRequest, input: z.infer<typeof pick>): string {
  const user = personOf(world, asked, input);
  const impersonator =
    'impersonator_email' in input ? { email: input.impersonator_email, reason: input.reason } : undefined;
  const code = newSecret();
  remember(world.codes, code, {
    expiresAt: Date.now() + codeMs,
    challenge: asked.challenge,
    used: false,
    signIn: {
      userId: user.id,
      organizationId: asked.organization?.id ?? asked.connection?.organization_id,
      method: impersonator ? 'Impersonation' : asked.method,
      connectionId: impersonator ? undefined : asked.connection?.id,
      impersonator,
      invitationToken: impersonator ? undefined : asked.invitation?.token,
    },
  });
  return code;
}

const wantsJson = (request: Request): boolean => request.accepts(['html', 'json']) === 'json';

/** Tells what is wrong: to the product when its redirect URI is known to be its own, else to who sits here. */
function refuse(world: World, request: Request, response: Response, error: unknown): void {
  if (!(error instanceof ApiError) || wantsJson(request)) throw error;
  const told = error.body as { error: string; error_description: string };
  if (!['invalid_client', 'invalid_redirect_uri'].includes(told.error)) {
    const to = { redirectUri: readRedirectUri(world, request), state: queryOf(request, 'state') };
    response.redirect(302, backTo(to, told));
    return;
  }
  sendPage(
    response,
    error.status,
    'Refused',
    html`<h1>This sign-in cannot begin</h1><p>${error.message}</p>`,
  );
}

export function authorizeRoutes(world: World): Router {
  const router = Router();
  router.get('/user_management/authorize', (request, response) => {
    try {
      const asked = readRequest(world, request);
      const query = new URL(request.originalUrl, world.settings.url).search;
      const action = `/user_management/authorize/pick${query}`;
      if (!wantsJson(request)) return sendPicker(world, response, asked, action);
      const accounts = accountsOf(world, asked).map(({ id, email, name }) => ({ id, email, name }));
      response.json({ accounts, pick: `${world.settings.url}${action}` });
    } catch (error) {
      refuse(world, request, response, error);
    }
  });
  router.post('/user_management/authorize/pick', demandOwnOrigin, (request, response) => {
    const asked = readRequest(world, request);
    const code = newCode(world, asked, parse(pick, request.body));
    response.set('cache-control', 'no-store').redirect(302, backTo(asked, { code }));
  });
  return router;
}
