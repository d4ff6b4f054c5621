import type { Attributes, Batch, Line, Link, Span, SpanEvent, Value } from './records.ts';

/*
 * Reads OTLP in JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding. Ids are hex in either case, 64-bit numbers are strings
 * or numbers, unknown fields are passed over. A record that is wrong is rejected by itself, and counted: the others are kept.
 */

/** The request is none of OTLP at all. */
export class NotOtlp extends Error {}

type Json = Record<string, unknown>;

/** Deeper ones are cut: what is nested without end would exhaust the stack of whoever writes it down. */
const deepest = 16;

/** @throws NotOtlp */
export function readSpans(body: unknown): Batch<Span> {
  return read(body, 'resourceSpans', 'scopeSpans', 'spans', readSpan);
}

/** @throws NotOtlp */
export function readLines(body: unknown): Batch<Line> {
  return read(body, 'resourceLogs', 'scopeLogs', 'logRecords', readLine);
}

function read<T>(
  body: unknown,
  resources: string,
  scopes: string,
  records: string,
  one: (record: Json, service: string, scope: string) => T,
): Batch<T> {
  const batch: Batch<T> = { records: [], rejected: 0, reason: undefined };
  for (const resource of listOf(objectOf(body, 'the body'), resources)) {
    const about = resource.resource === undefined ? {} : objectOf(resource.resource, 'resource');
    const service = readAttributes(about.attributes)['service.name'];
    for (const scope of listOf(resource, scopes)) {
      const library = scope.scope === undefined ? {} : objectOf(scope.scope, 'scope');
      for (const record of listOf(scope, records)) {
        try {
          batch.records.push(one(record, typeof service === 'string' ? service : '', text(library.name)));
        } catch (error) {
          batch.rejected += 1;
          batch.reason ??= (error as Error).message;
        }
      }
    }
  }
  return batch;
}

function readSpan(span: Json, service: string, scope: string): Span {
  const startNs = nanoseconds(span.startTimeUnixNano, 'startTimeUnixNano');
  let endNs = nanoseconds(span.endTimeUnixNano, 'endTimeUnixNano');
  // A clock that was set back: it took no time, rather than less than none.
  if (endNs < startNs) endNs = startNs;
  const status = span.status === undefined ? {} : objectOf(span.status, 'status');
  return {
    traceId: id(span.traceId, 32, 'traceId'),
    spanId: id(span.spanId, 16, 'spanId'),
    parentSpanId: optionalId(span.parentSpanId, 16, 'parentSpanId'),
    name: text(span.name),
    kind: small(span.kind),
    service,
    scope,
    startNs,
    endNs,
    status: small(status.code),
    statusMessage: text(status.message),
    attributes: readAttributes(span.attributes),
    links: listOf(span, 'links').map(readLink),
    events: listOf(span, 'events').map(readEvent),
  };
}

function readLink(link: Json): Link {
  return {
    traceId: id(link.traceId, 32, 'traceId of a link'),
    spanId: id(link.spanId, 16, 'spanId of a link'),
    attributes: readAttributes(link.attributes),
  };
}

function readEvent(event: Json): SpanEvent {
  return {
    timeNs: String(nanoseconds(event.timeUnixNano, 'timeUnixNano of an event')),
    name: text(event.name),
    attributes: readAttributes(event.attributes),
  };
}

function readLine(record: Json, service: string): Line {
  const attributes = readAttributes(record.attributes);
  const body = readValue(record.body, 0);
  return {
    timeNs: timeOf(record),
    service,
    severity: text(record.severityText).toLowerCase() || severityOf(small(record.severityNumber)),
    body: typeof body === 'string' ? body : body === null ? '' : JSON.stringify(body),
    traceId: optionalId(record.traceId, 32, 'traceId') ?? hex(attributes.trace_id, 32),
    spanId: optionalId(record.spanId, 16, 'spanId') ?? hex(attributes.span_id, 16),
    attributes,
  };
}

