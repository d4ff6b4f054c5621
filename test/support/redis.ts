import { spawn, spawnSync } from 'node:child_process';
import { Redis } from 'ioredis';
import { afterAll } from 'vitest';
import { freePort } from '../../runtime/free-ports.ts';
import { waitUntil } from './wait.ts';

/** A Redis that keeps nothing, until the file ends: its URL. Undefined where there is no redis-server, which CI demands. */
export async function startRedis(): Promise<{ url: string; stop(): Promise<void> } | undefined> {
  if (spawnSync('redis-server', ['--version']).status !== 0) {
    if (process.env.CI) throw new Error('there is no redis-server, which CI needs: .ci/programs fetches it');
    return undefined;
  }
  const port = await freePort();
  const server = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    {
      stdio: 'ignore',
    },
  );
  const stop = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
  };
  afterAll(stop);
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => 50 });
  client.on('error', () => undefined);
  await waitUntil('Redis answers', async () => (await client.ping().catch(() => '')) === 'PONG');
  client.disconnect();
  return { url, stop };
}
