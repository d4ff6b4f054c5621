import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePorts } from '../../runtime/free-ports.ts';

const listenOn = async (port: number) => {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

it('finds ports in a row, past those that somebody has', async () => {
  // So many that one of five in a row is often taken.
  const taken = await Promise.all(
    Array.from({ length: 4_000 }, () =>
      listenOn(10_000 + Math.floor(Math.random() * 22_768)).catch(() => undefined),
    ),
  );
  const theirs = new Set(taken.map((server) => (server?.address() as AddressInfo | undefined)?.port));
  for (let n = 0; n < 50; n += 1) {
    const [first = 0, ...rest] = await freePorts(5);
    const ports = [first, ...rest];
    expect(ports).toEqual([0, 1, 2, 3, 4].map((more) => first + more));
    expect(ports.filter((port) => theirs.has(port))).toEqual([]);
  }
  for (const server of taken) server?.close();
});
