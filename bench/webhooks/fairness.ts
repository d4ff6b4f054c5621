import type { Profile } from '../support/data.ts';
import type { BenchServer } from '../support/database.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { round } from '../support/figures.ts';
import { median, quantile, ratioOfRounds } from '../support/measure.ts';
import { startWorker } from '../support/worker.ts';
import { latenciesOf, renameAtRate } from './latency.ts';
import type { Receiver } from './site.ts';
import { openSite, startReceiver } from './site.ts';
import { openWriters } from './writers.ts';

const perSecond = 100;

/**
 * A hundred endpoints of as many tenants, each told of one event a second; one of them, at an address of its own, takes every request
 * and answers none. The p99 of the other 99, from the COMMIT to the request, against a run in which it answers.
 */
export async function fairness(
  server: BenchServer,
  receiver: Receiver,
  profile: Profile,
  { smoke, say }: BenchOptions,
): Promise<Figure[]> {
  const tenants = smoke ? 20 : 100;
  const sick = tenants - 1;
  // Long enough for the first requests to time out, as in production, and for as much again.
  const seconds = smoke ? 1 : 40;
  const timeoutMs = smoke ? 500 : 15_000;
  const other = await startReceiver();
  const measured: Record<'alone' | 'beside', number[][]> = { alone: [], beside: [] };
  const run = async (hang: boolean): Promise<number[]> => {
    const port = (tenant: number) => (tenant === sick ? other.port : receiver.port);
    const site = await openSite(server, { name: 'fairness', profile, tenants, each: 1, port });
    try {
      await receiver.expect(site.endpoints, true);
      await other.expect(site.endpoints);
      const writers = await openWriters(site, 16);
      const worker = await startWorker(site.urls, { WEBHOOK_TIMEOUT_MS: String(timeoutMs) });
      try {
        // Start-up is not counted: its half a second would be the p99 of either run.
        const before = await renameAtRate(writers, tenants, perSecond, smoke ? 0.5 : 5);
        const warm = before.filter(({ tenant }) => tenant !== sick).length;
        if (!(await receiver.until(warm, 60))) throw new Error('not every message came in a minute');
        await other.hang(hang);
        const changes = await renameAtRate(writers, tenants, perSecond, seconds);
        const healthy = changes.filter(({ tenant }) => tenant !== sick);
        const came = await receiver.until(warm + healthy.length, smoke ? 10 : 60);
        const taken = await latenciesOf(receiver, healthy);
        const { distinct, duplicates } = await receiver.report();
        if (!came)
          say(
            `fairness: ${warm + healthy.length - distinct} of ${healthy.length} had not come a minute after`,
          );
        if (duplicates > 0) say(`fairness: ${duplicates} came twice`);
        return taken;
      } finally {
        await other.hang(false);
        await worker.stop();
        await writers.close();
      }
    } finally {
      await site.drop();
    }
  };
  try {
    for (let r = 0; r < (smoke ? 1 : 2); r++) {
      for (const name of ['alone', 'beside'] as const) measured[name].push(await run(name === 'beside'));
    }
  } finally {
    await other.stop();
  }
  const of = (name: 'alone' | 'beside', q: number) => measured[name].map((taken) => quantile(taken, q));
  for (const name of ['alone', 'beside'] as const) {
    const told = [0.5, 0.99, 1].map((q) => `p${q * 100} ${median(of(name, q)).toFixed(1)}`);
    say(`fairness, ${name === 'alone' ? 'all healthy' : 'one hanging'}: ${told.join(', ')} ms`);
  }
  return [
    {
      name: 'fairness.p99',
      value: round(ratioOfRounds(of('beside', 0.99), of('alone', 0.99))),
      unit: 'ratio',
      target: '≤ 2',
    },
  ];
}
