/** A value of an attribute, as JSON has it: OTLP's int64 beyond 2^53 is a string. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };
export type Attributes = Record<string, Value>;

/** What one operation did, and when. Times are nanoseconds since 1970. */
export interface Span {
  traceId: string;
  spanId: string;
  /** Absent: the first of its trace, as far as its process knew. */
  parentSpanId: string | undefined;
  name: string;
  /** 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer (SpanKind of OTLP) */
  kind: number;
  /** The process: service.name of its resource. */
  service: string;
  /** The library that made it. */
  scope: string;
  startNs: bigint;
  endNs: bigint;
  /** 0 unset, 1 ok, 2 error (Status.StatusCode of OTLP) */
  status: number;
  statusMessage: string;
  attributes: Attributes;
  links: Link[];
  events: SpanEvent[];
}

/** Another trace that has to do with a span. */
export interface Link {
  traceId: string;
  spanId: string;
  attributes: Attributes;
}

export interface SpanEvent {
  timeNs: string;
  name: string;
  attributes: Attributes;
}

/** A log record. Those of a request or a job that is over, the canonical lines, have `event` among their attributes. */
export interface Line {
  timeNs: bigint;
  service: string;
  severity: string;
  body: string;
  traceId: string | undefined;
  spanId: string | undefined;
  attributes: Attributes;
}

/** A batch as it was sent, and how much of it could not be read. */
export interface Batch<T> {
  records: T[];
  rejected: number;
  /** Why the first that was rejected was. */
  reason: string | undefined;
}

/** An attribute that is text, or a number told as text; undefined when it is absent or empty. */
export function textOf(attributes: Attributes, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const value = attributes[key];
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** An attribute that is a number; undefined when it is none. */
export function numberOf(attributes: Attributes, key: string): number | undefined {
  const value = attributes[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
