import { createHash, timingSafeEqual } from 'node:crypto';
import { Router } from 'express';
import * as z from 'zod';
import { ssoConnection } from './connections.ts';
import { ApiError, oauthError } from './errors.ts';
import { hashOf, newSecret } from './ids.ts';
import { parse, text } from './input.ts';
import { acceptInvitation, invitationByToken } from './invitations.ts';
import { activeMemberships, membershipOf } from './memberships.ts';
import { endSessions, expireSession, startSession } from './sessions.ts';
import type { Session, User } from './state.ts';
import { change } from './timestamps.ts';
import { newRefreshToken, type Signer } from './tokens.ts';
import { type Code, type PendingSelection, recall, remember, type SignIn, type World } from './world.ts';

const client = z.object({
  client_id: text,
  client_secret: text.nullish(),
  ip_address: z.string().nullish(),
  user_agent: z.string().nullish(),
});
type Client = z.infer<typeof client>;

const codeGrant = client.extend({
  code: text,
  code_verifier: text.nullish(),
  invitation_token: text.nullish(),
});
const refreshGrant = client.extend({ refresh_token: text, organization_id: text.nullish() });
const selectionGrant = client.extend({ pending_authentication_token: text, organization_id: text });

const pendingMs = 10 * 60_000;

const invalidGrant = (description: string): ApiError => oauthError(400, 'invalid_grant', description);

/** Who passed the checks of a grant: their session, or why there is none as an ApiError. */
type Grant = (world: World, body: unknown) => Session;

const grants: Record<string, Grant> = {
  authorization_code: exchangeCode,
  refresh_token: refresh,
  'urn:workos:oauth:grant-type:organization-selection': selectOrganization,
};

export function authenticateRoutes(world: World, signer: Signer): Router {
  const router = Router();
  router.post('/user_management/authenticate', async (request, response) => {
    const { grant_type } = parse(z.object({ grant_type: text }), request.body);
    const grant = grants[grant_type];
    if (!grant) throw oauthError(400, 'unsupported_grant_type', `There is no grant type ${grant_type} here.`);
    // The state changes without a pause, so that two requests with one code or token never both succeed.
    const session = grant(world, request.body);
    const user = world.state.users.get(session.user_id) as User;
    const refresh_token = newRefreshToken(world, session);
    const membership = membershipOf(world, user.id, session.organization_id ?? '');
    const access_token = await signer.accessToken(world.settings, session, membership);
    response.set('cache-control', 'no-store').json({
      user,
      ...(session.organization_id && { organization_id: session.organization_id }),
      access_token,
      refresh_token,
      authentication_method: session.authentication_method,
      ...(session.impersonator && { impersonator: session.impersonator }),
    });
  });
  return router;
}

/** Whether the client showed the API key. A wrong key is refused, an absent one is a public client. */
function isConfidential(world: World, input: Client): boolean {
  if (input.client_id !== world.settings.clientId)
    throw oauthError(400, 'invalid_client', `There is no client ${input.client_id}.`);
  if (input.client_secret === undefined || input.client_secret === null) return false;
  if (!sameText(input.client_secret, world.settings.apiKey))
    throw oauthError(401, 'invalid_client', 'The client secret is wrong.');
  return true;
}

/** Compares in a time that tells nothing of where two texts differ. */
export const sameText = (one: string, other: string): boolean =>
  timingSafeEqual(createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest());

function exchangeCode(world: World, body: unknown): Session {
  const input = parse(codeGrant, body);
  const confidential = isConfidential(world, input);
  const code = recall(world.codes, input.code);
  if (!code) throw invalidGrant(`The code '${input.code}' has expired or is invalid.`);
  if (code.used) throw refuseAgain(world, code);
  demandVerifier(code, input.code_verifier ?? undefined, confidential);
  const { signIn } = code;
  const token = input.invitation_token ?? signIn.invitationToken;
  const accept = token ? invitationOf(world, signIn, token) : undefined;
  // Only now: a request that was refused costs the person neither their code nor the invitation.
  code.used = true;
  const organizationId = accept?.() ?? signIn.organizationId;
  return finish(world, { ...signIn, organizationId }, code, input, !confidential);
}

/** RFC 6749, section 4.1.2: what came of the first use of a code is revoked at its second. */
function refuseAgain(world: World, code: Code): ApiError {
  endSessions(world, (session) => session.id === code.sessionId);
  for (const [token, pending] of world.pending) if (pending.code === code) world.pending.delete(token);
  return invalidGrant('The code was used already.');
}

/** RFC 7636: a code with a challenge needs its verifier, also from a client with a secret. */
function demandVerifier(code: Code, verifier: string | undefined, confidential: boolean): void {
  if (!code.challenge && !confidential)
    throw oauthError(400, 'invalid_request', 'Either a client secret or a code verifier is needed.');
  if (!code.challenge && verifier) throw invalidGrant('The code was asked for without a code challenge.');
  if (!code.challenge) return;
  if (!verifier) throw invalidGrant('The code verifier is missing.');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  if (!sameText(challenge, code.challenge)) throw invalidGrant('The code verifier is wrong.');
}

