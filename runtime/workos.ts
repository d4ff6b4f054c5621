import type { AuthenticationResponse } from '@workos-inc/node';
import {
  AuthenticationException,
  DomainDataState,
  OauthException,
  RateLimitExceededException,
  SignatureVerificationException,
  WorkOS,
} from '@workos-inc/node';
import { decodeJwt } from 'jose';
import { z } from 'zod';
import {
  type Authentication,
  IdentityRefusedError,
  IdentityUnavailableError,
  type OrganizationChoice,
  type Origin,
  providerEvent,
  WebhookRefusedError,
  type Workos,
} from './identity-provider.ts';
import { type Get, readObjects, storable } from './workos-objects.ts';

/**
 * WorkOS, as far as Freehold needs it. This is the one file that imports its SDK, whose majors move fast: the rest of Freehold knows identity-provider.ts.
 */

export interface WorkosSettings {
  apiKey: string;
  clientId: string;
  /** Such as https://api.workos.com, without a path. */
  apiUrl: string;
  /** Claim `iss` of its access tokens: with the subject, the name of a person. */
  issuer: string;
}

const anyList = z.object({ data: z.array(z.unknown()) });
const organizationDomains = z.object({ domains: z.array(z.object({ domain: z.string() })).default([]) });
const eventList = z.object({ data: z.array(providerEvent) });

/** What an audit event tells beside actor and target: worker/tasks/stream-audit-log.ts. */
const auditActor = { metadata: { email: 'string' } };
const auditMetadata = {
  version: 'number',
  changed: 'string',
  request_id: 'string',
  impersonator_email: 'string',
  impersonator_reason: 'string',
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
  const get: Get = async (path, query) => {
    try {
      return storable((await workos.get<unknown>(path, query && { query })).data);
    } catch (error) {
      return statusOf(error) === 404 ? undefined : refused(error);
    }
  };
  const objects = readObjects(get);
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
        return providerEvent.parse(storable(JSON.parse(payload.toString('utf8'))));
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
      const list = await get('/events', query);
      if (list === undefined) throw new IdentityRefusedError('not_found', 'there is no such position');
      return eventList.parse(list).data;
    },
    find: objects.find,
    describeMember: objects.describeMember,
    listOrganization: objects.listOrganization,
    async sendInvitation({ email, organization, days, inviter }) {
      // A job that died after WorkOS had sent it finds it here.
      const waiting = await objects.list('/user_management/invitations', {
        email,
        organization_id: organization,
      });
      const sent = waiting.find(({ state }) => state === 'pending');
      if (sent) return sent.id;
      const { id } = await users
        .sendInvitation({
          email,
          organizationId: organization,
          expiresInDays: days,
          ...(inviter && { inviterUserId: inviter }),
        })
        .catch(refused);
      return id;
    },
    async resendInvitation(id) {
      await users.resendInvitation(id).catch(refused);
    },
    async revokeInvitation(id) {
      await users.revokeInvitation(id).catch(unlessOver);
    },
    async setMembership(id, state) {
      const change = {
        active: () => users.reactivateOrganizationMembership(id),
        inactive: () => users.deactivateOrganizationMembership(id),
        removed: () => users.deleteOrganizationMembership(id),
      }[state];
      await change().catch(unlessOver);
    },
    async ensureOrganization({ id, name, domain }) {
      const known = await objects.byPath(`/organizations/external_id/${encodeURIComponent(id)}`);
      if (known) {
        const { domains } = organizationDomains.parse(known);
        if (domain && !domains.some((one) => one.domain === domain))
          await workos.organizationDomains
            .createOrganizationDomain({ organizationId: known.id, domain })
            .catch(refused);
        return known.id;
      }
      const made = await workos.organizations
        .createOrganization(
          {
            name,
            externalId: id,
            ...(domain && { domainData: [{ domain, state: DomainDataState.Pending }] }),
          },
          { idempotencyKey: id },
        )
        .catch(refused);
      return made.id;
    },
    async portalLink(organization, intent, returnUrl) {
      const { link } = await workos.adminPortal
        .generateLink({ organization, intent, returnUrl })
        .catch(refused);
      return link;
    },
    async sendAuditEvent(organization, { id, target, location, userAgent, ...event }) {
      const context = { location, ...(userAgent && { userAgent }) };
      await workos.auditLogs
        .createEvent(organization, { ...event, targets: [target], context }, { idempotencyKey: id })
        .catch(refused);
    },
    async ensureAuditSchema(action, target) {
      const path = `/audit_logs/actions/${encodeURIComponent(action)}/schemas`;
      // Undefined for an action that has never had one.
      const schemas = await get(path);
      if (schemas !== undefined && anyList.parse(schemas).data.length > 0) return false;
      await workos.auditLogs
        .createSchema({ action, targets: [{ type: target }], actor: auditActor, metadata: auditMetadata })
        .catch(refused);
      return true;
    },
    async revokeSession(sessionId) {
      await users.revokeSession({ sessionId }).catch(unlessOver);
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

/** What it refuses. 408 is a time-out, 401 our own key, and 429 passes. */
const saysNo = new Set([400, 403, 404, 409, 422]);

function refused(error: unknown): never {
  const status = statusOf(error);
  if (error instanceof Error && status !== undefined && saysNo.has(status)) {
    const { code } = error as { code?: string };
    const name = (error instanceof OauthException ? error.error : code) ?? 'refused';
    // It quotes what was sent: a code, a token.
    throw new IdentityRefusedError(name, error.message.replace(/'[^']*'/g, "'…'").replace(/\s+/g, ' '));
  }
  const wait = error instanceof RateLimitExceededException ? (error.retryAfter ?? 1) : undefined;
  throw new IdentityUnavailableError('WorkOS could not be asked', { cause: error }, wait);
}

/** For ends: what is no more, or has ended, is as it was to be. */
function unlessOver(error: unknown): void {
  const status = statusOf(error);
  if (status !== 404 && status !== 400 && status !== 422) refused(error);
}

const statusOf = (error: unknown): number | undefined => (error as { status?: number } | undefined)?.status;
