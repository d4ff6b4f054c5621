import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { clock } from '../support/child.ts';
import type { Profile } from '../support/data.ts';
import type { BenchServer } from '../support/database.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { round } from '../support/figures.ts';
import { median } from '../support/measure.ts';
import type { Report } from '../support/receiver.ts';
import { startWorker } from '../support/worker.ts';
import { meter } from './cpu.ts';
import type { Receiver, Site } from './site.ts';
import { openSite, withAdmin } from './site.ts';
import { openWriters } from './writers.ts';

/** Rows of a backlog: each event goes to two endpoints. */
const EACH = 2;

export interface BacklogOptions {
  name: string;
  profile: Profile;
  deliveries: number;
  /** Before the first event. */
  prepare?: (site: Site) => Promise<void>;
  /** The process that delivers. */
  start: (site: Site) => Promise<{ pid: number; stop(): Promise<unknown> }>;
  /** One boolean: nothing waits and nothing is under way. */
  empty: string;
}

export interface Drained {
  /** Deliveries a second, from the first request to the last row written about them. */
  rate: number;
  cpu: ReturnType<ReturnType<typeof meter>>;
  report: Report;
}

/** Writes a backlog of 20 tenants with two endpoints each while nobody delivers, and measures how it drains. */
export async function drainBacklog(
  server: BenchServer,
  receiver: Receiver,
  options: BacklogOptions,
): Promise<Drained> {
  const { deliveries } = options;
  const site = await openSite(server, { ...options, tenants: 20, each: EACH, port: () => receiver.port });
  try {
    await options.prepare?.(site);
    const writers = await openWriters(site, 8);
    await writers.fill(deliveries / EACH);
    await writers.close();
    // Statistics, as a database has that was not made a moment ago. Without them getJob of the naive design sorts its whole table each time.
    await withAdmin(site.urls, (admin) => admin.query('vacuum analyze'));
    await receiver.expect(site.endpoints);
    const running = await options.start(site);
    try {
      // Start-up is not counted, neither its time nor its CPU.
      await receiver.until(1, 60);
      const spent = meter(server, { worker: [running.pid], receiver: [receiver.pid] });
      const came = await receiver.until(deliveries, 600);
      const end = await settled(site, options.empty);
      const cpu = spent(deliveries);
      const report = await receiver.report();
      if (!came) throw new Error(`only ${report.distinct} of ${deliveries} deliveries came in 10 minutes`);
      const seconds = (end - (report.times[0] as number)) / 1_000;
      return { rate: deliveries / seconds, cpu, report };
    } finally {
      await running.stop();
    }
  } finally {
    await site.drop();
  }
}

/** @returns when all was written down, by `clock` */
async function settled(site: Site, empty: string): Promise<number> {
  const client = new Client({ connectionString: site.urls.admin });
  await client.connect();
  try {
    for (let tries = 0; tries < 5_000; tries++) {
      const { rows } = await client.query<{ empty: boolean }>(`select ${empty} as empty`);
      if (rows[0]?.empty) return clock();
      await pause(5);
    }
    throw new Error('all messages have come, but something is still under way');
  } finally {
    await client.end();
  }
}

/** The product's worker on a backlog. */
export const product: Pick<BacklogOptions, 'start' | 'empty'> = {
  start: (site) => startWorker(site.urls),
  empty: `not exists (select from platform.delivery_queue) and not exists (select from platform.delivery_batch)`,
};

/**
 * A backlog of 100,000 deliveries: the rate of its last tenth against its first, median of three. Before them come 20,000 more, in which the processes
 * warm up: of a worker that has just been started, the first tenth is a third slower than any later one.
 */
export async function drain(
  server: BenchServer,
  receiver: Receiver,
  profile: Profile,
  { smoke, say }: BenchOptions,
): Promise<Figure[]> {
  const counted = smoke ? 500 : 100_000;
  const warmUp = counted / 5;
  const tenth = counted / 10;
  const ratios: number[] = [];
  for (let r = 0; r < (smoke ? 1 : 3); r++) {
    const backlog = { name: 'drain', profile, deliveries: warmUp + counted, ...product };
    const { rate, cpu, report } = await drainBacklog(server, receiver, backlog);
    const times = report.times.slice(warmUp);
    const rates = Array.from({ length: 10 }, (_, n) => {
      const [from, to] = [times[n * tenth], times[(n + 1) * tenth - 1]] as [number, number];
      return (tenth * 1_000) / (to - from);
    });
    say(`drain: ${rate.toFixed(0)} deliveries/s, ${report.duplicates} duplicates, ${cpu.text}`);
    say(`drain, by tenths: ${rates.map((each) => each.toFixed(0)).join(', ')} deliveries/s`);
    ratios.push((rates[9] as number) / (rates[0] as number));
  }
  return [{ name: 'drain.last_vs_first', value: round(median(ratios)), unit: 'ratio', target: '0.8 to 1.2' }];
}
