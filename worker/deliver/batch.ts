import type { Pool } from 'pg';
import { activeTraceparent, connectionName } from '../../runtime/telemetry/trace.ts';
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
  /** "v1 <sealed>" or "v1a <sealed>", the present one first. */
  keys: string[];
  /** "<name> <sealed>". */
  headers: string[];
  /** webhook-id. */
  message_id: string;
  /** The text to sign and to send. */
  body: string;
  traceparent: string | null;
  entity: string;
  entity_id: string;
  /** Of the request that caused the event. */
  request_id: string | null;
  /** Of the batch: it comes from the lane of its endpoint, where deliveries wait for their receiver. */
  lane: boolean;
  /** Milliseconds from its queueing until it was loaded, by the clock of PostgreSQL. */
  waited_ms: number;
  /** When that was, by performance.now(). */
  loadedAt: number;
  /** When the dispatcher took it into this batch: milliseconds since 1970. */
  dispatchedAt: number;
  /** Of the batch: posts at a time. */
  parallel: number;
  /** Of the batch: one after the other, and none after one that failed. */
  ordered: boolean;
}

/** Version 7 ids begin with their time, in milliseconds since 1970. */
const timeOf = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);

/** When the delivery was queued: with its event, or by a replay. Milliseconds since 1970. */
export const queuedAt = ({ delivery_id }: Delivery): number => timeOf(delivery_id);

/** Milliseconds that it has waited until now. */
export const waitedMs = ({ waited_ms, loadedAt }: Delivery): number =>
  Math.max(0, waited_ms + performance.now() - loadedAt);

/** The first attempt at what was queued with its event; one of a replay was queued later. */
export const isFirst = (delivery: Delivery): boolean =>
  delivery.attempt === 1 && queuedAt(delivery) - timeOf(delivery.message_id.replace('evt_', '')) < 1_000;

/** What platform.finish_deliveries takes. Without latency_ms no attempt was made; final means no further one, released that it waits in its lane. */
export interface Result {
  tenant_id: string;
  delivery_id: string;
  endpoint_id: string;
  attempt: number;
  succeeded: boolean;
  final: boolean;
  released: boolean;
  status_code: number | null;
  error: string | null;
  latency_ms: number | null;
  response_excerpt: string | null;
  /** Seconds that the receiver asked for. */
  retry_after: number | null;
  occurred_at: string;
}

export async function loadBatch(pool: Pool, { batch, claim }: Claim, lease: string): Promise<Delivery[]> {
  const { rows } = await pool.query<Omit<Delivery, 'loadedAt' | 'dispatchedAt'>>({
    name: 'load_deliveries',
    text: 'select * from platform.load_deliveries($1, $2, $3::interval)',
    values: [batch, claim, lease],
  });
  const known = { loadedAt: performance.now(), dispatchedAt: timeOf(batch) };
  return rows.map((row) => Object.assign(row, known));
}

/** How the connection is called while a statement runs that is prepared, and so takes no comment. */
const connection = (): string => connectionName('worker', activeTraceparent());

/** @returns whether the batch is still ours */
export async function finishBatch(
  pool: Pool,
  { batch, claim }: Claim,
  results: readonly Result[],
  last: boolean,
): Promise<boolean> {
  const { rows } = await pool.query<{ held: boolean }>({
    name: 'finish_deliveries',
    text: `select platform.finish_deliveries($1, $2, $3::json, $4) as held from set_config('application_name', $5, true)`,
    values: [batch, claim, JSON.stringify(results), last, connection()],
  });
  return rows[0]?.held ?? false;
}

/** @returns whether the batch is still ours. A lease of '0 s' gives it to whoever claims next. */
export async function renewBatch(pool: Pool, { batch, claim }: Claim, lease: string): Promise<boolean> {
  const { rows } = await pool.query<{ held: boolean }>({
    name: 'renew_batch',
    text: `select platform.renew_batch($1, $2, $3::interval) as held from set_config('application_name', $4, true)`,
    values: [batch, claim, lease, connection()],
  });
  return rows[0]?.held ?? false;
}

/** What comes for these endpoints goes through a lane: they keep us waiting. */
export async function isolate(pool: Pool, slow: readonly Delivery[]): Promise<void> {
  await pool.query({
    name: 'isolate_endpoints',
    text: `select platform.isolate_endpoints($1, $2) from set_config('application_name', $3, true)`,
    values: [
      slow.map(({ tenant_id }) => tenant_id),
      slow.map(({ endpoint_id }) => endpoint_id),
      connection(),
    ],
  });
}

export function resultOf(delivery: Delivery, outcome: Outcome): Result {
  return {
    ...unsent(delivery),
    succeeded: outcome.succeeded,
    // Gone: the endpoint is disabled, and what it was to get can be resent when it is back.
    final: outcome.statusCode === 410,
    status_code: outcome.statusCode,
    error: outcome.error,
    latency_ms: outcome.latencyMs,
    response_excerpt: outcome.excerpt,
    retry_after: outcome.retryAfter,
  };
}

/** A disabled endpoint gets nothing: its deliveries are given up, and can be resent. */
export function refusalOf(delivery: Delivery): Result {
  return { ...unsent(delivery), final: true, error: 'the endpoint is disabled' };
}

/** Not sent now, because others failed before it. */
export function releaseOf(delivery: Delivery): Result {
  return { ...unsent(delivery), released: true };
}

function unsent({ tenant_id, delivery_id, endpoint_id, attempt }: Delivery): Result {
  return {
    tenant_id,
    delivery_id,
    endpoint_id,
    attempt,
    succeeded: false,
    final: false,
    released: false,
    status_code: null,
    error: null,
    latency_ms: null,
    response_excerpt: null,
    retry_after: null,
    occurred_at: new Date().toISOString(),
  };
}
