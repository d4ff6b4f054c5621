import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

const tracer = trace.getTracer('freehold');

/** The layer of a span, where its name and library do not tell: `freehold.layer`. */
export type Layer = 'graphql' | 'pool' | 'queue' | 'job' | 'delivery' | 'identity_provider';

export interface SpanOptions {
  layer?: Layer;
  kind?: SpanKind;
  attributes?: Attributes;
  /** Default: the active span's. */
  parent?: Context;
  links?: Link[];
}

/** Whether what happens now is part of a trace that is kept. */
export const isTraced = (): boolean => trace.getActiveSpan()?.isRecording() ?? false;

/** Runs `body` in a span of its own, which ends with it and tells its failure. */
export async function inSpan<T>(
  name: string,
  options: SpanOptions,
  body: (span: Span) => Promise<T>,
): Promise<T> {
  const parent = options.parent ?? context.active();
  const span = beginSpan(name, { ...options, parent });
  try {
    return await context.with(trace.setSpan(parent, span), () => body(span));
  } catch (error) {
    failSpan(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** As inSpan, for what does not wait. */
export function inSpanSync<T>(name: string, options: SpanOptions, body: () => T): T {
  const span = beginSpan(name, options);
  try {
    return body();
  } catch (error) {
    failSpan(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** A span that its caller ends. @param startTime milliseconds since 1970; default: now */
export function beginSpan(name: string, options: SpanOptions, startTime?: number): Span {
  const { layer, kind = SpanKind.INTERNAL, attributes, parent, links } = options;
  return tracer.startSpan(
    name,
    {
      kind,
      attributes: { ...attributes, ...(layer && { 'freehold.layer': layer }) },
      ...(links && { links }),
      ...(startTime !== undefined && { startTime }),
    },
    parent ?? context.active(),
  );
}

export function failSpan(span: Span, error: unknown): void {
  const { message, code } = error as { message?: string; code?: string };
  if (code) span.setAttribute('error.type', code);
  span.setStatus({ code: SpanStatusCode.ERROR, message: message ?? String(error) });
}

/** Something that happened between two moments, told afterwards. Milliseconds since 1970. */
export function tellSpan(name: string, options: SpanOptions, beganAt: number, endedAt: number): void {
  beginSpan(name, options, beganAt).end(endedAt);
}

/** W3C trace context of the active span, kept or not; '' when there is none. */
export function activeTraceparent(span: Span | undefined = trace.getActiveSpan()): string {
  const its = span?.spanContext();
  if (!its || !isSpanContextValid(its)) return '';
  return `00-${its.traceId}-${its.spanId}-0${its.traceFlags & 1}`;
}

/**
 * How a connection is called while it serves somebody: pg_stat_activity and %a in the log of slow statements lead to the trace. Not a comment in the statement: those that
 * are prepared once would each be planned anew, differently from what they were to explain.
 */
export const connectionName = (pool: 'gate' | 'app' | 'worker', traceparent: string): string =>
  `freehold ${pool} ${traceparent.slice(3, 52)}`.trimEnd();

/** The trace that a traceparent names, to go on with; an empty context for none. */
export function contextOf(traceparent: string | null | undefined): Context {
  return traceparent ? propagation.extract(ROOT_CONTEXT, { traceparent }) : ROOT_CONTEXT;
}

/** Links to spans of other traces; those that name none are left out. */
export function linksTo(traceparents: readonly (string | null | undefined)[]): Link[] {
  return [...new Set(traceparents)].flatMap((traceparent) => {
    const its = trace.getSpanContext(contextOf(traceparent));
    return its ? [{ context: its }] : [];
  });
}

/** Ids of a traceparent, for logs. */
export function idsOf(traceparent: string): { trace_id: string | null; span_id: string | null } {
  const [, trace_id = null, span_id = null] = traceparent.split('-');
  return { trace_id, span_id };
}
