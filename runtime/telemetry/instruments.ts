import { type Attributes, metrics } from '@opentelemetry/api';
import type { Pool } from 'pg';

// Every metric of ours, by the name that Prometheus has for it (deploy/metrics.yaml): the check of names and labels is test/runtime/telemetry.
const meter = metrics.getMeter('freehold');

const seconds = (name: string, description: string, bounds: number[]) =>
  meter.createHistogram(name, {
    description,
    unit: 's',
    advice: { explicitBucketBoundaries: bounds },
  });

/** OpenTelemetry's bounds for http.server.request.duration. */
const requestBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

const requestDuration = seconds(
  'http_server_request_duration_seconds',
  'Requests, from the first byte to the end of the answer.',
  requestBounds,
);
const requestQueries = meter.createCounter('freehold_request_queries', {
  description: 'Statements that requests sent to PostgreSQL.',
});
const errors = meter.createCounter('freehold_errors', {
  description: 'Errors that were answered, by their code.',
});
const logins = meter.createCounter('freehold_logins', { description: 'Sign-ins with a browser that ended.' });
const cacheRequests = meter.createCounter('freehold_context_cache_requests', {
  description: 'Callers that were looked up in the cache of contexts.',
});
const refusals = meter.createCounter('freehold_rls_refusals', {
  description: 'Statements that row-level security kept from doing anything, by why.',
});
const jobDuration = seconds('freehold_job_duration_seconds', 'Jobs of the worker.', requestBounds);
const attemptDuration = seconds(
  'freehold_delivery_attempt_duration_seconds',
  'Posts of webhooks, by what came of them.',
  requestBounds,
);
const firstAttemptDelay = seconds(
  'freehold_delivery_first_attempt_delay_seconds',
  'From an event to the begin of its first attempt at an endpoint.',
  [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
);

const streamsEnded = meter.createCounter('freehold_event_streams_ended', {
  description: 'Streams of events that ended, by why.',
});
const streamDelay = seconds(
  'freehold_event_stream_delay_seconds',
  'From an event to the moment at which a stream sent it to its client.',
  [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 300],
);

export type RequestOutcome = 'ok' | 'client_error' | 'server_error';

export interface FinishedRequest {
  method: string;
  /** The pattern and not the path: /reports/:id/content. '' for an address at which nothing is. */
  route: string;
  status: number;
  /** GraphQL: the operation's name. */
  operation: string | undefined;
  outcome: RequestOutcome;
  codes: readonly string[];
  seconds: number;
  queries: number;
}

/** Names of operations are the clients': more than these share one name, so that nobody can fill the memory of a time series database. */
const mostOperations = 100;
const operations = new Set<string>();
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

function boundedOperation(name: string | undefined): string {
  if (!name) return '';
  if (operations.has(name)) return name;
  if (operations.size >= mostOperations) return 'other';
  operations.add(name);
  return name;
}

export function countRequest(request: FinishedRequest): void {
  const place = {
    http_route: request.route || 'none',
    graphql_operation_name: boundedOperation(request.operation),
  };
  requestDuration.record(request.seconds, {
    ...place,
    http_request_method: methods.has(request.method) ? request.method : '_OTHER',
    http_response_status_code: request.status,
    outcome: request.outcome,
  });
  if (request.queries > 0) requestQueries.add(request.queries, place);
  for (const code of request.codes) errors.add(1, { code, http_route: place.http_route });
}

// From the start: what appears with its first count cannot be seen to rise by it.
for (const outcome of ['success', 'refused', 'failure']) logins.add(0, { outcome });
for (const result of ['hit', 'miss']) cacheRequests.add(0, { result });
for (const reason of ['context', 'permission', 'policy']) refusals.add(0, { reason });
for (const reason of ['client_gone', 'client_too_slow', 'server_stopping', 'stream_expired'])
  streamsEnded.add(0, { reason });

export const countLogin = (outcome: 'success' | 'refused' | 'failure'): void => logins.add(1, { outcome });

export const countContext = (result: 'hit' | 'miss'): void => cacheRequests.add(1, { result });

/** @param reason the context does not hold, a permission is not held, or a policy refused a row all the same */
export const countRefusal = (reason: 'context' | 'permission' | 'policy'): void =>
  refusals.add(1, { reason });

export const countJob = (task: string, outcome: 'ok' | 'error', took: number): void =>
  jobDuration.record(took, { task, outcome });

export const countAttempt = (outcome: 'accepted' | 'failed', took: number): void =>
  attemptDuration.record(took, { outcome });

/** @param lane it waited for its receiver, in the lane of its endpoint */
export const countFirstAttempt = (delay: number, lane: boolean): void =>
  firstAttemptDelay.record(delay, { lane: String(lane) });

/** @param count how many are open */
export function streamGauge(count: () => number): void {
  meter
    .createObservableGauge('freehold_event_streams', { description: 'Streams of events that are open.' })
    .addCallback((result) => result.observe(count()));
}

/** @param reason a code, or client_gone */
export const countStream = (reason: string): void => streamsEnded.add(1, { reason });

/** @param delay from the event to the moment at which it was written to a stream */
export const countStreamEvents = (delay: number): void => streamDelay.record(delay);

/** Connections of a pool, by OpenTelemetry's names for them. */
export function poolGauges(pool: Pool, name: string): void {
  const its = { db_client_connection_pool_name: name };
  const gauge = (metric: string, description: string) => meter.createObservableGauge(metric, { description });
  gauge('db_client_connection_count', 'Connections of a pool, by their state.').addCallback((result) => {
    result.observe(pool.idleCount, { ...its, db_client_connection_state: 'idle' });
    result.observe(pool.totalCount - pool.idleCount, { ...its, db_client_connection_state: 'used' });
  });
  gauge('db_client_connection_pending_requests', 'Who waits for a connection of a pool.').addCallback(
    (result) => result.observe(pool.waitingCount, its),
  );
  gauge('db_client_connection_max', 'Connections that a pool may have.').addCallback((result) =>
    result.observe(pool.options.max, its),
  );
}

/** One reading of something that is counted elsewhere. */
export interface Reading {
  value: number;
  attributes: Attributes;
}

const unread = meter.createCounter('freehold_metric_read_errors', {
  description: 'Metrics that PostgreSQL holds and that could not be read, by what was read.',
});

export const countUnread = (group: string, times = 1): void => unread.add(times, { group });

/**
 * Metrics that are read together, when they are asked for.
 * @param counters names of those that only grow; the others are gauges
 * @param read gives for each name what there is. A gauge that it had before and lacks now is NaN: left out, OpenTelemetry would show for ever what it was.
 */
export function readTogether(
  described: Readonly<Record<string, string>>,
  counters: readonly string[],
  read: () => Promise<Readonly<Record<string, readonly Reading[]>>>,
): void {
  const shown = new Map(Object.keys(described).map((name) => [name, new Map<string, Attributes>()]));
  const instruments = Object.entries(described).map(([name, description]) =>
    counters.includes(name)
      ? ([name, meter.createObservableCounter(name, { description })] as const)
      : ([name, meter.createObservableGauge(name, { description })] as const),
  );
  meter.addBatchObservableCallback(
    async (result) => {
      const readings = await read();
      for (const [name, instrument] of instruments) {
        const lacking = new Map(shown.get(name));
        for (const { value, attributes } of readings[name] ?? []) {
          result.observe(instrument, value, attributes);
          lacking.delete(JSON.stringify(attributes));
          if (!counters.includes(name)) shown.get(name)?.set(JSON.stringify(attributes), attributes);
        }
        for (const attributes of lacking.values()) result.observe(instrument, Number.NaN, attributes);
      }
    },
    instruments.map(([, instrument]) => instrument),
  );
}