/** What accepts an invitation, and gives its organization if it has one. */
function invitationOf(world: World, signIn: SignIn, token: string): () => string | undefined {
  const invitation = invitationByToken(world, token);
  const user = world.state.users.get(signIn.userId);
  if (invitation?.state !== 'pending' || !user) throw invalidGrant('The invitation is no longer open.');
  if (invitation.email !== user.email)
    throw invalidGrant('The invitation was sent to another e-mail address.');
  return () => {
    acceptInvitation(world, invitation, user);
    return invitation.organization_id ?? undefined;
  };
}

function selectOrganization(world: World, body: unknown): Session {
  const input = parse(selectionGrant, body);
  const confidential = isConfidential(world, input);
  const pending = recall(world.pending, input.pending_authentication_token);
  if (!pending || confidential === pending.publicClient)
    throw invalidGrant('The pending authentication token has expired or is invalid.');
  const signIn = { ...pending.signIn, organizationId: input.organization_id };
  const session = finish(world, signIn, pending.code, input, pending.publicClient);
  world.pending.delete(input.pending_authentication_token);
  return session;
}

function finish(world: World, signIn: SignIn, code: Code, input: Client, publicClient: boolean): Session {
  const user = world.state.users.get(signIn.userId);
  if (!user) throw invalidGrant('The user no longer exists.');
  const active = activeMemberships(world, user.id);
  if (!signIn.organizationId && active.length > 1)
    throw askWhich(world, user, { signIn, code, publicClient, expiresAt: Date.now() + pendingMs });
  const organizationId = signIn.organizationId ?? active[0]?.organization_id;
  if (organizationId) demandAccess(world, user, organizationId, signIn);
  const session = startSession(world, signIn, {
    organizationId,
    publicClient,
    ip: input.ip_address ?? undefined,
    userAgent: input.user_agent ?? undefined,
  });
  code.sessionId = session.id;
  return session;
}

function askWhich(world: World, user: User, pending: PendingSelection): ApiError {
  const token = newSecret();
  remember(world.pending, token, pending);
  const organizations = activeMemberships(world, user.id).flatMap(({ organization_id }) => {
    const organization = world.state.organizations.get(organization_id);
    return organization ? [{ id: organization.id, name: organization.name }] : [];
  });
  return new ApiError(403, {
    code: 'organization_selection_required',
    message: 'The user must choose an organization to finish their authentication.',
    pending_authentication_token: token,
    user,
    organizations,
  });
}

const isMember = (world: World, userId: string, organizationId: string): boolean =>
  membershipOf(world, userId, organizationId)?.status === 'active';

/** @throws ApiError 403 when the person is no active member, or has to come through the organization's connection */
function demandAccess(
  world: World,
  user: User,
  organizationId: string,
  came: { connectionId?: string | undefined; impersonator?: unknown },
): void {
  if (!isMember(world, user.id, organizationId))
    throw oauthError(403, 'access_denied', 'The user is not an active member of the organization.');
  const connection = ssoConnection(world, organizationId);
  const organization = world.state.organizations.get(organizationId);
  if (!connection || !organization?.require_sso || came.impersonator) return;
  if (world.state.connections.get(came.connectionId ?? '')?.organization_id === organizationId) return;
  throw oauthError(403, 'sso_required', 'User must authenticate using one of the matching connections.', {
    connection_ids: [connection.id],
    email: user.email,
  });
}

function refresh(world: World, body: unknown): Session {
  const input = parse(refreshGrant, body);
  const confidential = isConfidential(world, input);
  const token = world.state.refreshTokens.get(hashOf(input.refresh_token));
  const session = world.state.sessions.get(token?.session_id ?? '');
  if (!token || !session || expireSession(session))
    throw invalidGrant('The session has ended, or never was.');
  if (token.used) {
    // Somebody else has it as well, and nobody knows who of the two is the thief.
    endSessions(world, (one) => one === session);
    throw invalidGrant('The refresh token was used already.');
  }
  if (!confidential && !session.public_client)
    throw oauthError(401, 'invalid_client', 'The session was begun with a client secret.');
  const user = world.state.users.get(session.user_id);
  if (!user) throw invalidGrant('The user no longer exists.');
  const organizationId = input.organization_id ?? session.organization_id;
  if (!input.organization_id && organizationId && !isMember(world, user.id, organizationId))
    throw invalidGrant('The user is no longer an active member of the organization of the session.');
  // Refused before the token counts as used: the person stays where they were.
  if (organizationId)
    demandAccess(world, user, organizationId, {
      connectionId: session.connection_id,
      impersonator: session.impersonator,
    });
  token.used = true;
  if (organizationId) change(session, { organization_id: organizationId });
  return session;
}
