import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../runtime/free-ports.ts';
import { eventCheck } from '../support/event-check.ts';
import type { TestProcess } from '../support/process.ts';
import { dataOf, processesIn, runNode } from '../support/process.ts';
import { waitUntil } from '../support/wait.ts';

// The real thing: npm start's program, in a directory of its own. The tests build on each other's data.
const root = fileURLToPath(new URL('../..', import.meta.url));
let directory: string;
let port: number;
let standInPort: number;
let telemetryPort: number;
let keyOfAcme: string;
const started: TestProcess[] = [];

function start(env: Record<string, string> = {}): TestProcess {
  const child = runNode([join(root, 'runtime/run.js'), join(root, 'runtime/start.ts')], {
    cwd: directory,
    env: {
      PORT: String(port),
      WORKOS_STAND_IN_PORT: String(standInPort),
      TELEMETRY_STORE_PORT: String(telemetryPort),
      ...env,
    },
  });
  started.push(child);
  return child;
}

const commandOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8');
const data = () => dataOf(join(directory, '.freehold/postgres'));

/** The id of PostgreSQL's first process. @throws with all that was printed, when it has ended */
function postmaster(): number {
  const lock = join(data(), 'postmaster.pid');
  if (existsSync(lock)) return Number.parseInt(readFileSync(lock, 'utf8'), 10);
  const log = readFileSync(join(directory, '.freehold/postgres/postgres.log'), 'utf8');
  throw new Error(`PostgreSQL has ended:\n${log}\n${started.at(-1)?.output()}`);
}

/** Server and worker work in the directory, PostgreSQL in its data: nobody may be left. */
const leftOver = () => [...processesIn(directory), ...processesIn(data())];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'freehold-start-'));
  chmodSync(directory, 0o755);
  port = await freePort();
  standInPort = await freePort();
  telemetryPort = await freePort();
});

afterEach(async () => {
  for (const child of started.splice(0)) child.signal('SIGTERM');
  await waitUntil('everything has stopped', () => leftOver().length === 0, 40_000);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('npm start', () => {
  it('brings everything up from nothing, keeps its telemetry, and hands out keys that work', async () => {
    const child = start();
    await child.printed(/Freehold is ready in [\d.]+ s/, 120_000);
    const [, key = ''] = await child.printed(/Acme\s+(fh_test_\S+)/);
    keyOfAcme = key;
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query: '{ projects(first: 10) { nodes { name } } }' }),
    });
    const body = (await response.json()) as { data: { projects: { nodes: { name: string }[] } } };
    expect(body.data.projects.nodes.map((project) => project.name).sort()).toEqual([
      'Anvil',
      'Magnet',
      'Rocket',
    ]);
    const urls = runNode([join(root, 'runtime/run.js'), join(root, 'db/main.ts'), 'urls'], {
      cwd: directory,
    });
    expect(await urls.closed).toBe(0);
    const [, url = ''] = /^admin +(\S+)$/m.exec(urls.output()) ?? [];
    expect(await eventCheck(url)()).toBeGreaterThan(10);
    // server and worker send what they do to a store of its own
    expect((await fetch(`http://127.0.0.1:${telemetryPort}/healthz`)).status).toBe(200);
    expect(existsSync(join(directory, '.freehold/telemetry.db'))).toBe(true);
    const sent = /^OTEL_.*$/gm;
    const [server] = processesIn(directory).filter((pid) => commandOf(pid).includes('server/main.ts'));
    const environment = readFileSync(`/proc/${server}/environ`, 'utf8').replaceAll('\0', '\n');
    expect(environment.match(sent)?.sort()).toEqual([
      `OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${telemetryPort}`,
      'OTEL_LOGS_EXPORTER=otlp',
    ]);
  });

  it('starts no store of telemetry where it is sent elsewhere', async () => {
    const child = start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
    await child.printed(/Ctrl-C stops everything/);
    expect(processesIn(directory).map(commandOf).join('\n')).not.toContain('telemetry-store');
  });

  it('gives the same keys at the next start, refuses to run twice in one directory, and stops in order when asked', async () => {
    const child = start();
    await child.printed(/Ctrl-C stops everything/);
    await child.printed(/the worker is ready/);
    expect(/Acme\s+(fh_test_\S+)/.exec(child.output())?.[1]).toBe(keyOfAcme);
    const second = start();
    expect(await second.closed).toBe(1);
    await second.printed(new RegExp(`already running in this directory \\(process ${child.pid}\\)`));
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    child.signal('SIGTERM');
    expect(await child.closed).toBe(0);
    expect(child.output()).not.toMatch(/creating|migration/);
    expect(child.output()).toMatch(/the server is stopping[\s\S]*the worker has stopped/);
    expect(leftOver()).toEqual([]);
  });

  it('takes one Ctrl-C for one, though npm passes it on a second time', async () => {
    const child = start();
    await child.printed(/Ctrl-C stops everything/);
    child.signal('SIGINT');
    child.signal('SIGINT');
    expect(await child.closed).toBe(0);
    expect(child.output()).not.toContain('Ending at once');
  });

  it('stops in order although nobody reads its output any more', async () => {
    const child = start();
    await child.printed(/Ctrl-C stops everything/);
    child.hangUp();
    child.signal('SIGTERM');
    expect(await child.ended).toBe(0);
    expect(leftOver()).toEqual([]);
  });

  it('goes on with the database of a start that was killed, and ends with the reason when PostgreSQL ends', async () => {
    const killed = start();
    await killed.printed(/Ctrl-C stops everything/);
    const postgres = postmaster();
    killed.signal('SIGKILL');
    await killed.ended;
    await waitUntil('server and worker have stopped', () => processesIn(directory).length === 0, 40_000);
    expect(processesIn(data())).toContain(postgres);
    const child = start();
    await child.printed(/Freehold is ready .* \(it was running\)/);
    await child.printed(/Ctrl-C stops everything/);
    process.kill(postmaster(), 'SIGINT');
    expect(await child.closed).toBe(1);
    expect(child.output()).toContain('The embedded PostgreSQL ended unexpectedly.');
  });

  it('explains a port that is taken, and leaves nothing running', async () => {
    const squatter = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    try {
      const child = start();
      expect(await child.closed).toBe(1);
      expect(child.output()).toContain(`Port ${port} is taken by another program.`);
      expect(leftOver()).toEqual([]);
    } finally {
      squatter.close();
    }
  });

  it('explains a DATABASE_URL at which nothing answers', async () => {
    const child = start({ DATABASE_URL: 'postgres://a:b@127.0.0.1:1/freehold' });
    expect(await child.closed).toBe(1);
    expect(child.output()).toContain('No PostgreSQL answers at 127.0.0.1:1.');
  });
});
