import { DatabaseError, type Pool, type QueryConfig, type QueryResult, type QueryResultRow } from 'pg';
import { inRecordedTransaction } from '../../runtime/telemetry/recorded.ts';
import { connectionName } from '../../runtime/telemetry/trace.ts';
import type { Context } from '../database/context.ts';
import type { Credential } from './credential.ts';
import { RefusedError } from './refused.ts';
import type { VerifiedToken } from './token.ts';

/** What the database may want to know of a request before it decides. */
export interface RequestFacts {
  readonly ip: string;
  readonly userAgent?: string | undefined;
  /** For the events that it causes. */
  readonly requestId?: string;
  readonly traceparent?: string;
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
  refresh_due: boolean;
}

const unauthenticated = 'ZF001';

/** A context, and whether the provider of its session should be asked if that still holds. */
export interface Resolved {
  readonly context: Context;
  readonly refreshDue: boolean;
}

/**
 * Runs a statement as the gate. What the database refuses by one of our own SQLSTATEs is a RefusedError.
 * @param cause the request whose events carry its id: then in a transaction, of five round trips
 */
export async function askGate<T extends QueryResultRow>(
  gate: Pool,
  query: QueryConfig,
  cause?: RequestFacts,
): Promise<QueryResult<T>> {
  try {
    if (!cause) return await gate.query<T>(query);
    return await inRecordedTransaction(gate, async (client) => {
      await client.query(
        `select set_config('freehold.request_id', $1, true), set_config('freehold.traceparent', $2, true)`,
        [cause.requestId ?? '', cause.traceparent ?? ''],
      );
      return client.query<T>(query);
    });
  } catch (error) {
    if (error instanceof DatabaseError && error.code?.startsWith('ZF'))
      throw new RefusedError(error.code, { cause: error });
    throw error;
  }
}

/**
 * Asks the database, as the gate, for a context (60 seconds at most).
 * Rejects with RefusedError, or with what the connection failed with.
 */
export async function resolveContext(gate: Pool, credential: Credential, facts: Facts): Promise<Resolved> {
  try {
    return await resolveOnce(gate, credential, facts);
  } catch (error) {
    // What it may do changed between two looks of the database: it is not vouched for as of either.
    if (error instanceof RefusedError && error.sqlstate === 'ZF002')
      return resolveOnce(gate, credential, facts);
    throw error;
  }
}

async function resolveOnce(gate: Pool, credential: Credential, facts: Facts): Promise<Resolved> {
  const { rows } = await askGate<Row>(gate, {
    name: 'resolve',
    text: "select tenant_id, claims, signature, actor_type, actor_id, permissions, expires_at, refresh_due from set_config('application_name', $4, true) cross join lateral identity.resolve($1, $2, $3)",
    values: [
      credential.kind,
      credential.hash,
      JSON.stringify({ ip: facts.ip, token: facts.token }),
      // It is prepared, and so takes no comment.
      connectionName('gate', facts.traceparent ?? ''),
    ],
  });
  const [row] = rows;
  if (!row) throw new RefusedError(unauthenticated);
  return {
    context: {
      tenantId: row.tenant_id,
      claims: row.claims,
      signature: row.signature,
      actorType: row.actor_type,
      actorId: row.actor_id,
      permissions: row.permissions,
      expiresAt: row.expires_at,
    },
    refreshDue: row.refresh_due,
  };
}
