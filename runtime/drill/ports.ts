import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** So many ports in a row on which nobody listens just now. */
export async function freePorts(count: number): Promise<number[]> {
  for (;;) {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    const ports = Array.from({ length: count }, (_, n) => port + n);
    const others = ports.slice(1).map((other) => createServer().listen(other, '127.0.0.1'));
    const free = await Promise.all(
      others.map((server) =>
        Promise.race([once(server, 'listening').then(() => true), once(server, 'error').then(() => false)]),
      ),
    );
    for (const server of [probe, ...others]) server.close();
    if (free.every(Boolean) && port + count < 65_535) return ports;
  }
}
