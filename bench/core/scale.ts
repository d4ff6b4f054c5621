import type { Context } from '../../server/database/context.ts';
import { connectAsUser, contextsOf, enter, tenantsOf } from '../support/caller.ts';
import type { BenchServer } from '../support/database.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { round } from '../support/figures.ts';
import { latencies, quantile } from '../support/measure.ts';
import { reads, runDeclared, someProjects } from './reads.ts';

/** The four reads at 10, 1,000 and 10,000 tenants of 200 projects each: the worst p95 against that of 10 tenants. */
export async function scale(server: BenchServer, { smoke, say }: BenchOptions): Promise<Figure[]> {
  const sizes = smoke ? [10, 50] : [10, 1_000, 10_000];
  const sites = [];
  for (const tenants of sizes) {
    const urls = await server.database({ tenants, rows: tenants * 200, skewed: false });
    // every run visits tenants in an order of its own, each with a context of its own
    const all = await tenantsOf(urls.owner);
    const visited = all.filter((_, n) => n % Math.ceil(all.length / 200) === 0);
    const contexts = await contextsOf(urls.owner, visited);
    const client = await connectAsUser(urls.app);
    const ids = new Map<Context, string[]>();
    for (const context of contexts) {
      await enter(client, context);
      ids.set(context, await someProjects(client));
    }
    sites.push({ tenants, client, contexts, ids, current: contexts[0] as Context });
  }
  try {
    let worst = 0;
    for (const read of reads) {
      const measured = await latencies(
        sites.map((site) => ({
          name: String(site.tenants),
          prepare: () => {
            site.current = site.contexts[Math.floor(Math.random() * site.contexts.length)] as Context;
            return enter(site.client, site.current);
          },
          run: () => {
            const ids = site.ids.get(site.current) as string[];
            return runDeclared(site.client, read, ids[Math.floor(Math.random() * ids.length)] as string);
          },
        })),
        smoke ? 50 : 3000,
      );
      const p95 = sites.map((site) => quantile(measured[site.tenants] ?? [], 0.95));
      say(
        `scale.${read.name}: p95 ${p95.map((value, n) => `${value.toFixed(0)} µs at ${sizes[n]}`).join(', ')} tenants`,
      );
      worst = Math.max(worst, ...p95.map((value) => value / (p95[0] as number)));
    }
    return [{ name: 'scale.p95', value: round(worst), unit: 'ratio', target: '≤ 1.3' }];
  } finally {
    await Promise.all(sites.map(({ client }) => client.end()));
  }
}
