import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from '../../runtime/log.ts';

export interface ListenerOptions {
  /** Login freehold_app, not through a pooler of transactions: it would hand the notifications to somebody else. */
  url: string;
  log: Logger;
  /** There is news of these tenants. */
  onNews(tenants: readonly string[]): void;
  /** It listens (again): what was told before may have been missed. */
  onListening(): void;
}

/** One connection that hears what the dispatcher tells on freehold_events, for all streams of the process. Reconnects until it is stopped. */
export function startListener(options: ListenerOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = keepListening(options, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function keepListening(options: ListenerOptions, stopped: AbortSignal): Promise<void> {
  for (let failures = 0; !stopped.aborted; failures += 1) {
    const client = new Client({
      connectionString: options.url,
      application_name: 'freehold streams',
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
    });
    const lost = new Promise<unknown>((resolve) => {
      client.once('error', resolve);
      client.once('end', resolve);
      stopped.addEventListener('abort', resolve, { once: true });
    });
    client.on('notification', ({ payload }) => options.onNews(payload?.split(',') ?? []));
    try {
      await client.connect();
      await client.query('listen freehold_events');
      options.onListening();
      failures = 0;
      await lost;
      if (!stopped.aborted) options.log.warn('the connection that hears of events was lost');
    } catch (error) {
      options.log.warn({ err: error }, 'nothing is heard of events: streams look by themselves');
    } finally {
      client.on('error', () => {});
      await Promise.race([client.end().catch(() => {}), pause(1_000)]);
    }
    await pause(Math.min(5_000, 100 * 2 ** failures), undefined, { signal: stopped }).catch(() => {});
  }
}
