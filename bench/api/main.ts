import { createKey, projectsOf, tenantsOf } from '../support/caller.ts';
import type { BenchServer, BenchUrls } from '../support/database.ts';
import { openBenchServer } from '../support/database.ts';
import type { Query } from '../support/documents.ts';
import { graphqlBodies, newProject, queries } from '../support/documents.ts';
import type { Driver } from '../support/driver.ts';
import { graphqlRequest, inRounds, startDriver } from '../support/driver.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { round } from '../support/figures.ts';
import type { LoadRequest } from '../support/load.ts';
import { median, ratioOfRounds } from '../support/measure.ts';
import type { Peer } from '../support/peers.ts';
import { cpuSeconds, startPeer } from '../support/peers.ts';
import { answerOf, compareAnswers } from './answers.ts';
import { checkStacks, installStacks } from './stacks.ts';

/** Who is asked, and over which API. Those of the same API answer the same questions alike. */
const subjects = [
  { name: 'graphql', api: 'graphql', file: 'product.ts' },
  { name: 'rest', api: 'rest', file: 'product.ts' },
  { name: 'handwritten', api: 'rest', file: 'handwritten-rest.ts' },
  { name: 'prisma_rls', api: 'graphql', file: 'apollo/apollo-prisma.ts' },
  { name: 'apollo_kysely', api: 'graphql', file: 'apollo/apollo-kysely.ts' },
] as const;
type Api = (typeof subjects)[number]['api'];
type Name = (typeof subjects)[number]['name'];
interface Subject {
  name: Name;
  api: Api;
  peer: Peer;
}

const comparisons: { above: Name; below: Name; targets: Partial<Record<Query, string>> }[] = [
  { above: 'rest', below: 'handwritten', targets: { page: '≥ 0.75', by_id: '≥ 0.75', create: '≥ 0.75' } },
  { above: 'graphql', below: 'prisma_rls', targets: { page: '≥ 2.5' } },
  { above: 'graphql', below: 'apollo_kysely', targets: { page: '≥ 1.5' } },
];

const connections = 32;

/** npm run bench -- api [graphql] [rest]: the product's APIs against a hand-written server and against other stacks. */
export async function api(options: BenchOptions, only: readonly string[]): Promise<Figure[]> {
  const chosen = subjects.filter((subject) => only.length === 0 || only.includes(subject.api));
  if (chosen.length === 0) throw new Error(`Which part of api? graphql or rest, not ${only.join(' ')}.`);
  if (chosen.some(({ file }) => file.startsWith('apollo/'))) {
    await installStacks(options.say);
    if (options.smoke) await checkStacks();
  }
  const profile = options.smoke
    ? { tenants: 50, rows: 20_000, skewed: true }
    : { tenants: 1_000, rows: 2_000_000, skewed: true };
  const server = await openBenchServer(options.say);
  const driver = startDriver();
  // A copy: rows that a run makes have no lead, and would be the next run's first page.
  const database = await server.fresh('api', profile);
  const peers = new Map<string, Peer>();
  try {
    const { urls } = database;
    const tenant = (await tenantsOf(urls.owner))[Math.floor(profile.tenants / 20)] as string;
    const key = await createKey(urls.owner, tenant);
    const requests = requestsFor(await projectsOf(urls.admin, tenant));
    for (const { file } of chosen) {
      if (!peers.has(file)) peers.set(file, await startPeer(file, file, environment(file, urls)));
    }
    const asked = chosen.map(({ name, api, file }) => ({ name, api, peer: peers.get(file) as Peer }));
    const figures: Figure[] = [];
    for (const query of queries) {
      await verify(asked, query, requests, key);
      figures.push(...(await measure({ asked, query, requests, key, server, driver, options })));
    }
    return figures;
  } finally {
    driver.stop();
    await Promise.all([...peers.values()].map((peer) => peer.stop()));
    await database.drop();
    await server.close();
  }
}

