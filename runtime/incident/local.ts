import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Failure } from '../failure.ts';
import type { Line, Span } from '../telemetry-store/records.ts';
import { openToRead } from '../telemetry-store/schema.ts';
import type { Source } from './source.ts';
import { timestamp } from './text.ts';

type Row = Record<string, string | bigint | null>;

/** The store that npm start keeps. @throws Failure when there is none */
export function openLocal(file: string): Source {
  const database = openOrExplain(file);
  const spans = exact(database, 'select * from span where trace_id = ?');
  const linking = exact(
    database,
    'select distinct trace_id from span_link where linked_trace_id = ? limit 20',
  );
  const lines = (where: string) =>
    exact(
      database,
      `select time_ns, service, severity, body, trace_id, span_id, attributes from line where ${where}`,
    );
  const ofTrace = lines('trace_id = ? order by time_ns');
  const ofRequest = lines('request_id = ? order by time_ns');
  const ofTenant = lines('event is not null and tenant_id = ? and time_ns >= ? order by time_ns desc');
  const ofAll = lines('event is not null and time_ns >= ? order by time_ns desc');

  return {
    spans: {
      trace: async (traceId) => (spans.all(traceId) as Row[]).map(spanOf),
      linkingTo: async (traceId) => (linking.all(traceId) as Row[]).map((row) => String(row.trace_id)),
    },
    lines: {
      ofTrace: async (traceId) => (ofTrace.all(traceId) as Row[]).map(lineOf),
      ofRequest: async (requestId) => (ofRequest.all(requestId) as Row[]).map(lineOf),
      async *calls({ tenantId, sinceNs }) {
        const found = tenantId === undefined ? ofAll.iterate(sinceNs) : ofTenant.iterate(tenantId, sinceNs);
        for (const row of found) yield lineOf(row as Row);
      },
    },
    absence: absence(database, file),
    close: () => database.close(),
  };
}

function openOrExplain(file: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = openToRead(file);
  } catch (error) {
    throw new Failure(
      'store_unreadable',
      `${file} cannot be read (${(error as Error).message}).`,
      'npm start puts it aside and begins a new one.',
    );
  }
  if (database) return database;
  throw new Failure(
    'no_store',
    `There is no telemetry in ${file}.`,
    'npm start keeps it there, in .freehold; where a collector has it, say --jaeger URL --loki URL.',
  );
}

/** Nanoseconds do not fit a JavaScript number. */
function exact(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return statement;
}

function absence(database: DatabaseSync, file: string): string {
  const row = exact(database, 'select min(received_ms) as oldest from batch').get() as Row;
  if (row.oldest === null) return `${file} is empty: nothing was sent to it yet.`;
  const oldest = timestamp(BigInt(row.oldest ?? 0) * 1_000_000n).slice(0, 19);
  return `${file} holds what came since ${oldest} UTC (TELEMETRY_RETENTION_HOURS, TELEMETRY_MAX_MEGABYTES); spans that were not sampled, or are not sent yet (some seconds), are not in it.`;
}

function spanOf(row: Row): Span {
  return {
    traceId: String(row.trace_id),
    spanId: String(row.span_id),
    parentSpanId: row.parent_span_id === null ? undefined : String(row.parent_span_id),
    name: String(row.name),
    kind: Number(row.kind),
    service: String(row.service),
    scope: String(row.scope),
    startNs: BigInt(row.start_ns ?? 0),
    endNs: BigInt(row.end_ns ?? 0),
    status: Number(row.status),
    statusMessage: String(row.status_message),
    attributes: JSON.parse(String(row.attributes)),
    links: JSON.parse(String(row.links)),
    events: JSON.parse(String(row.events)),
  };
}

function lineOf(row: Row): Line {
  return {
    timeNs: BigInt(row.time_ns ?? 0),
    service: String(row.service),
    severity: String(row.severity),
    body: String(row.body),
    traceId: row.trace_id === null ? undefined : String(row.trace_id),
    spanId: row.span_id === null ? undefined : String(row.span_id),
    attributes: JSON.parse(String(row.attributes)),
  };
}
