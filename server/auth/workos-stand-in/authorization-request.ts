import type { Request } from 'express';
import { ssoConnection } from './connections.ts';
import { oauthError } from './errors.ts';
import { queryOf } from './input.ts';
import { invitationByToken } from './invitations.ts';
import { isLoopbackUri } from './loopback.ts';
import type { Connection, Invitation, Organization } from './state.ts';
import type { World } from './world.ts';

/** What a product asks for when it sends a browser here. */
export interface AuthorizationRequest {
  redirectUri: string;
  state: string | undefined;
  /** As /authenticate names the way in which the person comes. */
  method: string;
  /** The one through which they come, if they come by single sign-on. */
  connection: Connection | undefined;
  /** The one that was asked for; the session will be in it. */
  organization: Organization | undefined;
  /** The one whose people are offered. */
  narrowedTo: Organization | undefined;
  loginHint: string | undefined;
  invitation: Invitation | undefined;
  challenge: string | undefined;
}

/**
 * Checks the query of the authorize URL. What is wrong with the client or its redirect URI is told here, as RFC 6749,
 * section 4.1.2.1 demands; the rest goes back to the product.
 */
export function readRequest(world: World, request: Request): AuthorizationRequest {
  const redirectUri = readRedirectUri(world, request);
  const connection = find(world.state.connections, 'connection_id', request);
  const organization = find(world.state.organizations, 'organization_id', request);
  const provider = queryOf(request, 'provider');
  if (queryOf(request, 'response_type') !== 'code')
    throw oauthError(400, 'unsupported_response_type', 'response_type has to be code.');
  if (!provider && !connection && !organization)
    throw oauthError(400, 'invalid_request', 'A provider, a connection_id or an organization_id is needed.');
  const through = connection ?? connectionOf(world, organization, provider);
  const domain = queryOf(request, 'domain_hint')?.toLowerCase();
  const byDomain = [...world.state.domains.values()].find((row) => row.domain === domain)?.organization_id;
  return {
    redirectUri,
    state: queryOf(request, 'state'),
    method: through ? 'SSO' : provider && provider !== 'authkit' ? provider : 'Password',
    connection: through,
    organization,
    narrowedTo: world.state.organizations.get(organization?.id ?? through?.organization_id ?? byDomain ?? ''),
    loginHint: queryOf(request, 'login_hint')?.toLowerCase(),
    invitation: readInvitation(world, request),
    challenge: readChallenge(request),
  };
}

/** Asking for an organization leads to its connection; AuthKit does so where the organization demands it. */
function connectionOf(
  world: World,
  organization: Organization | undefined,
  provider: string | undefined,
): Connection | undefined {
  if (!organization || (provider && !(provider === 'authkit' && organization.require_sso))) return undefined;
  return ssoConnection(world, organization.id);
}

export function readRedirectUri(world: World, request: Request): string {
  const { clientId, redirectUris } = world.settings;
  if (queryOf(request, 'client_id') !== clientId)
    throw oauthError(400, 'invalid_client', 'There is no client of this client_id.');
  const uri = queryOf(request, 'redirect_uri') ?? '';
  if (redirectUris ? redirectUris.includes(uri) : isLoopbackUri(uri)) return uri;
  throw oauthError(400, 'invalid_redirect_uri', `The redirect URI '${uri}' is not one of this client's.`);
}

/** RFC 7636 with S256 only: WorkOS knows no other. */
function readChallenge(request: Request): string | undefined {
  const challenge = queryOf(request, 'code_challenge');
  const method = queryOf(request, 'code_challenge_method');
  if (challenge === undefined && method === undefined) return undefined;
  if (method !== 'S256' || !challenge || !/^[A-Za-z0-9_-]{43}$/.test(challenge))
    throw oauthError(400, 'invalid_request', 'code_challenge and code_challenge_method=S256 go together.');
  return challenge;
}

function readInvitation(world: World, request: Request): Invitation | undefined {
  const token = queryOf(request, 'invitation_token');
  if (token === undefined) return undefined;
  const invitation = invitationByToken(world, token);
  if (invitation?.state !== 'pending')
    throw oauthError(400, 'invalid_request', 'The invitation is no longer open.');
  return invitation;
}

function find<T>(rows: Map<string, T>, name: string, request: Request): T | undefined {
  const id = queryOf(request, name);
  if (id === undefined) return undefined;
  const row = rows.get(id);
  if (!row) throw oauthError(400, 'invalid_request', `There is nothing of the ${name} '${id}'.`);
  return row;
}

/** The redirect URI with what it is told. */
export function backTo(to: { redirectUri: string; state: string | undefined }, told: object): string {
  const url = new URL(to.redirectUri);
  for (const [name, value] of Object.entries({ ...told, state: to.state }))
    if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}
