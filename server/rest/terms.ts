import type { Pool } from 'pg';
import type { Caller } from '../database/context.ts';
import { runStatement } from '../database/run.ts';

/** On what terms a tenant uses the API, as its plan and its owner say. */
export interface Terms {
  /** Requests in a minute of the tenant, and of each of its keys; null for no limit. */
  readonly requests: number | null;
  readonly keyRequests: number | null;
  /** Origins whose pages may read the answers. */
  readonly allowedOrigins: readonly string[];
}

const termsSql = 'select requests, key_requests, allowed_origins from platform.api_terms()';

/** Milliseconds for which a tenant's terms are kept: a change of plan or origins holds from then on. */
const lifetime = 30_000;
const maximumKept = 10_000;

/** The terms of tenants, each asked for once while it is kept. */
export function createTermsOf(pool: Pool): (caller: Caller) => Promise<Terms> {
  const kept = new Map<string, { readonly terms: Promise<Terms>; readonly until: number }>();
  return (caller) => {
    const { tenantId } = caller.context;
    const known = kept.get(tenantId);
    const now = Date.now();
    if (known && known.until > now) return known.terms;
    const terms = readTerms(pool, caller);
    kept.delete(tenantId);
    kept.set(tenantId, { terms, until: now + lifetime });
    for (const oldest of kept.keys()) {
      if (kept.size <= maximumKept) break;
      kept.delete(oldest);
    }
    terms.catch(() => {
      if (kept.get(tenantId)?.terms === terms) kept.delete(tenantId);
    });
    return terms;
  };
}

async function readTerms(pool: Pool, caller: Caller): Promise<Terms> {
  // Others of the tenant wait for this too: it is not cancelled when this client goes.
  const { rows } = await runStatement(pool, { ...caller, signal: undefined }, termsSql, [], true);
  const [requests, keyRequests, allowedOrigins] = rows[0] ?? [];
  const limit = (value: unknown): number | null => (value === null ? null : Number(value));
  return {
    requests: limit(requests),
    keyRequests: limit(keyRequests),
    allowedOrigins: allowedOrigins as string[],
  };
}
