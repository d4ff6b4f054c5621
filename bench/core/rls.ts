import { connectAsUser, contextsOf, enter, tenantsOf } from '../support/caller.ts';
import type { Profile } from '../support/data.ts';
import type { BenchServer } from '../support/database.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { round } from '../support/figures.ts';
import { latencies, median } from '../support/measure.ts';
import { reads, runDeclared, runPlain, someProjects } from './reads.ts';

/** Row-level security with the verified context against a WHERE of one's own, as prepared statements. */
export async function rls(
  server: BenchServer,
  profile: Profile,
  { smoke, say }: BenchOptions,
): Promise<Figure[]> {
  const urls = await server.database(profile);
  const tenants = await tenantsOf(urls.owner);
  // one of the larger and one of the smaller tenants
  const chosen = [
    tenants[Math.floor(tenants.length / 50)],
    tenants[Math.floor(tenants.length / 2)],
  ] as string[];
  const contexts = await contextsOf(urls.owner, chosen);
  const client = await connectAsUser(urls.app);
  const figures: Figure[] = [];
  try {
    for (const read of reads) {
      const ratios: number[] = [];
      for (const context of contexts) {
        await enter(client, context);
        const ids = await someProjects(client);
        let next = 0;
        const id = () => ids[next++ % ids.length] as string;
        const measured = await latencies(
          [
            { name: 'declared', run: () => runDeclared(client, read, id()) },
            { name: 'plain', run: () => runPlain(client, read, id(), context.tenantId) },
          ],
          smoke ? 50 : read.name === 'count' ? 1000 : 4000,
        );
        const [declared, plain] = [median(measured.declared ?? []), median(measured.plain ?? [])];
        say(
          `rls.${read.name}: ${declared.toFixed(0)} µs declared, ${plain.toFixed(0)} µs plain (${ids.length === 500 ? 'large' : 'small'} tenant)`,
        );
        ratios.push(declared / plain);
      }
      figures.push({
        name: `rls.${read.name}`,
        value: round(Math.max(...ratios)),
        unit: 'ratio',
        target: '≤ 1.15',
      });
    }
  } finally {
    await client.end();
  }
  return figures;
}
