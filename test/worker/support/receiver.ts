import { createPublicKey, type KeyObject, verify as verifyWith } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { expect } from 'vitest';

export interface Received {
  id: string;
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  body: { id: string; type: string; tenant: string; entity_id: string; entity_version: number; data: object };
}

export type Answer = (response: ServerResponse, received: Received) => void;

export const accept: Answer = (response) => response.writeHead(204).end();
export const refuse: Answer = (response) => response.writeHead(500).end('no');
export const redirect: Answer = (response) => response.writeHead(307, { location: '/elsewhere' }).end();
export const hang: Answer = () => {};
export const cut: Answer = (response) => response.socket?.destroy();
/** Begins to answer, and never ends. */
export const stall: Answer = (response) => response.writeHead(200).write('half');
/** 50 MB, as fast as they are taken. */
export const flood: Answer = (response) => {
  const chunk = Buffer.alloc(65_536, 'x');
  let left = 800;
  response.writeHead(500);
  const more = () => {
    while (left-- > 0) if (!response.write(chunk)) return response.once('drain', more);
    return response.end();
  };
  more();
};

export interface Receiver {
  url: string;
  /** Every request, in order. */
  requests: Received[];
  /** The webhook-ids that came, each once. */
  ids(): Set<string>;
  /** How it answers from now on. */
  answer: Answer;
  close(): Promise<void>;
}

/** A receiver over real HTTP that answers as the test says, and remembers all that it was sent. */
export async function startReceiver(answer: Answer = accept): Promise<Receiver> {
  const requests: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const received = {
        id: String(request.headers['webhook-id']),
        path: request.url ?? '',
        headers: request.headers,
        text,
        body: JSON.parse(text) as Received['body'],
      };
      requests.push(received);
      receiver.answer(response, received);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    ids: () => new Set(requests.map(({ id }) => id)),
    answer,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

/**
 * Nothing lost, nothing made up: what came is what was committed, and what came again came under the same webhook-id. Prints how much did.
 * @param committed webhook-ids of the events in the database
 */
export function account({ requests, ids }: Receiver, committed: ReadonlySet<string>): void {
  expect(ids()).toEqual(committed);
  expect(requests.filter(({ id, body }) => body.id !== id)).toEqual([]);
  const again = requests.length - committed.size;
  console.info(
    `${expect.getState().currentTestName}: ${committed.size} events committed, ${requests.length} requests, ${again} of them again (${((100 * again) / committed.size).toFixed(1)} %)`,
  );
}

/** Throws unless npm standardwebhooks accepts the message, as a receiver would call it. */
export function verify(secret: string, { text, headers }: Received): void {
  new Webhook(secret).verify(text, headers as Record<string, string>);
}

/** The DER prefix of an ed25519 public key (RFC 8410), before its 32 bytes. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** @param shown `whpk_` and base64 */
export function publicKeyOf(shown: string): KeyObject {
  const bytes = Buffer.from(shown.replace('whpk_', ''), 'base64');
  return createPublicKey({ key: Buffer.concat([spkiPrefix, bytes]), format: 'der', type: 'spki' });
}

/** Whether a v1a signature of the message is that of the public key. */
export function verifiesWith(shown: string, { id, text, headers }: Received): boolean {
  const content = Buffer.from(`${id}.${headers['webhook-timestamp']}.${text}`);
  return String(headers['webhook-signature'])
    .split(' ')
    .filter((signature) => signature.startsWith('v1a,'))
    .some((signature) =>
      verifyWith(null, content, publicKeyOf(shown), Buffer.from(signature.slice(4), 'base64')),
    );
}
