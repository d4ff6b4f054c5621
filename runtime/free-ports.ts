import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** So many ports of this machine in a row on which nobody listens just now. */
export async function freePorts(count: number): Promise<number[]> {
  for (;;) {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    const ports = Array.from({ length: count }, (_, n) => port + n);
    const others = ports.slice(1).map((other) => createServer().listen(other, '127.0.0.1'));
    const free = await Promise.all(
      others.map((server) =>
        once(server, 'listening').then(
          () => true,
          () => false,
        ),
      ),
    );
    // Given back before they are used.
    await Promise.all(
      [probe, ...others]
        .filter((server) => server.listening)
        .map((server) => new Promise((resolve) => server.close(resolve))),
    );
    if (free.every(Boolean) && port + count < 65_535) return ports;
  }
}

/** One of them. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}
