import type { JWK } from 'jose';
import type { Timestamps } from './timestamps.ts';

// The rows have WorkOS's names for what goes over the wire. What only the stand-in knows is marked "own".

export interface User extends Timestamps {
  object: 'user';
  id: string;
  email: string;
  email_verified: boolean;
  name: string | null;
  first_name: string | null;
  last_name: string | null;
  profile_picture_url: string | null;
  last_sign_in_at: string | null;
  locale: string | null;
  external_id: string | null;
  metadata: Record<string, string>;
}

export interface Organization extends Timestamps {
  object: 'organization';
  id: string;
  name: string;
  allow_profiles_outside_organization: boolean;
  stripe_customer_id?: string;
  external_id: string | null;
  metadata: Record<string, string>;
  /** own: whether its members have to come through its connection. */
  require_sso: boolean;
}

export interface OrganizationDomain extends Timestamps {
  object: 'organization_domain';
  id: string;
  organization_id: string;
  domain: string;
  state: 'pending' | 'verified' | 'failed';
  verification_strategy: 'dns' | 'manual';
  verification_token?: string;
  verification_prefix?: string;
}

export interface Membership extends Timestamps {
  object: 'organization_membership';
  id: string;
  user_id: string;
  organization_id: string;
  status: 'active' | 'inactive' | 'pending';
  directory_managed: boolean;
  role: { slug: string };
  custom_attributes: Record<string, unknown>;
}

export interface Invitation extends Timestamps {
  object: 'invitation';
  id: string;
  email: string;
  state: 'pending' | 'accepted' | 'expired' | 'revoked';
  accepted_at: string | null;
  revoked_at: string | null;
  expires_at: string;
  organization_id: string | null;
  inviter_user_id: string | null;
  accepted_user_id: string | null;
  role_slug: string | null;
  token: string;
}

export interface Impersonator {
  email: string;
  reason: string | null;
}

export interface Session extends Timestamps {
  object: 'session';
  id: string;
  user_id: string;
  organization_id?: string;
  ip_address: string | null;
  user_agent: string | null;
  impersonator?: Impersonator;
  auth_method: 'impersonation' | 'oauth' | 'password' | 'sso';
  status: 'active' | 'expired' | 'revoked';
  expires_at: string;
  ended_at: string | null;
  /** own: as /authenticate names it, such as SSO or GoogleOAuth. */
  authentication_method: string;
  /** own: the connection through which the person came. */
  connection_id?: string;
  /** own: it was begun without the API key, and is refreshed without it. */
  public_client: boolean;
}

/** `id` is the hash of the token. A used one is kept, to tell when it comes again. */
export interface RefreshToken {
  id: string;
  session_id: string;
  used: boolean;
}

export interface Connection extends Timestamps {
  object: 'connection';
  id: string;
  organization_id: string;
  name: string;
  connection_type: string;
  state: 'active' | 'inactive';
}

export interface Directory extends Timestamps {
  object: 'directory';
  id: string;
  organization_id: string;
  name: string;
  domain: string;
  external_key: string;
  type: string;
  /** own: whether its people become users and members by themselves. */
  provisioning: boolean;
}

export interface DirectoryUser extends Timestamps {
  object: 'directory_user';
  id: string;
  directory_id: string;
  organization_id: string;
  idp_id: string;
  email: string | null;
  first_name: string | null;
  last_name: string | null;
  state: 'active' | 'inactive';
  role?: { slug: string };
  custom_attributes: Record<string, unknown>;
  raw_attributes: Record<string, unknown>;
  /** own: the membership that its directory gave it. */
  membership_id?: string;
}

export interface DirectoryGroup extends Timestamps {
  object: 'directory_group';
  id: string;
  directory_id: string;
  organization_id: string;
  idp_id: string;
  name: string;
  raw_attributes: Record<string, unknown>;
  /** own: the ids of its directory users. */
  members: string[];
}

export interface AuditSchema {
  id: string;
  action: string;
  version: number;
  targets: { type: string; metadata?: MetadataSchema | undefined }[];
  actor?: { metadata: MetadataSchema } | undefined;
  metadata?: MetadataSchema | undefined;
  created_at: string;
}

export interface MetadataSchema {
  type: 'object';
  properties: Record<string, { type: 'string' | 'number' | 'boolean' }>;
}

export interface AuditEvent {
  id: string;
  organization_id: string;
  action: string;
  occurred_at: string;
  actor: {
    id: string;
    type: string;
    name?: string | undefined;
    metadata?: Record<string, unknown> | undefined;
  };
  targets: {
    id: string;
    type: string;
    name?: string | undefined;
    metadata?: Record<string, unknown> | undefined;
  }[];
  context: { location: string; user_agent?: string | undefined };
  metadata: Record<string, unknown>;
}

export interface AuditExport extends Timestamps {
  object: 'audit_log_export';
  id: string;
  state: 'ready';
  /** own: what it holds, and the secret of its address. */
  csv: string;
  secret: string;
}

export interface WorkosEvent {
  object: 'event';
  id: string;
  event: string;
  data: Record<string, unknown>;
  created_at: string;
  context: Record<string, unknown>;
}

/** What was answered to a request with an idempotency key; `id` is the key and its path. */
export interface Answer {
  id: string;
  request: string;
  status: number;
  body: unknown;
  created_at: string;
}

export interface Tables {
  users: Map<string, User>;
  organizations: Map<string, Organization>;
  domains: Map<string, OrganizationDomain>;
  memberships: Map<string, Membership>;
  invitations: Map<string, Invitation>;
  sessions: Map<string, Session>;
  refreshTokens: Map<string, RefreshToken>;
  connections: Map<string, Connection>;
  directories: Map<string, Directory>;
  directoryUsers: Map<string, DirectoryUser>;
  directoryGroups: Map<string, DirectoryGroup>;
  auditSchemas: Map<string, AuditSchema>;
  auditEvents: Map<string, AuditEvent>;
  auditExports: Map<string, AuditExport>;
  answers: Map<string, Answer>;
}

/** All that the stand-in remembers. A Map keeps the order of creation, and lists follow it. */
export interface State extends Tables {
  /** The private key that signs access tokens. */
  key: JWK;
  /** Oldest first. */
  events: WorkosEvent[];
}
