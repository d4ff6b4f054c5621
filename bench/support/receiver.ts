import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerOrders, clock } from './child.ts';

/** What it is to expect from now on; what came before is forgotten. */
export interface Expectation {
  /** The key of each endpoint's path, in base64. */
  keys: Record<string, string>;
  /** Remember which change of which resource each message told of. */
  changes?: boolean;
}

export interface Report {
  /** Messages, each counted once: the same webhook-id on the same path is a duplicate. */
  distinct: number;
  duplicates: number;
  /** Signatures that do not fit. */
  refused: number;
  /** When each message came first, by `clock`. */
  times: number[];
  /** `path entity_id version` of each, in the same order, when asked for. */
  changes: string[];
}

// A receiver of webhooks, in a process of its own. It verifies each signature over the bytes that came, as
// Standard Webhooks says, and answers 204.
let keys = new Map<string, Buffer>();
let withChanges = false;
let report: Report = { distinct: 0, duplicates: 0, refused: 0, times: [], changes: [] };
let seen = new Set<string>();
let waiting: { count: number; resolve: () => void }[] = [];
let silent = false;
let held: ServerResponse[] = [];

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('error', () => {});
  request.on('end', () => receive(request, response, Buffer.concat(chunks), clock()));
});

function receive(request: IncomingMessage, response: ServerResponse, body: Buffer, at: number): void {
  const path = request.url ?? '';
  const id = String(request.headers['webhook-id']);
  if (!verifies(path, id, request.headers, body)) {
    report.refused += 1;
    response.writeHead(401).end();
    return;
  }
  const message = `${path} ${id}`;
  if (seen.has(message)) report.duplicates += 1;
  else {
    seen.add(message);
    report.distinct += 1;
    report.times.push(at);
  }
  if (silent) held.push(response);
  else response.writeHead(204).end();
  if (withChanges && report.changes.length < report.distinct) {
    const { entity_id, entity_version } = JSON.parse(body.toString()) as Record<string, string>;
    report.changes.push(`${path} ${entity_id} ${entity_version}`);
  }
  if (waiting.some(({ count }) => report.distinct >= count)) {
    for (const { count, resolve } of waiting) if (report.distinct >= count) resolve();
    waiting = waiting.filter(({ count }) => report.distinct < count);
  }
}

function verifies(path: string, id: string, headers: IncomingMessage['headers'], body: Buffer): boolean {
  const key = keys.get(path);
  if (!key) return false;
  const expected = createHmac('sha256', key)
    .update(`${id}.${headers['webhook-timestamp']}.`)
    .update(body)
    .digest();
  return String(headers['webhook-signature'])
    .split(' ')
    .some((signature) => {
      const given = Buffer.from(signature.replace(/^v1,/, ''), 'base64');
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
}

answerOrders({
  listen: () =>
    new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    }),
  expect: (expectation: Expectation) => {
    keys = new Map(Object.entries(expectation.keys).map(([path, key]) => [path, Buffer.from(key, 'base64')]));
    withChanges = expectation.changes ?? false;
    report = { distinct: 0, duplicates: 0, refused: 0, times: [], changes: [] };
    seen = new Set();
    waiting = [];
  },
  until: ({ count, ms }: { count: number; ms: number }) => {
    if (report.distinct >= count) return true;
    return new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      waiting.push({
        count,
        resolve: () => {
          clearTimeout(timer);
          resolve(true);
        },
      });
    });
  },
  report: () => report,
  /** Keeps every sender waiting, or answers them all. */
  hang: (hang: boolean) => {
    silent = hang;
    for (const response of held) response.writeHead(204).end();
    held = [];
  },
});
