import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';

/** The certificate of the authority that signed the receiver's; see certificates/README.md. */
export const authorityFile = fileURLToPath(new URL('./certificates/authority.pem', import.meta.url));
const certificate = (name: string) =>
  readFileSync(new URL(`./certificates/${name}`, import.meta.url), 'utf8');

export interface TlsRequest {
  /** The name that the client asked for in the handshake (SNI). */
  servername: string | false;
  path: string;
  headers: IncomingHttpHeaders;
}

/** A receiver over TLS, for receiver.example, *.receiver.example and 127.0.0.2, that listens on one address. */
export async function startTlsReceiver(
  address: string,
  port = 0,
  answer: (response: ServerResponse) => void = (response) => response.writeHead(204).end(),
) {
  const requests: TlsRequest[] = [];
  let connections = 0;
  const server = createServer(
    { key: certificate('receiver.key'), cert: certificate('receiver.pem') },
    (request, response) => {
      request.resume();
      const { servername } = request.socket as TLSSocket & { servername: string | false };
      requests.push({ servername, path: request.url ?? '', headers: request.headers });
      answer(response);
    },
  );
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(port, address);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    /** Connections so far, of those that failed in the handshake too. */
    connections: () => connections,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Two on one port: what is free at one address may be taken at the other. */
export async function startTlsReceivers(
  first: string,
  second: string,
): Promise<[Awaited<ReturnType<typeof startTlsReceiver>>, Awaited<ReturnType<typeof startTlsReceiver>>]> {
  for (;;) {
    const one = await startTlsReceiver(first);
    const two = await startTlsReceiver(second, one.port).catch(() => undefined);
    if (two) return [one, two];
    await one.close();
  }
}