/** The product's loopback-only stand-in refuses production; the others are what they are in production. */
function environment(file: string, urls: BenchUrls): Record<string, string> {
  return {
    GATE_DATABASE_URL: urls.gate,
    APP_DATABASE_URL: urls.app,
    NODE_ENV: file === 'product.ts' ? 'development' : 'production',
  };
}

type Requests = Record<Api, Record<Query, LoadRequest[]>>;

function requestsFor(ids: readonly string[]): Requests {
  const bodies = graphqlBodies(ids);
  return {
    graphql: {
      page: bodies.page.map(graphqlRequest),
      by_id: bodies.by_id.map(graphqlRequest),
      create: bodies.create.map(graphqlRequest),
    },
    rest: {
      page: [{ method: 'GET', path: '/v1/projects?limit=50&expand=lead' }],
      by_id: ids.map((id) => ({ method: 'GET', path: `/v1/projects/${id}` })),
      create: [{ method: 'POST', path: '/v1/projects', body: JSON.stringify(newProject) }],
    },
  };
}

/** Every subject answers the query as the product does over the same API. @throws when one does not */
async function verify(
  asked: readonly Subject[],
  query: Query,
  requests: Requests,
  key: string,
): Promise<void> {
  const first = new Map<Api, { name: string; answer: unknown }>();
  for (const { name, api, peer } of asked) {
    const answer = await answerOf(name, peer.port, key, requests[api][query][0] as LoadRequest);
    const products = first.get(api);
    if (products) compareAnswers(products, { name, answer }, query === 'create');
    else first.set(api, { name, answer });
  }
}

/** Of each round. */
interface Measured {
  rate: number[];
  p50: number[];
  p99: number[];
  /** CPU of one request in microseconds. */
  server: number[];
  database: number[];
}

async function measure({
  asked,
  query,
  requests,
  key,
  server,
  driver,
  options: { smoke, say },
}: {
  asked: readonly Subject[];
  query: Query;
  requests: Requests;
  key: string;
  server: BenchServer;
  driver: Driver;
  options: BenchOptions;
}): Promise<Figure[]> {
  const measured = new Map<Name, Measured>(
    asked.map(({ name }) => [name, { rate: [], p50: [], p99: [], server: [], database: [] }]),
  );
  const databaseCpu = (): number => (server.pid ? cpuSeconds(server.pid, true) : Number.NaN);
  await inRounds(asked, { smoke, rounds: 17 }, async ({ name, api, peer }, seconds, counts) => {
    const [itsBefore, databaseBefore] = [cpuSeconds(peer.pid), databaseCpu()];
    const done = await driver.drive({
      port: peer.port,
      key,
      requests: requests[api][query],
      connections,
      seconds,
    });
    const [its, databases] = [cpuSeconds(peer.pid) - itsBefore, databaseCpu() - databaseBefore];
    if (!counts) return;
    const of = measured.get(name) as Measured;
    of.rate.push(done.requests / done.seconds);
    of.p50.push(done.p50);
    of.p99.push(done.p99);
    of.server.push((its * 1e6) / done.requests);
    of.database.push((databases * 1e6) / done.requests);
  });
  for (const [name, of] of measured) {
    say(
      `${query}: ${name} ${median(of.rate).toFixed(0)} requests/s, p50 ${median(of.p50).toFixed(1)} ms, p99 ${median(of.p99).toFixed(1)} ms, CPU of one: server ${median(of.server).toFixed(0)} µs, database ${median(of.database).toFixed(0)} µs`,
    );
  }
  return comparisons.flatMap(({ above, below, targets }) => {
    const [ours, theirs] = [measured.get(above), measured.get(below)];
    if (!ours || !theirs) return [];
    const target = targets[query];
    return [
      {
        name: `${above}.${query}.vs_${below}`,
        value: round(ratioOfRounds(ours.rate, theirs.rate)),
        unit: 'ratio',
        ...(target && { target }),
      },
    ];
  });
}
