import type { AuthenticationResponse } from '@workos-inc/node';
import {
  AuthenticationException,
  OauthException,
  SignatureVerificationException,
  WorkOS,
} from '@workos-inc/node';
import { decodeJwt } from 'jose';
import { z } from 'zod';

/**
 * WorkOS, as far as Freehold needs it. This is the one file that imports its SDK, whose majors move fast: the rest of Freehold knows the types below.
 */

export interface WorkosSettings {
  apiKey: string;
  clientId: string;
  /** Such as https://api.workos.com, without a path. */
  apiUrl: string;
  /** Claim `iss` of its access tokens: with the subject, the name of a person. */
  issuer: string;
}

/** Where and how somebody is sent to prove who they are. */
export interface AuthorizationRequest {
  redirectUri: string;
  state: string;
  /** Of the code verifier, S256 (RFC 7636). */
  codeChallenge: string;
  organization?: string | undefined;
  connection?: string | undefined;
  domainHint?: string | undefined;
  loginHint?: string | undefined;
  invitationToken?: string | undefined;
  screenHint?: 'sign-in' | 'sign-up' | undefined;
}

/** Where a request came from: shown to the person in WorkOS's own record of sessions. */
export interface Origin {
  ipAddress: string;
  userAgent: string | undefined;
}

export interface Tokens {
  access: string;
  /** Good once. */
  refresh: string;
}

/** Whom WorkOS vouches for. */
export interface Authentication {
  issuer: string;
  subject: string;
  email: string;
  emailVerified: boolean;
  name: string;
  /** Undefined for a person who belongs to none. */
  organization: string | undefined;
  /** WorkOS's name of the session. */
  session: string;
  /** SSO, Password, GoogleOAuth and so on; undefined after a refresh. */
  method: string | undefined;
  /** A support person who acts as this one. */
  impersonator: { email: string; reason: string | null } | undefined;
  tokens: Tokens;
  /** When the access token ends, and WorkOS should be asked again. */
  expiresAt: Date;
}

/** The person belongs to several organizations, and has to say which. */
export interface OrganizationChoice {
  pendingToken: string;
  organizations: readonly { id: string; name: string }[];
}

/** An object in WorkOS's own words (its API reference): the database reads it, and the SDK's names, which change, stay out of it. */
export type ProviderObject = { readonly id: string } & Readonly<Record<string, unknown>>;

/** What is known of an object: kind as in identity.provider_event. */
export interface ToldObject {
  kind: string;
  object: ProviderObject;
}

/** An event in WorkOS's own words. */
export type ProviderEvent = z.infer<typeof providerEvent>;

const providerEvent = z.object({
  id: z.string().min(1).max(100),
  event: z.string().min(1).max(200),
  data: z.record(z.string(), z.unknown()),
  created_at: z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'is no time'),
});

/** Where to go on listing events: after one, or from a time on. */
export type EventPosition = { after: string } | { rangeStart: Date };

/** A webhook that WorkOS has not signed, or too long ago. */
export class WebhookRefusedError extends Error {
  override name = 'WebhookRefusedError';
}

