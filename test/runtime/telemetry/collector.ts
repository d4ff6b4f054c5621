import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readLines, readSpans } from '../../../runtime/telemetry-store/otlp.ts';
import type { Line, Span } from '../../../runtime/telemetry-store/records.ts';
import { watchOutput } from '../../support/leaks.ts';

export type CollectedSpan = Omit<Span, 'status'> & { status: { code: number; message: string } };

export interface Collector {
  url: string;
  spans: CollectedSpan[];
  lines: Line[];
  close(): Promise<void>;
}

/** Receives OTLP over HTTP, with JSON, and remembers it. */
export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const lines: Line[] = [];
  const received: string[] = [];
  watchOutput(() => received.join('\n'));
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      received.push(text);
      const body: unknown = JSON.parse(text);
      for (const { status: code, ...span } of readSpans(body).records)
        spans.push({ ...span, status: { code, message: span.statusMessage } });
      lines.push(...readLines(body).records);
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
