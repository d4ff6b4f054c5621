/**
 * A webhook receiver: verifies each message, tells what it has seen and what is out of date, and prints one line of JSON for each event.
 *
 *   WEBHOOK_SECRET=whsec_... node examples/webhook-receiver/main.ts [--port 4000] [--count 3] [--timeout 30]
 *
 * WEBHOOK_SECRET holds one secret, or several with spaces between them while they are rotated; WEBHOOK_PUBLIC_KEY, instead or as well, a
 * whpk_ key. With neither, the first line of standard input is read as WEBHOOK_SECRET: the endpoint can then be created with the URL that the
 * first line of output tells. Standard output, in order:
 *   {"listening":"http://127.0.0.1:4000/webhooks"}
 *   {"event":"evt_...","type":"project.created","duplicate":false,"stale":false,"traceparent":null,"body":{...}}
 *   {"refused":"No matching signature found"}
 * Exit codes: 0 after --count events, or when asked to stop; 1 when it cannot listen; 2 for a wrong call; 3 after --timeout seconds.
 */
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import express from 'express';
import { WebhookVerificationError } from 'standardwebhooks';
import { verify } from '../webhook-verification/verify.ts';

interface Event {
  type: string;
  entity_id: string | null;
  entity_version: number | null;
}

const { port, count, timeout } = options();
const { WEBHOOK_SECRET = '', WEBHOOK_PUBLIC_KEY = '' } = process.env;
const given = `${WEBHOOK_SECRET} ${WEBHOOK_PUBLIC_KEY}`.trim();
let keys = given && keysOf(given);

// A real receiver keeps both in its database, and writes them in the transaction of its own work.
const seen = new Set<string>();
const versions = new Map<string, number>();

const app = express();
// The signature is over the bytes: parse the body only after it was verified.
app.post('/webhooks', express.raw({ type: () => true, limit: '1mb' }), (request, response) => {
  if (!keys) {
    response.status(503).json({ error: 'this receiver has no secret yet' });
    return;
  }
  let body: Event;
  try {
    body = verify(request.body as Buffer, request.headers, keys) as Event;
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    print({ refused: error.message });
    response.status(400).json({ error: error.message });
    return;
  }
  const event = String(request.headers['webhook-id']);
  // Messages come at least once: what was seen is answered like all else, and not done again.
  const duplicate = seen.has(event);
  seen.add(event);
  const stale = !duplicate && isStale(body);
  // Answer at once and work later: an answer that takes longer than 15 s is a failed attempt.
  response.status(204).end();
  print({ event, type: body.type, duplicate, stale, traceparent: request.headers.traceparent ?? null, body });
  if (seen.size === count) finish(0);
});

const server = app.listen(port, '127.0.0.1', (error) => {
  if (error) {
    console.error(`The receiver cannot listen on port ${port}: ${error.message}`);
    process.exit(1);
  }
  print({ listening: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks` });
});
if (timeout) setTimeout(() => finish(3), timeout * 1_000).unref();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => finish(0));
if (!keys) keys = keysOf(await firstLine());

/** Events of one entity may come in another order than they happened in: each carries the entity's version, and older ones change nothing. */
function isStale({ entity_id, entity_version }: Event): boolean {
  if (entity_id === null || entity_version === null) return false;
  if (entity_version <= (versions.get(entity_id) ?? 0)) return true;
  versions.set(entity_id, entity_version);
  return false;
}

/** A key with a mistake in it would refuse every message, and say of each that the signature is wrong. */
function keysOf(text: string): string[] {
  const found = text.split(/[\s,]+/);
  const wrong = found.find((key) => !isKey(key));
  if (wrong === undefined) return found;
  console.error(
    `"${wrong.slice(0, 9)}..." is no key: WEBHOOK_SECRET is whsec_ and 24 to 64 bytes in base64, WEBHOOK_PUBLIC_KEY is whpk_ and 32 bytes, as createWebhookEndpoint answers them.`,
  );
  process.exit(2);
}

function isKey(text: string): boolean {
  const [, prefix, base64 = ''] = /^(whsec|whpk)_([A-Za-z0-9+/]+=*)$/.exec(text) ?? [];
  const { length } = Buffer.from(base64, 'base64');
  return prefix === 'whsec' ? length >= 24 && length <= 64 : prefix === 'whpk' && length === 32;
}

function finish(code: number): void {
  server.close(() => process.exit(code));
  server.closeIdleConnections();
  // The sender keeps its connections: the last answer is out by then.
  setTimeout(() => process.exit(code), 200);
}

async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    lines.close();
    return line.trim();
  }
  console.error('No secret: set WEBHOOK_SECRET, or write it to standard input.');
  process.exit(2);
}

function print(line: Record<string, unknown>): void {
  console.log(JSON.stringify(line));
}

function options() {
  try {
    const { values } = parseArgs({
      options: { port: { type: 'string' }, count: { type: 'string' }, timeout: { type: 'string' } },
    });
    const number = (name: 'port' | 'count' | 'timeout') => {
      const value = Number(values[name] ?? 0);
      if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} must be a whole number`);
      return value;
    };
    return { port: number('port'), count: number('count'), timeout: number('timeout') };
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}
