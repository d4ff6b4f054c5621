import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { watchOutput } from '../../support/leaks.ts';

interface Value {
  stringValue?: string;
  intValue?: number | string;
  doubleValue?: number;
  boolValue?: boolean;
  arrayValue?: { values: Value[] };
}

export interface CollectedSpan {
  service: string;
  scope: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Record<string, unknown>;
  links: { traceId: string; spanId: string }[];
  status: { code?: number; message?: string };
}

export interface CollectedLine {
  service: string;
  body: unknown;
  traceId?: string;
  attributes: Record<string, unknown>;
}

export interface Collector {
  url: string;
  spans: CollectedSpan[];
  lines: CollectedLine[];
  close(): Promise<void>;
}

type Attributes = { key: string; value: Value }[];

function read(value: Value | undefined): unknown {
  if (!value) return undefined;
  if (value.arrayValue) return value.arrayValue.values.map(read);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.doubleValue ?? value.boolValue;
}

const recordOf = (attributes: Attributes = []) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, read(value)]));

/** Receives OTLP over HTTP, with JSON, and remembers it. */
export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const lines: CollectedLine[] = [];
  const received: string[] = [];
  watchOutput(() => received.join('\n'));
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      received.push(text);
      const body = JSON.parse(text);
      for (const { resource, scopeSpans } of body.resourceSpans ?? []) {
        const service = String(recordOf(resource.attributes)['service.name']);
        for (const { scope, spans: its } of scopeSpans)
          for (const span of its)
            spans.push({
              links: [],
              status: {},
              ...span,
              service,
              scope: scope.name,
              attributes: recordOf(span.attributes),
            });
      }
      for (const { resource, scopeLogs } of body.resourceLogs ?? []) {
        const service = String(recordOf(resource.attributes)['service.name']);
        for (const { logRecords } of scopeLogs)
          for (const record of logRecords)
            lines.push({
              service,
              body: read(record.body),
              traceId: record.traceId,
              attributes: recordOf(record.attributes),
            });
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    lines,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
