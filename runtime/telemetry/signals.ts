import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Attributes } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { register } from 'import-in-the-middle/register-hooks.mjs';
import type { TelemetrySettings } from '../config.ts';
import { currentWork } from './work.ts';

/** What a request's span tells, asked for when it ends. */
export type DescribeRequest = (request: IncomingMessage) => Attributes;

/** What is hooked into, and nothing else: without an include list every module is wrapped; without the hook, express and pino would silently not be seen. */
const hooked = ['express', 'router', 'pg', 'pg-pool', 'pino', 'undici', 'http', 'node:http'];

/** Traces of HTTP, express, pg and undici, and the ids of the trace in each line of the log. To be called before those are imported. */
export function instrument(
  { logs, ratio }: TelemetrySettings,
  secretKey: Buffer,
  describe: DescribeRequest,
): void {
  const keeps = keeper(ratio, secretKey.toString('base64'));
  register({ include: hooked });
  const instrumentations = [
    new HttpInstrumentation({
      // What is not kept is not looked at: asked later, each request would pay for a span that nobody sees (20 % of its CPU).
      ignoreIncomingRequestHook: ({ url, headers }) =>
        url === '/livez' || url === '/readyz' || !keeps(headers.traceparent),
      // Outgoing calls of ours are undici's; those of the exporters are nobody's business.
      disableOutgoingRequestInstrumentation: true,
      // Queries hold codes and tokens of sign-ins.
      startIncomingSpanHook: () => ({ 'url.query': '' }),
      applyCustomAttributesOnSpan: (span, request) => {
        span.setAttributes(describe(request as never));
      },
    }),
    new ExpressInstrumentation({
      // A span for each middleware costs more than it tells: 9 of the 12 spans of a request took no measurable time.
      ignoreLayersType: ['middleware' as never, 'router' as never],
    }),
    new PgInstrumentation({
      requireParentSpan: true,
      ignoreConnectSpans: true,
      addSqlCommenterCommentToQueries: true,
    }),
    new UndiciInstrumentation({
      requireParentforSpans: true,
      // Webhooks have spans of their own, and carry the trace of their event.
      ignoreRequestHook: ({ headers }) => headers.includes('webhook-id'),
      startSpanHook: ({ origin, path }) => ({
        'freehold.layer': 'identity_provider',
        'url.full': `${origin}${path.split('?', 1)[0]}`,
        'url.query': '',
      }),
    }),
    new PinoInstrumentation({
      disableLogSending: !logs,
      logHook: (_span, record) => {
        delete record.trace_flags;
      },
    }),
  ];
  // Not by the SDK, which would give them its meters: theirs would be measured and thrown away.
  registerInstrumentations({ instrumentations });
}

/** What a request or job knows of itself when a span of it begins: whose it is, and what was asked for. */
const describing: SpanProcessor = {
  onStart: (span) => {
    const work = currentWork();
    if (work) span.setAttributes(work.describe());
  },
  onEnd: () => {},
  forceFlush: async () => {},
  shutdown: async () => {},
};

/** Sent each second: who looks for a cause looks now. */
export function spanProcessors(endpoint: string): SpanProcessor[] {
  return [
    describing,
    new BatchSpanProcessor({
      exporter: new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }),
      scheduledDelayMillis: 1_000,
      maxQueueSize: 8_192,
      maxExportBatchSize: 1_024,
    } as never),
  ];
}

/**
 * Whether the trace of a request is kept: by its id, so that all servers decide alike, and by our key, for neither a client's flag nor an id that it chose must make us keep
 * all of its requests, or none.
 */
export function keeper(ratio: number, key: string): (traceparent: string | string[] | undefined) => boolean {
  return (traceparent) => {
    if (ratio >= 1) return true;
    const id = typeof traceparent === 'string' && /^00-([0-9a-f]{32})-/.exec(traceparent)?.[1];
    if (!id) return Math.random() < ratio;
    return hash('sha256', `${key} ${id}`, 'buffer').readUInt32BE() / 2 ** 32 < ratio;
  };
}

/**
 * Of the server, all that begins a trace, for what is not kept has been left out before. The worker's part of a trace is kept with the server's, and a share of what the
 * worker begins itself.
 */
export function sampler(ratio: number, service: 'server' | 'worker'): Sampler {
  const all = new AlwaysOnSampler();
  return service === 'server' ? all : new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
}
