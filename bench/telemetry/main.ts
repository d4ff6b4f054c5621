import { freePort } from '../../runtime/free-ports.ts';
import { createKey, projectsOf, tenantsOf } from '../support/caller.ts';
import { openBenchServer } from '../support/database.ts';
import { graphqlRequest, inRounds, startDriver } from '../support/driver.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { round } from '../support/figures.ts';
import { median, ratioOfRounds } from '../support/measure.ts';
import { cpuSeconds, type Peer, startPeer } from '../support/peers.ts';

const columns = 'id name description status version createdAt updatedAt';
const byId = { operationName: 'ById', query: `query ById($id: UUID!) { project(id: $id) { ${columns} } }` };
const rename = {
  operationName: 'Rename',
  query: `mutation Rename($id: UUID!, $name: String!) { updateProject(input: { id: $id, patch: { name: $name } }) { project { ${columns} } } }`,
};

/** What each variant of the same server has on. Its lines go nowhere, as to a pipe that somebody reads. */
const variants: Record<string, (sink: string) => Record<string, string>> = {
  off: () => ({ LOG_LEVEL: 'silent' }),
  logs: () => ({ LOG_LEVEL: 'info' }),
  logs_metrics: () => ({ LOG_LEVEL: 'info', METRICS_PORT: '1' }),
  traces_5pct: (sink) => ({
    LOG_LEVEL: 'info',
    METRICS_PORT: '1',
    OTEL_EXPORTER_OTLP_ENDPOINT: sink,
    TRACES_RATIO: '0.05',
  }),
  all: (sink) => ({
    LOG_LEVEL: 'info',
    METRICS_PORT: '1',
    OTEL_EXPORTER_OTLP_ENDPOINT: sink,
    OTEL_LOGS_EXPORTER: 'otlp',
    TRACES_RATIO: '1',
  }),
};
const targets: Record<string, string> = { logs_metrics: '≤ 1.25', traces_5pct: '≤ 1.6' };

/** npm run bench -- telemetry: the server's CPU for a request, and its p99, with telemetry against without. */
export async function telemetry({ smoke, say }: BenchOptions): Promise<Figure[]> {
  const server = await openBenchServer(say);
  const driver = startDriver();
  const peers: Peer[] = [];
  try {
    const urls = await server.database({ tenants: 50, rows: 20_000, skewed: true });
    const tenant = (await tenantsOf(urls.owner))[2] as string;
    const key = await createKey(urls.owner, tenant);
    const bodies = await bodiesFor(urls.admin, tenant);
    const sink = await startPeer('sink', 'otlp-sink.ts', {});
    peers.push(sink);
    const subjects: Peer[] = [];
    const env = { GATE_DATABASE_URL: urls.gate, APP_DATABASE_URL: urls.app, LOG_FORMAT: 'json' };
    for (const [name, settings] of Object.entries(variants)) {
      const its = settings(`http://127.0.0.1:${sink.port}`);
      // One scrape each 15 s costs nothing that could be measured: none is made.
      if (its.METRICS_PORT) its.METRICS_PORT = String(await freePort());
      const peer = await startPeer(name, 'product.ts', { ...env, ...its });
      peers.push(peer);
      subjects.push(peer);
    }
    const cpu = record();
    const slowest = record();
    const measure = async ({ name, port, pid }: Peer, seconds: number, counts: boolean): Promise<void> => {
      const before = cpuSeconds(pid);
      const result = await driver.drive({
        port,
        key,
        requests: bodies.map(graphqlRequest),
        connections: 16,
        seconds,
      });
      if (!counts) return;
      cpu[name]?.push(((cpuSeconds(pid) - before) * 1e6) / result.requests);
      slowest[name]?.push(result.p99);
    };
    await inRounds(subjects, { smoke, rounds: 21, warmUpSeconds: 3 }, measure);
    const figures: Figure[] = [];
    for (const name of Object.keys(variants)) {
      say(
        `telemetry.${name}: ${median(cpu[name] ?? []).toFixed(0)} µs of the server's CPU for a request, p99 ${median(slowest[name] ?? []).toFixed(1)} ms`,
      );
      if (name === 'off') continue;
      const ratio = (of: Record<string, number[]>) => round(ratioOfRounds(of[name] ?? [], of.off ?? []));
      figures.push(
        {
          name: `cpu.${name}`,
          value: ratio(cpu),
          unit: 'ratio',
          ...(targets[name] && { target: targets[name] }),
        },
        { name: `p99.${name}`, value: ratio(slowest), unit: 'ratio' },
      );
    }
    return figures;
  } finally {
    driver.stop();
    await Promise.all(peers.map((peer) => peer.stop()));
    await server.close();
  }
}

const record = (): Record<string, number[]> =>
  Object.fromEntries(Object.keys(variants).map((name): [string, number[]] => [name, []]));

/** Three reads for each write. */
async function bodiesFor(adminUrl: string, tenant: string): Promise<string[]> {
  return (await projectsOf(adminUrl, tenant)).map((id, n) =>
    JSON.stringify(
      n % 4 === 3 ? { ...rename, variables: { id, name: `Name ${n}` } } : { ...byId, variables: { id } },
    ),
  );
}
