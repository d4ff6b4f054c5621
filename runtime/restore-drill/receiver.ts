import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Somebody who was told of events, and remembers: no restore takes that back. */
export interface Receiver {
  url: string;
  /** How often each message came, by webhook-id. */
  seen: ReadonlyMap<string, number>;
  /** Whether a message came again with another body. */
  contradicted: ReadonlySet<string>;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const seen = new Map<string, number>();
  const bodies = new Map<string, string>();
  const contradicted = new Set<string>();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const id = String(request.headers['webhook-id']);
      seen.set(id, (seen.get(id) ?? 0) + 1);
      if ((bodies.get(id) ?? body) !== body) contradicted.add(id);
      bodies.set(id, body);
      response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    seen,
    contradicted,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
