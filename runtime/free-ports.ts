import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below those that Linux gives by itself (net.ipv4.ip_local_port_range): nobody is given one of these between the probe and its use. */
const [lowest, beyond] = [10_000, 32_768];

/** So many ports of this machine in a row on which nobody listens just now. */
export async function freePorts(count: number): Promise<number[]> {
  for (;;) {
    const first = lowest + Math.floor(Math.random() * (beyond - lowest - count));
    const ports = Array.from({ length: count }, (_, n) => first + n);
    const probes = await Promise.all(ports.map(listenOn));
    // Given back before they are used.
    for (const probe of probes) if (probe) await new Promise((resolve) => probe.close(resolve));
    if (probes.every(Boolean)) return ports;
  }
}

function listenOn(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, '127.0.0.1');
  return once(server, 'listening').then(
    () => server,
    () => undefined,
  );
}

/** One of them. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}
