import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

/*
 * What stands around server and worker in docker-compose.yml, without a container engine: addresses, files and names of one
 * configuration are those of the others.
 */
interface Service {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  ports?: string[];
}

const root = new URL('../../', import.meta.url);
const read = (path: string) => parse(readFileSync(new URL(path, root), 'utf8'), { merge: true });
const { services, volumes } = read('docker-compose.yml') as {
  services: Record<string, Service>;
  volumes: Record<string, null>;
};
const ours = ['migrate', 'server', 'worker'];

/** Where each service listens, as its image or its own configuration says. */
const listening: Record<string, number[]> = {
  'otel-collector': [4317, 4318],
  jaeger: [4317, 16686],
  loki: [3100],
  prometheus: [9090],
  grafana: [3000],
  server: [5678, 9464],
  worker: [9465],
  postgres: [5432],
};

it('pins the version of each image', () => {
  const unpinned = Object.entries(services).filter(
    ([name, { image }]) => !ours.includes(name) && !/^[\w./-]+:v?\d+/.test(image),
  );
  expect(unpinned).toEqual([]);
});

it('publishes ports to this machine alone, and those on which somebody listens', () => {
  const published = Object.entries(services).flatMap(([name, { ports = [] }]) =>
    ports.map((port) => ({ name, port, inside: Number(port.slice(port.lastIndexOf(':') + 1)) })),
  );
  expect(published.length).toBeGreaterThan(5);
  expect(published.filter(({ port }) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  expect(published.filter(({ name, inside }) => !listening[name]?.includes(inside))).toEqual([]);
});

it('mounts files that are there', () => {
  const mounted = Object.values(services).flatMap((service) => service.volumes ?? []);
  const absent = mounted
    .map((mount) => mount.split(':')[0] ?? '')
    .filter((source) =>
      source.startsWith('./') ? !existsSync(new URL(source, root)) : !(source in volumes),
    );
  expect(mounted.length).toBeGreaterThan(4);
  expect(absent).toEqual([]);
});

it('names services of its own in each configuration, by the ports on which they listen', () => {
  const sources = {
    scraped: (
      read('deploy/prometheus/prometheus.yml') as {
        scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
      }
    ).scrape_configs.flatMap(({ static_configs }) => static_configs.flatMap(({ targets }) => targets)),
    collected: Object.values(
      (read('deploy/otel-collector.yaml') as { exporters: Record<string, { endpoint: string }> }).exporters,
    ).map(({ endpoint }) => endpoint),
    asked: (
      read('deploy/grafana/provisioning/datasources/freehold.yaml') as { datasources: { url: string }[] }
    ).datasources.map(({ url }) => url),
    told: ['server', 'worker'].map((name) => services[name]?.environment?.OTEL_EXPORTER_OTLP_ENDPOINT ?? ''),
  };
  expect(Object.values(sources).map((addresses) => addresses.length)).toEqual([2, 2, 3, 2]);
  for (const address of Object.values(sources).flat()) {
    const { hostname, port } = new URL(address.includes('//') ? address : `http://${address}`);
    expect([address, services[hostname] !== undefined, listening[hostname]]).toEqual([
      address,
      true,
      expect.arrayContaining([Number(port)]),
    ]);
  }
});

it('knows the datasources that its dashboards ask, and where the dashboards are', () => {
  const { datasources } = read('deploy/grafana/provisioning/datasources/freehold.yaml') as {
    datasources: { uid: string }[];
  };
  const known = datasources.map(({ uid }) => uid);
  for (const name of ['service', 'tenant', 'queue', 'slo', 'business']) {
    const text = readFileSync(new URL(`deploy/grafana/dashboards/${name}.json`, root), 'utf8');
    const asked = [...text.matchAll(/"datasource": \{\s*"type": "(\w+)",\s*"uid": "(\w+)"/g)];
    expect(asked.length).toBeGreaterThan(4);
    expect(asked.filter(([, type, uid]) => type !== uid || !known.includes(uid ?? ''))).toEqual([]);
  }
  const { providers } = read('deploy/grafana/provisioning/dashboards/freehold.yaml') as {
    providers: { options: { path: string } }[];
  };
  const mounts = services.grafana?.volumes?.map((mount) => mount.split(':')[1]);
  expect(providers.map(({ options }) => options.path).filter((path) => !mounts?.includes(path))).toEqual([]);
  expect(services.grafana?.environment?.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH).toBe(
    `${providers[0]?.options.path}/service.json`,
  );
});

it('keeps metrics for longer than the error budgets look back', () => {
  const retention = services.prometheus?.command?.find((flag) => flag.includes('retention.time'));
  expect(Number(/=(\d+)d$/.exec(retention ?? '')?.[1])).toBeGreaterThan(30);
  expect(existsSync(fileURLToPath(new URL('deploy/prometheus/prometheus.yml', root)))).toBe(true);
});
