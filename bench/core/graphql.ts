import { Client } from 'pg';
import { createKey, tenantsOf } from '../support/caller.ts';
import type { Profile } from '../support/data.ts';
import type { BenchServer } from '../support/database.ts';
import { graphqlBodies, queries } from '../support/documents.ts';
import { graphqlRequest, inRounds, startDriver } from '../support/driver.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { round } from '../support/figures.ts';
import { median, ratioOfRounds } from '../support/measure.ts';
import type { Peer } from '../support/peers.ts';
import { cpuSeconds, startPeer } from '../support/peers.ts';

const targets = { page: ['≥ 1.3', '≥ 0.5'], by_id: ['≥ 1.6', '≥ 0.55'], create: ['≥ 2.2', '≥ 0.6'] } as const;

/** GraphQL over HTTP against stock PostGraphile with the same schema, and against hand-written handlers with the same context. */
export async function graphql(
  server: BenchServer,
  profile: Profile,
  { smoke, say }: BenchOptions,
): Promise<Figure[]> {
  const urls = await server.database(profile);
  const tenant = (await tenantsOf(urls.owner))[Math.floor(profile.tenants / 20)] as string;
  const key = await createKey(urls.owner, tenant);
  const admin = new Client({ connectionString: urls.admin });
  await admin.connect();
  const { rows: ids } = await admin.query<{ id: string }>(
    'select id from plain.project where tenant_id = $1 limit 300',
    [tenant],
  );
  await admin.end();
  const bodies = graphqlBodies(ids.map(({ id }) => id));
  const env = { GATE_DATABASE_URL: urls.gate, APP_DATABASE_URL: urls.app, NODE_ENV: 'development' };
  const driver = startDriver();
  const peers: Peer[] = [];
  const figures: Figure[] = [];
  try {
    const starting = ['product', 'stock', 'handwritten'].map((name) => startPeer(name, `${name}.ts`, env));
    for (const peer of await Promise.all(starting)) peers.push(peer);
    for (const name of queries) {
      const requests = bodies[name].map(graphqlRequest);
      const rates: Record<string, number[]> = { product: [], stock: [], handwritten: [] };
      const cpu: Record<string, number[]> = { product: [], stock: [], handwritten: [] };
      await inRounds(peers, { smoke, rounds: 17 }, async (peer, seconds, counts) => {
        const before = cpuSeconds(peer.pid) + (server.pid ? cpuSeconds(server.pid, true) : 0);
        const result = await driver.drive({ port: peer.port, key, requests, connections: 16, seconds });
        const after = cpuSeconds(peer.pid) + (server.pid ? cpuSeconds(server.pid, true) : 0);
        if (!counts) return;
        rates[peer.name]?.push(result.requests / result.seconds);
        cpu[peer.name]?.push(((after - before) * 1e6) / result.requests);
      });
      for (const peer of peers) {
        say(
          `graphql.${name}: ${peer.name} ${median(rates[peer.name] ?? []).toFixed(0)} requests/s, ${median(cpu[peer.name] ?? []).toFixed(0)} µs CPU each`,
        );
      }
      const ours = rates.product ?? [];
      figures.push(
        {
          name: `graphql.${name}.vs_stock`,
          value: round(ratioOfRounds(ours, rates.stock ?? [])),
          unit: 'ratio',
          target: targets[name][0],
        },
        {
          name: `graphql.${name}.vs_handwritten`,
          value: round(ratioOfRounds(ours, rates.handwritten ?? [])),
          unit: 'ratio',
          target: targets[name][1],
        },
      );
    }
  } finally {
    driver.stop();
    await Promise.all(peers.map((peer) => peer.stop()));
  }
  return figures;
}
