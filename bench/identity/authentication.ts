import { createKey, projectsOf, tenantsOf } from '../support/caller.ts';
import type { BenchServer } from '../support/database.ts';
import { graphqlRequest, inRounds, startDriver } from '../support/driver.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { round } from '../support/figures.ts';
import { median, ratioOfRounds } from '../support/measure.ts';
import type { Peer } from '../support/peers.ts';
import { startPeer } from '../support/peers.ts';

const query = 'query ById($id: UUID!) { project(id: $id) { id name status } }';
const variants = ['cached', 'uncached', 'none'] as const;

/** What it costs to know who calls, on a row by its id. */
export async function authentication(server: BenchServer, { smoke, say }: BenchOptions): Promise<Figure[]> {
  const driver = startDriver();
  const peers: Peer[] = [];
  try {
    const urls = await server.database({ tenants: 50, rows: 20_000, skewed: true });
    const tenant = (await tenantsOf(urls.owner))[2] as string;
    const key = await createKey(urls.owner, tenant);
    const bodies = await bodiesFor(urls.admin, tenant);
    const env = { GATE_DATABASE_URL: urls.gate, APP_DATABASE_URL: urls.app, KEY: key };
    const starting = variants.map((name) => startPeer(name, 'authentication.ts', { ...env, VARIANT: name }));
    for (const peer of await Promise.all(starting)) peers.push(peer);
    const rates: Record<string, number[]> = { cached: [], uncached: [], none: [] };
    await inRounds(peers, { smoke, rounds: 17 }, async ({ name, port }, seconds, counts) => {
      const result = await driver.drive({
        port,
        key,
        requests: bodies.map(graphqlRequest),
        connections: 16,
        seconds,
      });
      if (counts) rates[name]?.push(result.requests / result.seconds);
    });
    for (const name of variants) say(`identity.${name}: ${median(rates[name] ?? []).toFixed(0)} requests/s`);
    const against = (name: string) => round(ratioOfRounds(rates[name] ?? [], rates.none ?? []));
    return [
      { name: 'identity.cached_vs_none', value: against('cached'), unit: 'ratio', target: '≥ 0.85' },
      { name: 'identity.uncached_vs_none', value: against('uncached'), unit: 'ratio' },
    ];
  } finally {
    driver.stop();
    await Promise.all(peers.map((peer) => peer.stop()));
  }
}

async function bodiesFor(adminUrl: string, tenant: string): Promise<string[]> {
  const ids = await projectsOf(adminUrl, tenant);
  return ids.map((id) => JSON.stringify({ operationName: 'ById', query, variables: { id } }));
}
