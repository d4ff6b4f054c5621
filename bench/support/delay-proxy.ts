import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A link of one millisecond: what a client sends arrives that much later, in order. In a process of its own. */
export async function startDelayProxy(target: URL): Promise<{ url: string; stop: () => void }> {
  const child = fork(import.meta.filename, [target.hostname, target.port || '5432']);
  const [port] = (await once(child, 'message')) as [number];
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return { url: url.href, stop: () => child.kill() };
}

const [host, port] = process.argv.slice(2);
if (process.send && host && port) {
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host, port: Number(port), noDelay: true });
    client.on('data', (chunk) => setTimeout(() => upstream.write(chunk), 1));
    upstream.on('data', (chunk) => client.write(chunk));
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => setTimeout(() => other.destroy(), 5));
    }
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { port: number }).port));
  process.on('disconnect', () => process.exit());
}
