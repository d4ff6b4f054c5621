import type { Pool } from 'pg';
import type { Authentication, ToldObject } from '../../../runtime/identity-provider.ts';
import { RefusedError } from '../refused.ts';
import { askGate, type RequestFacts } from '../resolve.ts';

/** Who a browser is: GET /auth/session. Times are ISO 8601. */
export interface SessionView {
  id: string;
  person: { id: string; email: string; name: string };
  tenant: { id: string; name: string; slug: string };
  membership: { id: string; role: string; permissions: string[] };
  method: string | null;
  /** Support who acts as the person. */
  impersonator: { email: string; reason: string } | null;
  created_at: string;
  expires_at: string;
  /** Those that the person can switch to; `id` is the identity provider's. */
  organizations: { id: string; name: string; role: string; current: boolean }[];
}

/** One of a person's sessions: GET /auth/sessions. */
export interface SessionEntry {
  id: string;
  tenant: { id: string; name: string };
  method: string | null;
  /** Support acted as the person in it. */
  impersonated: boolean;
  ip: string | null;
  user_agent: string | null;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
  current: boolean;
}

/**
 * The sessions of browsers, which are PostgreSQL's (db/identity/{sign_in,session_tokens,session_end}.sql). Each function acts for whoever holds the cookie whose SHA-256 it is given,
 * and rejects with RefusedError for what the database refuses.
 */
export interface Sessions {
  /** Whether the identity provider has told of this member: of those from before its events were listened to, it has not. */
  knows(issuer: string, organization: string, subject: string): Promise<boolean>;
  /** Takes over what the identity provider says of somebody, which may make them a member. */
  learn(issuer: string, told: readonly ToldObject[]): Promise<void>;
  /** Begins one. Rejects when the organization is no tenant, or the person no member. Resolves to its end. */
  begin(
    hash: Buffer,
    who: Authentication & { organization: string },
    sealed: string,
    client: RequestFacts,
  ): Promise<Date>;
  /** The sealed tokens, for the one request that may use them; undefined for all others. With an organization: to go over to it. */
  claim(hash: Buffer, client: RequestFacts, organization?: string): Promise<string | undefined>;
  /** False when they were replaced by somebody else, or the session has ended. */
  keep(hash: Buffer, former: string, sealed: string, expiresAt: Date | null): Promise<boolean>;
  move(hash: Buffer, former: string, to: MovedSession, client: RequestFacts): Promise<Date>;
  /** The provider's name of the session; undefined when it had ended, or has none. */
  end(
    hash: Buffer,
    reason: 'signed_out' | 'refused_by_provider',
    client: RequestFacts,
  ): Promise<string | undefined>;
  /** Ends one session of the person, or all: the provider's names of those that it ended. */
  revoke(hash: Buffer, session: string | null, client: RequestFacts): Promise<string[]>;
  describe(hash: Buffer): Promise<SessionView>;
  list(hash: Buffer): Promise<SessionEntry[]>;
}

export interface MovedSession {
  organization: string;
  hash: Buffer;
  sealed: string;
  expiresAt: Date;
}

export function createSessions(gate: Pool): Sessions {
  const ask = async <T>(text: string, values: unknown[], cause?: RequestFacts): Promise<T[]> => {
    const { rows } = await askGate<{ answer: T }>(gate, { text, values }, cause);
    return rows.map(({ answer }) => answer);
  };
  const first = async <T>(text: string, values: unknown[], cause?: RequestFacts): Promise<T> =>
    (await ask<T>(text, values, cause))[0] as T;
  return {
    knows: (issuer, organization, subject) =>
      first('select identity.knows_member($1, $2, $3) as answer', [issuer, organization, subject]),
    async learn(issuer, told) {
      for (const { kind, object } of told) {
        await ask('select identity.receive_object($1, $2, $3) as answer', [
          issuer,
          kind,
          JSON.stringify(object),
        ]);
      }
    },
    begin: (hash, who, sealed, client) =>
      first(
        'select identity.sign_in($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) as answer',
        [
          who.issuer,
          who.subject,
          who.organization,
          who.email,
          who.name,
          who.method ?? null,
          who.session,
          hash,
          sealed,
          who.expiresAt,
          client.ip,
          client.userAgent ?? null,
          who.impersonator?.email ?? null,
          who.impersonator?.reason ?? null,
        ],
        client,
      ),
    claim: async (hash, client, organization) =>
      (await first<string | null>('select identity.claim_tokens($1, $2, $3) as answer', [
        hash,
        organization ?? null,
        client.ip || null,
      ])) ?? undefined,
    keep: (hash, former, sealed, expiresAt) =>
      first('select identity.keep_tokens($1, $2, $3, $4) as answer', [hash, former, sealed, expiresAt]),
    move: (hash, former, to, client) =>
      first(
        'select identity.switch_tenant($1, $2, $3, $4, $5, $6, $7) as answer',
        [hash, former, to.organization, to.hash, to.sealed, to.expiresAt, client.ip || null],
        client,
      ),
    end: async (hash, reason, client) =>
      (await first<string | null>('select identity.sign_out($1, $2) as answer', [hash, reason], client)) ??
      undefined,
    revoke: (hash, session, client) =>
      ask('select identity.revoke_session($1, $2) as answer', [hash, session], client),
    async describe(hash) {
      const view = await first<SessionView | null>('select identity.describe_session($1) as answer', [hash]);
      if (!view) throw new RefusedError('ZF001');
      return view;
    },
    list: (hash) => first('select identity.list_sessions($1) as answer', [hash]),
  };
}
