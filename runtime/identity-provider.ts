import { z } from 'zod';

/**
 * What Freehold asks of an identity provider, and knows of its answers. runtime/workos.ts is the one there is.
 */

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

/** Its form. */
export const providerEvent = z.object({
  id: z.string().min(1).max(100),
  event: z.string().min(1).max(200),
  data: z.record(z.string(), z.unknown()),
  created_at: z.iso.datetime({ offset: true }),
});

export interface InvitationToSend {
  email: string;
  organization: string;
  days: number;
  /** The user who invites. */
  inviter: string | undefined;
}

/** One event for an organization's audit log. */
export interface AuditEvent {
  /** Sent twice under the same id, it is there once. */
  id: string;
  action: string;
  occurredAt: Date;
  actor: { type: string; id: string; name?: string; metadata: Record<string, string | number> };
  target: { type: string; id: string };
  location: string;
  userAgent: string | undefined;
  metadata: Record<string, string | number>;
}

/** What a customer's administrator can set up by themselves. */
export const portalIntents = ['sso', 'dsync', 'domain_verification', 'audit_logs', 'log_streams'] as const;
export type PortalIntent = (typeof portalIntents)[number];

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
  /** When it said that it may be asked again. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, options?: ErrorOptions, retryAfterSeconds?: number) {
    super(message, options);
    this.retryAfterSeconds = retryAfterSeconds;
  }
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
  /**
   * All that is there of an organization, page by page: itself, domains, users, memberships, connections, directories with their groups and users, and who is in which group (kind directory_group_user).
   * Nothing when there is no such organization. @throws IdentityUnavailableError
   */
  listOrganization(organization: string): AsyncIterable<ToldObject[]>;
  /**
   * Sends an invitation by e-mail, unless one to that address is waiting already. @returns what WorkOS calls it
   * @throws IdentityRefusedError, IdentityUnavailableError
   */
  sendInvitation(invitation: InvitationToSend): Promise<string>;
  /** Sends it again. @throws IdentityRefusedError when it has ended; IdentityUnavailableError */
  resendInvitation(id: string): Promise<void>;
  /** One that has ended is no error. @throws IdentityUnavailableError */
  revokeInvitation(id: string): Promise<void>;
  /** One that is so already, or is no more, is no error. @throws IdentityRefusedError, IdentityUnavailableError */
  setMembership(id: string, state: 'active' | 'inactive' | 'removed'): Promise<void>;
  /**
   * The organization that has our id of the tenant, made when there is none. Its domain waits to be verified.
   * @returns what WorkOS calls it
   * @throws IdentityRefusedError, such as for a domain of another organization; IdentityUnavailableError
   */
  ensureOrganization(tenant: { id: string; name: string; domain: string | undefined }): Promise<string>;
  /** A page where a customer's administrator sets something up, good for five minutes. @throws IdentityRefusedError, IdentityUnavailableError */
  portalLink(organization: string, intent: PortalIntent, returnUrl: string): Promise<string>;
  /** @throws IdentityRefusedError, such as for an action without a schema; IdentityUnavailableError */
  sendAuditEvent(organization: string, event: AuditEvent): Promise<void>;
  /**
   * Registers the schema of an action, unless it has one already.
   * @returns whether it is new
   * @throws IdentityRefusedError, IdentityUnavailableError
   */
  ensureAuditSchema(action: string, target: string): Promise<boolean>;
  /** Ends a session without its browser. One that has ended is no error. @throws IdentityUnavailableError */
  revokeSession(session: string): Promise<void>;
}
