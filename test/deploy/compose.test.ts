import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { EmbeddedServer } from '../../db/embedded.ts';
import { startEmbedded } from '../../db/embedded.ts';
import { freePort } from '../../runtime/free-ports.ts';
import { eventCheck } from '../support/event-check.ts';
import type { TestProcess } from '../support/process.ts';
import { runNode } from '../support/process.ts';

/*
 * docker-compose.yml without a container engine: the commands and variables of its services, run as processes against a PostgreSQL
 * that knows nothing of Freehold, like the image's.
 */
interface Service {
  image: string;
  command: string[];
  environment: Record<string, string | number>;
}

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<'postgres' | 'migrate' | 'server' | 'worker', Service>;
};

let directory: string;
let postgres: EmbeddedServer;
let collector: Server;
let collectorPort: number;
const running: TestProcess[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'freehold-compose-'));
  chmodSync(directory, 0o755);
  postgres = await startEmbedded({ directory, durable: false });
  collectorPort = await freePort();
  // takes what comes
  collector = createServer((request, response) => request.resume().on('end', () => response.end('{}')));
  collector.listen(collectorPort, '127.0.0.1');
});

afterAll(async () => {
  for (const process of running) process.signal('SIGTERM');
  await Promise.all(running.map(({ ended }) => ended));
  await postgres?.stop();
  collector?.close();
  collector?.closeAllConnections();
  rmSync(directory, { recursive: true, force: true });
});

/** The service's variables, with PostgreSQL and collector of this machine in the place of the containers. */
function environmentOf(service: Service, changes: Record<string, string> = {}): Record<string, string> {
  const server = new URL(postgres.url);
  const entries = Object.entries(service.environment).map(([name, value]) => {
    const text = String(value).replace(/\$\{\w+:-([^}]*)\}/g, '$1');
    return [
      name,
      text
        .replace('@postgres:5432/', `@127.0.0.1:${server.port}/`)
        .replace('//otel-collector:4318', `//127.0.0.1:${collectorPort}`)
        .replace('postgres:development@', `${server.username}:${server.password}@`),
    ];
  });
  return { ...Object.fromEntries(entries), ...changes };
}

/** `sh -c "node a && node b"` or `node a`, one process after the other. */
const commandsOf = ({ command }: Service): string[][] =>
  (command[0] === 'sh' ? (command[2] ?? '').split(' && ').map((line) => line.split(' ')) : [command]).map(
    ([, ...args]) => args,
  );

it('describes services that come up, from an empty PostgreSQL to an answer', async () => {
  const outputs: string[] = [];
  for (const args of commandsOf(services.migrate)) {
    const migrate = runNode(args, { env: environmentOf(services.migrate) });
    expect([args, await migrate.closed, migrate.output()]).toEqual([args, 0, expect.any(String)]);
    outputs.push(migrate.output());
  }
  const key = /Acme\s+(fh_test_\w+)/.exec(outputs.at(-1) ?? '')?.[1];
  expect(key).toBeDefined();

  const port = String(await freePort());
  for (const service of [services.server, services.worker]) {
    const [metrics, health] = [await freePort(), await freePort()];
    const changes = { PORT: port, METRICS_PORT: String(metrics), HEALTH_PORT: String(health) };
    running.push(runNode(commandsOf(service)[0] ?? [], { env: environmentOf(service, changes) }));
  }
  await running[0]?.printed(/the server is ready/);
  await running[1]?.printed(/the worker is ready/);
  const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query: '{ tenants { nodes { name } } }' }),
  });
  expect(await answer.json()).toEqual({ data: { tenants: { nodes: [{ name: 'Acme' }] } } });
  expect(await eventCheck(environmentOf(services.migrate).DATABASE_URL ?? '')()).toBeGreaterThan(10);
});

it('takes into the image what the processes read, and nothing else', () => {
  const allowed = read('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const copied = [...read('deploy/Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
    ([, sources = '']) => sources.split(' '),
  );
  expect([...new Set(copied)].sort()).toEqual(allowed.sort());
  const image = /^FROM node:(\d+)/m.exec(read('deploy/Dockerfile'))?.[1];
  expect(JSON.parse(read('package.json')).devDependencies.node).toMatch(new RegExp(`^\\^${image}\\.`));
});
