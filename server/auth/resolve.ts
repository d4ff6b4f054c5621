import { DatabaseError, type Pool } from 'pg';
import type { Context } from '../database/context.ts';
import type { Credential } from './credential.ts';

/** The database refused the credential; `sqlstate` is one of platform.error. */
export class RefusedError extends Error {
  readonly sqlstate: string;

  constructor(sqlstate: string, options?: ErrorOptions) {
    super(`the credential was refused (${sqlstate})`, options);
    this.name = 'RefusedError';
    this.sqlstate = sqlstate;
  }
}

/** What the database may want to know of a request before it decides. */
export interface RequestFacts {
  readonly ip: string;
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
export async function resolveContext(
  gate: Pool,
  credential: Credential,
  facts: RequestFacts,
): Promise<Context> {
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
