import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { BodyLimits } from './body.ts';
import { bodyReader, Refusal } from './body.ts';
import { NotOtlp, readLines, readSpans } from './otlp.ts';
import type { Store } from './store.ts';

export interface ReceiverOptions {
  store: Store;
  /** 0: any */
  port: number;
  /** Told of what could not be written. */
  report: (error: unknown) => void;
  limits?: BodyLimits;
}

export interface Receiver {
  url: string;
  /** Takes no more requests, and resolves when those under way are answered, or after `graceMs`. */
  close(graceMs?: number): Promise<void>;
}

/**
 * Receives OTLP/HTTP in JSON, on this machine alone, and answers when what came is written. https://opentelemetry.io/docs/specs/otlp/#otlphttp
 * @throws when the port cannot be had
 */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { store, report, limits = { body: 20 * 1024 * 1024, together: 64 * 1024 * 1024 } } = options;
  const read = bodyReader(limits);
  let closing = false;

  const signals = new Map([
    [
      '/v1/traces',
      (bytes: Buffer): object => {
        const { records, rejected, reason } = readSpans(parse(bytes));
        store.write(bytes, { spans: records });
        return rejected > 0 ? { rejectedSpans: String(rejected), errorMessage: reason } : {};
      },
    ],
    [
      '/v1/logs',
      (bytes: Buffer): object => {
        const { records, rejected, reason } = readLines(parse(bytes));
        store.write(bytes, { lines: records });
        return rejected > 0 ? { rejectedLogRecords: String(rejected), errorMessage: reason } : {};
      },
    ],
  ]);

  async function answer(request: IncomingMessage): Promise<object> {
    if (request.url === '/healthz') return { status: 'ok' };
    const keep = signals.get(request.url ?? '');
    if (!keep) throw new Refusal(404, `nothing is kept of ${request.url}: only /v1/traces and /v1/logs`);
    requireJson(request);
    return { partialSuccess: keep(await read(request)) };
  }

  const server = createServer({ requestTimeout: 30_000, keepAliveTimeout: 65_000 }, (request, response) => {
    answer(request).then(
      (body) => send(response, 200, body),
      (error: unknown) => {
        // The sender has gone: there is nobody to answer.
        if (response.destroyed) return;
        const { status, message } = refusalOf(error, report);
        if (status === 429 || status === 503) response.setHeader('retry-after', '1');
        // What is still to come of a body that nobody reads would stand before the next request.
        if (!request.complete) response.setHeader('connection', 'close');
        send(response, status, { message });
        request.resume();
      },
    );
  });

  function send(response: ServerResponse, status: number, body: object): void {
    if (closing) response.setHeader('connection', 'close');
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  server.listen({ host: '127.0.0.1', port: options.port });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    async close(graceMs = 5_000) {
      closing = true;
      const closed = once(server, 'close').then(() => true);
      server.close();
      const end = Date.now() + graceMs;
      // Senders keep their connections: each is idle, and can be closed, once its answer is out.
      while (!(await Promise.race([closed, pause(50, false)]))) {
        if (Date.now() > end) server.closeAllConnections();
        else server.closeIdleConnections();
      }
    },
  };
}

/** @throws Refusal */
function requireJson(request: IncomingMessage): void {
  if (request.method !== 'POST') throw new Refusal(405, 'telemetry is sent with POST');
  // A page in a browser on this machine is no sender.
  if (request.headers.origin !== undefined) throw new Refusal(403, 'a browser sends no telemetry here');
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new Refusal(415, 'only application/json is read: OTEL_EXPORTER_OTLP_PROTOCOL=http/json');
  }
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new Refusal(415, 'only gzip is read, or no content-encoding');
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Refusal(400, 'the body is not JSON');
  }
}

function refusalOf(error: unknown, report: (error: unknown) => void): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof NotOtlp) return new Refusal(400, error.message);
  report(error);
  // To be sent again: a disk that is full now may have room later.
  return new Refusal(503, 'it could not be written: see the log of the telemetry store');
}
