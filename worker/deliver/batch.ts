import type { Pool } from 'pg';
import type { Outcome } from './post.ts';

/** A batch under lease; see platform.claim_deliveries. */
export interface Claim {
  batch: string;
  claim: number;
}

/** One delivery to send; see platform.load_deliveries. */
export interface Delivery {
  tenant_id: string;
  delivery_id: string;
  attempt: number;
  endpoint_id: string;
  /** The endpoint was not disabled meanwhile. */
  enabled: boolean;
  url: string;
  secret: Buffer;
  /** webhook-id. */
  message_id: string;
  /** The text to sign and to send. */
  body: string;
  traceparent: string | null;
}

/** What platform.finish_deliveries takes. Without latency_ms no attempt was made; final means no further one. */
export interface Result {
  tenant_id: string;
  delivery_id: string;
  attempt: number;
  succeeded: boolean;
  final: boolean;
  status_code: number | null;
  error: string | null;
  latency_ms: number | null;
  response_excerpt: string | null;
  occurred_at: string;
}

export async function loadBatch(pool: Pool, { batch, claim }: Claim, lease: string): Promise<Delivery[]> {
  const { rows } = await pool.query<Delivery>({
    name: 'load_deliveries',
    text: 'select * from platform.load_deliveries($1, $2, $3::interval)',
    values: [batch, claim, lease],
  });
  return rows;
}

/** @returns whether the batch is still ours */
export async function finishBatch(
  pool: Pool,
  { batch, claim }: Claim,
  results: readonly Result[],
  last: boolean,
): Promise<boolean> {
  const { rows } = await pool.query<{ held: boolean }>({
    name: 'finish_deliveries',
    text: 'select platform.finish_deliveries($1, $2, $3::json, $4) as held',
    values: [batch, claim, JSON.stringify(results), last],
  });
  return rows[0]?.held ?? false;
}

/** @returns whether the batch is still ours. A lease of '0 s' gives it to whoever claims next. */
export async function renewBatch(pool: Pool, { batch, claim }: Claim, lease: string): Promise<boolean> {
  const { rows } = await pool.query<{ held: boolean }>({
    name: 'renew_batch',
    text: 'select platform.renew_batch($1, $2, $3::interval) as held',
    values: [batch, claim, lease],
  });
  return rows[0]?.held ?? false;
}

export function resultOf(delivery: Delivery, outcome: Outcome): Result {
  return {
    ...keyOf(delivery),
    succeeded: outcome.succeeded,
    final: false,
    status_code: outcome.statusCode,
    error: outcome.error,
    latency_ms: outcome.latencyMs,
    response_excerpt: outcome.excerpt,
    occurred_at: new Date().toISOString(),
  };
}

/** A disabled endpoint gets nothing: its deliveries are given up, and can be resent. */
export function refusalOf(delivery: Delivery): Result {
  return {
    ...keyOf(delivery),
    succeeded: false,
    final: true,
    status_code: null,
    error: 'the endpoint is disabled',
    latency_ms: null,
    response_excerpt: null,
    occurred_at: new Date().toISOString(),
  };
}

function keyOf({ tenant_id, delivery_id, attempt }: Delivery) {
  return { tenant_id, delivery_id, attempt };
}
