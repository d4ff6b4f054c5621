import { AsyncLocalStorage } from 'node:async_hooks';
import { context, type Link, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { Task } from 'graphile-worker';
import type { Logger } from '../runtime/log.ts';
import { countJob } from '../runtime/telemetry/instruments.ts';
import { canonicalLine, type Deployed } from '../runtime/telemetry/line.ts';
import {
  activeTraceparent,
  contextOf,
  idsOf,
  inSpan,
  linksTo,
  tellSpan,
} from '../runtime/telemetry/trace.ts';
import { newWork, runWork, type Work } from '../runtime/telemetry/work.ts';

/** What a job answers: events, by what is known of them. */
export interface JobCause {
  /** Of all of them; null when they are of several. */
  tenantId: string | null;
  requestId: string | null;
  entity?: string;
  entityId?: string;
  /** Of first attempts, whose traces go on. */
  traceparents: readonly (string | null)[];
  /** Of repetitions, which are linked and have a trace of their own. */
  former?: readonly (string | null)[];
}

interface Job {
  name: string;
  work: Work;
  cause: JobCause;
  /** Why it came to nothing, where it did not throw. */
  failure: string | undefined;
  /** What it goes on with when its place is free again. */
  rest: Promise<void> | undefined;
}

const current = new AsyncLocalStorage<Job>();

/**
 * Wraps a task: its metrics, and one canonical line for each of its jobs, under the names that those of requests have (docs/observability.md).
 * @param causal it calls `inJob` itself, once it knows what it answers; others are traced from here
 */
export function observeJob(name: string, task: Task, log: Logger, deployed: Deployed, causal = false): Task {
  const lines = log.child({}, { redact: [] });
  return async (payload, helpers) => {
    const work = newWork();
    const job: Job = { name, work, cause: nothing, failure: undefined, rest: undefined };
    const began = performance.now();
    const end = (error?: unknown) => {
      const took = performance.now() - began;
      const { cause } = job;
      const failure = error ? codeOf(error) : job.failure;
      countJob(name, failure ? 'error' : 'ok', took / 1_000);
      const line = {
        ...canonicalLine(
          {
            event: 'job',
            requestId: cause.requestId,
            traceparent: work.traceparent,
            tenantId: cause.tenantId,
            userId: null,
            actorType: 'system',
            operation: name,
            method: null,
            route: null,
            statusCode: null,
            milliseconds: took,
            errorCode: failure ?? null,
            aborted: helpers.abortSignal?.aborted ?? false,
          },
          work,
          deployed,
        ),
        ...(cause.entity && { entity: cause.entity, entity_id: cause.entityId }),
        attempt: helpers.job.attempts,
      };
      // In its trace, so that the line is found with it.
      context.with(contextOf(work.traceparent), () => {
        if (failure) lines.error(line, 'job');
        else lines.info(line, 'job');
      });
    };
    try {
      const run = () =>
        causal ? task(payload, helpers) : inJob(nothing, async () => task(payload, helpers));
      await current.run(job, () => runWork(work, run));
    } catch (error) {
      end(error);
      throw error;
    }
    if (job.rest) void job.rest.then(() => end(), end);
    else end();
  };
}

const nothing: JobCause = { tenantId: null, requestId: null, traceparents: [] };

function codeOf(error: unknown): string {
  const { code, name } = error as { code?: string; name?: string };
  return code ?? name ?? 'error';
}

/** The present job came to nothing, which a repetition would not help: so its line and its metrics say, and it is not repeated. */
export function tellFailure(code: string): void {
  const job = current.getStore();
  if (job) job.failure = code;
}

/** The present job has given its place back, and goes on with `rest`: its line and its metrics wait for that. */
export function goesOnWith(rest: Promise<void>): void {
  const job = current.getStore();
  if (job) job.rest = rest;
}

/**
 * Runs the work of a job in its span: it goes on with the trace of what it answers, when that is one, and links the others.
 */
export async function inJob<T>(cause: JobCause, body: () => Promise<T>): Promise<T> {
  const job = current.getStore();
  const name = job?.name ?? 'job';
  const traces = [...new Set(cause.traceparents.filter((traceparent) => traceparent))];
  const parent = traces.length === 1 ? contextOf(traces[0]) : ROOT_CONTEXT;
  const links = linksTo([...traces, ...(cause.former ?? [])]).slice(0, 100);
  const attributes = {
    ...(cause.tenantId && { 'freehold.tenant_id': cause.tenantId }),
    ...(cause.requestId && { 'freehold.request_id': cause.requestId }),
    'freehold.actor_type': 'system',
    'freehold.operation': name,
  };
  if (job) {
    job.cause = cause;
    job.work.requestId = cause.requestId;
    job.work.describe = () => attributes;
  }
  return inSpan(
    `job ${name}`,
    { layer: 'job', kind: SpanKind.CONSUMER, parent, links, attributes },
    async (span) => {
      // Without telemetry, the trace of its cause.
      if (job)
        job.work.traceparent = activeTraceparent(span) || (traces.length === 1 ? (traces[0] ?? '') : '');
      return body();
    },
  );
}

/**
 * Where an answer to `traceparent` belongs: beneath the job's span, when that goes on with its trace, with a link to what it answers; else in the trace itself, with a link to
 * the job.
 */
export function within(traceparent: string | null): { parent: ReturnType<typeof contextOf>; links: Link[] } {
  const active = trace.getActiveSpan()?.spanContext();
  const { trace_id } = idsOf(traceparent ?? '');
  if (!traceparent || active?.traceId === trace_id)
    return { parent: context.active(), links: linksTo([traceparent]) };
  return { parent: contextOf(traceparent), links: active ? [{ context: active }] : [] };
}

/**
 * Goes on with the trace of what brought something, in a span that is linked to the job's.
 * @param body is given the W3C trace context for what it causes; '' for none
 */
export function goOn<T>(
  name: string,
  traceparent: string | null,
  body: (traceparent: string) => Promise<T>,
): Promise<T> {
  return inSpan(name, { layer: 'job', kind: SpanKind.CONSUMER, ...within(traceparent) }, (span) =>
    body(activeTraceparent(span) || (traceparent ?? '')),
  );
}

/**
 * Tells, in the trace of what is answered now, how long it waited for that: until the dispatcher had taken it, and from then on for a place among the jobs of a worker.
 * @param sinceMs and dispatchedMs milliseconds since 1970
 */
export function tellWait(traceparent: string | null, sinceMs: number, dispatchedMs: number): void {
  if (!traceparent) return;
  const place = { layer: 'queue' as const, parent: contextOf(traceparent) };
  const now = Date.now();
  const dispatched = Math.min(Math.max(dispatchedMs, sinceMs), now);
  tellSpan('wait for the dispatcher', place, sinceMs, dispatched);
  tellSpan('wait for the worker', place, dispatched, now);
}