/** When it happened; or was seen; or, when nobody says, came. 0 is how OTLP says that it is not known. */
function timeOf(record: Json): bigint {
  for (const name of ['timeUnixNano', 'observedTimeUnixNano']) {
    const time = record[name];
    if (time !== undefined && time !== null && time !== 0 && time !== '0') return nanoseconds(time, name);
  }
  return BigInt(Date.now()) * 1_000_000n;
}

/** https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
function severityOf(number: number): string {
  return ['trace', 'debug', 'info', 'warn', 'error', 'fatal'][Math.floor((number - 1) / 4)] ?? '';
}

function readAttributes(list: unknown): Attributes {
  const attributes: Attributes = {};
  if (!Array.isArray(list)) return attributes;
  for (const item of list) {
    if (typeof item !== 'object' || item === null || typeof item.key !== 'string') continue;
    put(attributes, item.key, readValue(item.value, 0));
  }
  return attributes;
}

/** AnyValue: an object with one field, named by its type. */
function readValue(any: unknown, depth: number): Value {
  if (typeof any !== 'object' || any === null) return null;
  if (depth > deepest) return '[nested too deeply]';
  const value = any as Json;
  if (typeof value.stringValue === 'string') return value.stringValue;
  if (typeof value.boolValue === 'boolean') return value.boolValue;
  if (value.intValue !== undefined) return integer(value.intValue);
  if (value.doubleValue !== undefined) {
    const double = Number(value.doubleValue);
    return Number.isFinite(double) ? double : text(value.doubleValue);
  }
  if (typeof value.bytesValue === 'string') return value.bytesValue;
  const { values: items } = (value.arrayValue ?? {}) as { values?: unknown };
  if (Array.isArray(items)) return items.map((item) => readValue(item, depth + 1));
  const { values: pairs } = (value.kvlistValue ?? {}) as { values?: unknown };
  if (!Array.isArray(pairs)) return value.arrayValue ? [] : value.kvlistValue ? {} : null;
  const object: Attributes = {};
  for (const pair of pairs) {
    if (typeof pair?.key === 'string') put(object, pair.key, readValue(pair.value, depth + 1));
  }
  return object;
}

/** A plain assignment of `__proto__` would set the prototype. */
function put(object: Attributes, key: string, value: Value): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

function integer(value: unknown): Value {
  const number = Number(value);
  return typeof value === 'number' || Number.isSafeInteger(number) ? number : text(value);
}

const objectOf = (value: unknown, name: string): Json => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new NotOtlp(`${name} must be an object`);
};

function listOf(object: Json, name: string): Json[] {
  const list = object[name] ?? [];
  if (!Array.isArray(list)) throw new NotOtlp(`${name} must be an array`);
  return list.map((item) => objectOf(item, `an item of ${name}`));
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const small = (value: unknown): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 256 ? value : 0;

function hex(value: unknown, length: number): string | undefined {
  if (typeof value !== 'string' || value.length !== length || !/^[0-9a-f]+$/i.test(value)) return undefined;
  return /^0+$/.test(value) ? undefined : value.toLowerCase();
}

function id(value: unknown, length: number, name: string): string {
  const found = hex(value, length);
  if (found === undefined) throw new Error(`${name} must be ${length} hexadecimal digits, not all zero`);
  return found;
}

/** Zeros are how some say that there is none. */
function optionalId(value: unknown, length: number, name: string): string | undefined {
  if (value === undefined || value === null || value === '' || /^0+$/.test(String(value))) return undefined;
  return id(value, length, name);
}

function nanoseconds(value: unknown, name: string): bigint {
  if ((typeof value === 'string' && /^\d{1,19}$/.test(value)) || Number.isSafeInteger(value)) {
    const time = BigInt(value as string | number);
    if (time > 0n && time < 2n ** 63n) return time;
  }
  // JSON.parse has rounded it, to 256 ns: good enough for who sends it as a number.
  if (typeof value === 'number' && value > 0 && value < 2 ** 63) return BigInt(Math.round(value));
  throw new Error(`${name} must be nanoseconds since 1970`);
}
