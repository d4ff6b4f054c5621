import { openBenchServer } from '../support/database.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { drain } from './drain.ts';
import { fairness } from './fairness.ts';
import { latency } from './latency.ts';
import { startReceiver } from './site.ts';
import { throughput } from './throughput.ts';
import { write } from './write.ts';

/** npm run bench -- webhooks: what a subscribed write costs, and how fast, evenly and fairly deliveries go out. */
export async function webhooks(options: BenchOptions, only: readonly string[]): Promise<Figure[]> {
  const profile = options.smoke
    ? { tenants: 100, rows: 5_000, skewed: false }
    : { tenants: 100, rows: 100_000, skewed: false };
  // Queues live on autovacuum, in production and here.
  const server = await openBenchServer(options.say, { autovacuum: 'on' });
  const receiver = await startReceiver();
  const parts: Record<string, () => Promise<Figure[]>> = {
    write: () => write(server, profile, options),
    throughput: () => throughput(server, receiver, profile, options),
    drain: () => drain(server, receiver, profile, options),
    latency: () => latency(server, receiver, profile, options),
    fairness: () => fairness(server, receiver, profile, options),
  };
  const figures: Figure[] = [];
  try {
    for (const [name, part] of Object.entries(parts)) {
      if (only.length === 0 || only.includes(name)) figures.push(...(await part()));
    }
  } finally {
    await receiver.stop();
    await server.close();
  }
  return figures;
}