/** WorkOS said no. `code` is its own: invalid_grant, sso_required, access_denied. */
export class IdentityRefusedError extends Error {
  override name = 'IdentityRefusedError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** WorkOS could not be asked, or did not answer sensibly: nobody knows. */
export class IdentityUnavailableError extends Error {
  override name = 'IdentityUnavailableError';
}

export interface Workos {
  readonly issuer: string;
  /** The page to send a browser to. */
  authorizationUrl(request: AuthorizationRequest): string;
  /** Of a code, which is good once. @throws IdentityRefusedError, IdentityUnavailableError */
  authenticate(
    code: string,
    codeVerifier: string,
    origin: Origin,
  ): Promise<Authentication | OrganizationChoice>;
  /** The answer to an OrganizationChoice. @throws IdentityRefusedError, IdentityUnavailableError */
  choose(pendingToken: string, organization: string, origin: Origin): Promise<Authentication>;
  /**
   * New tokens for a session, in another organization when one is given. The refresh token is good once, whatever comes of it.
   * @throws IdentityRefusedError invalid_grant when the session has ended; IdentityUnavailableError
   */
  refresh(refreshToken: string, organization: string | undefined, origin: Origin): Promise<Authentication>;
  /** The page that ends the session in the browser, and comes back to `returnTo`. */
  logoutUrl(session: string, returnTo: string): string;
  /**
   * The event of a webhook, from its body as it came.
   * @throws WebhookRefusedError when the signature is not by `secret`, older than three minutes, or the body is no event
   */
  readWebhook(body: Buffer, signature: string, secret: string): Promise<ProviderEvent>;
  /** Events of these kinds in the order in which they happened, 100 at most. @throws IdentityRefusedError for a position that is no more; IdentityUnavailableError */
  listEvents(kinds: readonly string[], from: EventPosition): Promise<ProviderEvent[]>;
  /** An object by its kind; undefined when WorkOS has none such, or it is of a kind that cannot be asked for. @throws IdentityUnavailableError */
  find(kind: string, id: string): Promise<ProviderObject | undefined>;
  /** All that decides whether a person is a member: they, the organization, its domains, and their memberships of it. @throws IdentityUnavailableError */
  describeMember(subject: string, organization: string): Promise<ToldObject[]>;
  /** Ends a session without its browser. One that has ended is no error. @throws IdentityUnavailableError */
  revokeSession(session: string): Promise<void>;
}

const providerObject = z.looseObject({ id: z.string().min(1) });
const objectList = z.object({ data: z.array(providerObject) });
const eventList = z.object({ data: z.array(providerEvent) });

/** Where an object is asked for by its id. */
const paths: Readonly<Record<string, string>> = {
  user: '/user_management/users',
  organization: '/organizations',
  organization_membership: '/user_management/organization_memberships',
  organization_domain: '/organization_domains',
  invitation: '/user_management/invitations',
  connection: '/connections',
  directory: '/directories',
  directory_user: '/directory_users',
  directory_group: '/directory_groups',
};

/** WorkOS's own default: what was signed longer ago may be a replay. */
const WEBHOOK_TOLERANCE_MS = 180_000;

/** Longer than WorkOS takes, shorter than the claim on a session's tokens (identity.claim_tokens). */
const TIMEOUT_MS = 10_000;

export function createWorkos(settings: WorkosSettings): Workos {
  const { apiKey, clientId, issuer } = settings;
  const { protocol, hostname, port } = new URL(settings.apiUrl);
  const workos = new WorkOS({
    apiKey,
    clientId,
    apiHostname: hostname,
    https: protocol === 'https:',
    ...(port && { port: Number(port) }),
    timeout: TIMEOUT_MS,
    // Codes and refresh tokens are good once: the SDK's second try would look like theft, and end the session.
    maxRetries: 0,
  });
  const users = workos.userManagement;
  const granted = async (answer: Promise<AuthenticationResponse>) =>
    read(issuer, await answer.catch(refused));
  // Past the SDK's classes on purpose: its names of fields are not WorkOS's, and change.
  const one = async (path: string): Promise<ProviderObject | undefined> => {
    try {
      const { data } = await workos.get<unknown>(path);
      return providerObject.parse(data);
    } catch (error) {
      return statusOf(error) === 404 ? undefined : refused(error);
    }
  };
  const list = async (path: string, query: Record<string, unknown>): Promise<ProviderObject[]> => {
    const { data } = await workos.get<unknown>(path, { query: { ...query, limit: 100 } }).catch(refused);
    return objectList.parse(data).data;
  };
  return {
    issuer,
    authorizationUrl({ organization, connection, ...request }) {
      return users.getAuthorizationUrl({
        clientId,
        redirectUri: request.redirectUri,
        state: request.state,
        codeChallenge: request.codeChallenge,
        codeChallengeMethod: 'S256',
        ...(connection ? { connectionId: connection } : { provider: 'authkit' }),
        ...(organization && { organizationId: organization }),
        ...(request.domainHint && { domainHint: request.domainHint }),
        ...(request.loginHint && { loginHint: request.loginHint }),
        ...(request.invitationToken && { invitationToken: request.invitationToken }),
        ...(request.screenHint && !connection && { screenHint: request.screenHint }),
      });
    },
    async authenticate(code, codeVerifier, origin) {
      try {
        return read(
          issuer,
          await users.authenticateWithCode({ clientId, code, codeVerifier, ...given(origin) }),
        );
      } catch (error) {
        return choiceOf(error) ?? refused(error);
      }
    },
    choose: (pendingAuthenticationToken, organizationId, origin) =>
      granted(
        users.authenticateWithOrganizationSelection({
          clientId,
          pendingAuthenticationToken,
          organizationId,
          ...given(origin),
        }),
      ),
    refresh: (refreshToken, organizationId, origin) =>
      granted(
        users.authenticateWithRefreshToken({
          clientId,
          refreshToken,
          ...(organizationId && { organizationId }),
          ...given(origin),
        }),
      ),
    logoutUrl: (sessionId, returnTo) => users.getLogoutUrl({ sessionId, returnTo }),
    async readWebhook(payload, sigHeader, secret) {
      try {
        await workos.webhooks.constructEvent({ payload, sigHeader, secret, tolerance: WEBHOOK_TOLERANCE_MS });
        return providerEvent.parse(JSON.parse(payload.toString('utf8')));
      } catch (error) {
        const known = error instanceof SignatureVerificationException || error instanceof z.ZodError;
        throw new WebhookRefusedError(known ? error.message : 'it is no event', { cause: error });
      }
    },
    async listEvents(kinds, from) {
      const query = {
        events: kinds.join(','),
        order: 'asc',
        limit: 100,
        ...('after' in from ? { after: from.after } : { range_start: from.rangeStart.toISOString() }),
      };
      const { data } = await workos.get<unknown>('/events', { query }).catch(refused);
      return eventList.parse(data).data;
    },
    async find(kind, id) {
      const path = paths[kind];
      return path === undefined ? undefined : one(`${path}/${encodeURIComponent(id)}`);
    },
    async describeMember(subject, organizationId) {
      const [user, organization, memberships] = await Promise.all([
        one(`/user_management/users/${encodeURIComponent(subject)}`),
        one(`/organizations/${encodeURIComponent(organizationId)}`),
        list('/user_management/organization_memberships', {
          user_id: subject,
          organization_id: organizationId,
          statuses: 'active,inactive,pending',
        }),
      ]);
      const domains = z.array(providerObject).catch([]).parse(organization?.domains);
      const told = (kind: string, objects: readonly (ProviderObject | undefined)[]) =>
        objects.flatMap((object) => (object ? [{ kind, object }] : []));
      return [
        ...told('user', [user]),
        ...told('organization', [organization]),
        ...told('organization_domain', domains),
        ...told('organization_membership', memberships),
      ];
    },
    async revokeSession(sessionId) {
      await users.revokeSession({ sessionId }).catch((error: unknown) => {
        if (statusOf(error) === 404 || statusOf(error) === 400) return;
        refused(error);
      });
    },
  };
}

function given({ ipAddress, userAgent }: Origin): { ipAddress: string; userAgent?: string } {
  return { ipAddress, ...(userAgent && { userAgent }) };
}

function read(issuer: string, answer: AuthenticationResponse): Authentication {
  const { user, accessToken, refreshToken, impersonator } = answer;
  // Straight from WorkOS, by TLS (OpenID Connect Core, section 3.1.3.7): its signature says nothing more.
  const claims = decodeJwt(accessToken);
  if (claims.iss !== issuer || claims.sub !== user.id) {
    throw new IdentityUnavailableError(
      `the access token is of issuer ${claims.iss}, and not of ${issuer}: set WORKOS_ISSUER to what the tokens say`,
    );
  }
  const { sid, exp } = claims;
  if (typeof sid !== 'string' || exp === undefined)
    throw new IdentityUnavailableError('the access token names no session, or no end');
  return {
    issuer,
    subject: user.id,
    email: user.email,
    emailVerified: user.emailVerified,
    name: [user.firstName, user.lastName].filter(Boolean).join(' ') || user.name || user.email,
    organization: answer.organizationId,
    session: sid,
    method: answer.authenticationMethod,
    impersonator: impersonator && { email: impersonator.email, reason: impersonator.reason },
    tokens: { access: accessToken, refresh: refreshToken },
    expiresAt: new Date(exp * 1_000),
  };
}

function choiceOf(error: unknown): OrganizationChoice | undefined {
  if (!(error instanceof AuthenticationException) || error.code !== 'organization_selection_required')
    return undefined;
  const { organizations } = error.rawData as { organizations?: { id: string; name: string }[] };
  if (!error.pendingAuthenticationToken || !organizations) return undefined;
  return { pendingToken: error.pendingAuthenticationToken, organizations };
}

function refused(error: unknown): never {
  const status = statusOf(error);
  // A time-out comes as 408; 401 is our own key; 429 passes.
  if (error instanceof Error && (status === 400 || status === 403 || status === 404 || status === 422)) {
    const { code } = error as { code?: string };
    const name = (error instanceof OauthException ? error.error : code) ?? 'refused';
    // It quotes what was sent: a code, a token.
    throw new IdentityRefusedError(name, error.message.replace(/'[^']*'/g, "'…'").replace(/\s+/g, ' '));
  }
  throw new IdentityUnavailableError('WorkOS could not be asked', { cause: error });
}

const statusOf = (error: unknown): number | undefined => (error as { status?: number } | undefined)?.status;
