/**
 * A webhook receiver: verifies each message, ignores what it has seen, and prints one line of JSON for each event.
 *
 *   WEBHOOK_SECRET=whsec_... node examples/webhook-receiver/main.ts [--port 4000] [--count 3] [--timeout 30]
 *
 * Without WEBHOOK_SECRET the secret is the first line of standard input: the endpoint can then be created with the URL that
 * the first line of output tells. Standard output, in order:
 *   {"listening":"http://127.0.0.1:4000/webhooks"}
 *   {"event":"evt_...","type":"project.created","duplicate":false,"traceparent":null,"body":{...}}
 *   {"refused":"No matching signature found"}
 * Exit codes: 0 after --count events, or when asked to stop; 1 when it cannot listen; 2 for a wrong call; 3 after --timeout seconds.
 */
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import express from 'express';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

const { port, count, timeout } = options();
let webhook: Webhook | undefined;
const seen = new Set<string>();

const app = express();
// The signature is over the bytes: parse the body only after it was verified.
app.post('/webhooks', express.raw({ type: () => true, limit: '1mb' }), (request, response) => {
  if (!webhook) {
    response.status(503).json({ error: 'this receiver has no secret yet' });
    return;
  }
  try {
    webhook.verify(request.body as Buffer, request.headers as Record<string, string>);
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    print({ refused: error.message });
    response.status(400).json({ error: error.message });
    return;
  }
  const event = String(request.headers['webhook-id']);
  // Messages come at least once. A real receiver keeps the ids in its database, in the transaction of its own work.
  const duplicate = seen.has(event);
  seen.add(event);
  const body = JSON.parse(String(request.body)) as { type: string };
  print({ event, type: body.type, duplicate, traceparent: request.headers.traceparent ?? null, body });
  // Answer at once and work later: an answer that takes longer than 15 s is a failed attempt.
  response.status(204).end();
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
webhook = new Webhook(process.env.WEBHOOK_SECRET || (await firstLine()));

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
