import { DatabaseError, type Pool } from 'pg';
import type { Context } from '../database/context.ts';
import type { Credential } from './credential.ts';
import { RefusedError } from './refused.ts';
import type { VerifiedToken } from './token.ts';

/** What the database may want to know of a request before it decides. */
export interface RequestFacts {
  readonly ip: string;
}

/** Of a credential of kind token, what its issuer vouches for. */
interface Facts extends RequestFacts {
  readonly token?: VerifiedToken;
}

interface Row {
  tenant_id: string;
  claims: string;
  signature: string;
  actor_type: string;
  actor_id: string;
  permissions: string[];
  expires_at: Date;
}

const unauthenticated = 'ZF001';

/**
 * Asks the database, as the gate, for a context (60 seconds at most).
 * Rejects with RefusedError, or with what the connection failed with.
 */
export async function resolveContext(gate: Pool, credential: Credential, facts: Facts): Promise<Context> {
  let row: Row | undefined;
  try {
    const result = await gate.query<Row>({
      name: 'resolve',
      text: 'select tenant_id, claims, signature, actor_type, actor_id, permissions, expires_at from identity.resolve($1, $2, $3)',
      values: [credential.kind, credential.hash, JSON.stringify(facts)],
    });
    row = result.rows[0];
  } catch (error) {
    if (error instanceof DatabaseError && error.code?.startsWith('ZF'))
      throw new RefusedError(error.code, { cause: error });
    throw error;
  }
  if (!row) throw new RefusedError(unauthenticated);
  return {
    tenantId: row.tenant_id,
    claims: row.claims,
    signature: row.signature,
    actorType: row.actor_type,
    actorId: row.actor_id,
    permissions: row.permissions,
    expiresAt: row.expires_at,
  };
}
