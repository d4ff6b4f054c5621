import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedOptions, EmbeddedServer } from '../../db/embedded.ts';
import { startEmbedded } from '../../db/embedded.ts';
import { dataOf, processesIn, runNode } from '../support/process.ts';
import { waitUntil } from '../support/wait.ts';

const module = JSON.stringify(new URL('../../db/embedded.ts', import.meta.url).href);
/** A program that starts a server, says so, and stays until it is told to stop. */
const program = `
  const { startEmbedded } = await import(${module});
  const server = await startEmbedded({ directory: process.argv[1], durable: false, exclusive: process.argv[2] === 'exclusive' });
  process.on('SIGTERM', async () => { console.log('stopped', await server.stop()); process.exit(); });
  setInterval(() => {}, 1000);
  console.log('running', server.port, server.pid, server.adopted);
`;

// One cluster for the file: creating, or copying, takes a second each. Whoever spoils it mends it.
let directory: string;
const servers: EmbeddedServer[] = [];

function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'freehold-embedded-'));
  // mkdtemp makes it private, and root's server runs as an ordinary user: see "a directory closed to others".
  chmodSync(path, 0o755);
  return path;
}

/** Without a file of the data directory while `work` runs. */
async function without(file: string, work: () => Promise<void>): Promise<void> {
  const path = join(dataOf(directory), file);
  renameSync(path, `${path}.aside`);
  await work();
  renameSync(`${path}.aside`, path);
}

beforeAll(() => {
  directory = temporaryDirectory();
});

afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function start(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedServer> {
  const server = await startEmbedded({ directory, durable: false, ...options });
  servers.push(server);
  return server;
}

async function query(server: EmbeddedServer, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('the embedded server', () => {
  it('is created by the first start, though two start at once and another was interrupted before', async () => {
    mkdirSync(join(directory, 'data.new-999999999', 'base'), { recursive: true });
    const [first, second] = await Promise.all([
      runNode(['--input-type=module', '-e', program, directory]),
      runNode(['--input-type=module', '-e', program, directory]),
    ]);
    const [, , pid] = await first.printed(/running (\d+) (\d+)/);
    await second.printed(new RegExp(`running \\d+ ${pid} `));
    first.signal('SIGTERM');
    second.signal('SIGTERM');
    await Promise.all([first.ended, second.ended]);
    expect(processesIn(dataOf(directory))).toEqual([]);
    expect(readdirSync(dirname(dataOf(directory))).filter((name) => name.startsWith('data'))).toEqual([
      'data',
    ]);
  });

  it('keeps its data and its port between starts', async () => {
    const first = await start();
    await query(first, 'create table kept as select 42 as answer');
    expect(await first.stop()).toBe(true);
    expect(processesIn(dataOf(directory))).toEqual([]);
    const second = await start();
    expect(second.port).toBe(first.port);
    expect(second.adopted).toBe(false);
    expect(await query(second, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('moves to a free port when its own is taken', async () => {
    const first = await start();
    await first.stop();
    const squatter = createServer().listen(first.port, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    try {
      const second = await start();
      expect(second.port).not.toBe(first.port);
      expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }]);
    } finally {
      squatter.close();
    }
  });

  it('is shared by those who start it, and stops with the last of them', async () => {
    const [first, second] = await Promise.all([start(), start()]);
    expect(second?.pid).toBe(first?.pid);
    expect(await first?.stop()).toBe(false);
    expect(await query(second as EmbeddedServer, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await second?.stop()).toBe(true);
    expect(processesIn(dataOf(directory))).toEqual([]);
  });

  it('is adopted when the process that started it was killed', async () => {
    const crashed = runNode(['--input-type=module', '-e', program, directory]);
    const [, port, pid] = await crashed.printed(/running (\d+) (\d+) false/);
    crashed.signal('SIGKILL');
    await crashed.ended;
    const server = await start();
    expect(server).toMatchObject({ adopted: true, port: Number(port), pid: Number(pid) });
    await waitUntil('the crashed user is forgotten', async () => {
      const [row] = (await query(
        server,
        `select count(*)::int as users from pg_locks where locktype = 'advisory' and mode = 'ShareLock'`,
      )) as [{ users: number }];
      return row.users === 1;
    });
    expect(await server.stop()).toBe(true);
  });

  it('tells when it ends although nobody stopped it', async () => {
    const server = await start();
    process.kill(server.pid, 'SIGINT');
    await server.lost;
    await waitUntil('its processes are gone', () => processesIn(dataOf(directory)).length === 0);
  });

  it('refuses a second exclusive start, and names the first', async () => {
    const other = runNode(['--input-type=module', '-e', program, directory, 'exclusive']);
    await other.printed(/running/);
    await expect(start({ exclusive: true })).rejects.toMatchObject({
      code: 'already_running',
      message: expect.stringContaining(`process ${other.pid}`),
    });
    other.signal('SIGTERM');
    await other.printed(/stopped true/);
  });

  it('starts in spite of a lock file whose process id now belongs to another program', async () => {
    const data = dataOf(directory);
    writeFileSync(join(data, 'postmaster.pid'), `${process.pid}\n${data}\n1\n5432\n\n127.0.0.1\n\nready\n`);
    const server = await start();
    expect(await query(server, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it.each([
    ['global/pg_control', 'half_initialised'],
    ['PG_VERSION', 'half_initialised'],
    ['pg_wal', 'damaged_data'],
  ])('explains a data directory without %s, and what may be deleted', async (file, code) => {
    await without(file, async () => {
      await expect(start()).rejects.toMatchObject({
        code,
        message: expect.stringContaining(`Delete ${directory} `),
      });
    });
  });

  it('explains a data directory of another version', async () => {
    await without('PG_VERSION', async () => {
      writeFileSync(join(dataOf(directory), 'PG_VERSION'), '17\n');
      await expect(start()).rejects.toMatchObject({ code: 'other_version' });
    });
  });
});

describe.runIf(process.getuid?.() === 0)('the embedded server of root', () => {
  it('runs as an ordinary user', async () => {
    const server = await start();
    expect(readFileSync(`/proc/${server.pid}/status`, 'utf8')).not.toMatch(/^Uid:\t0/m);
  });

  it('works beneath a directory closed to others, and begins anew once that is deleted', async () => {
    const closed = mkdtempSync(join(tmpdir(), 'freehold-closed-'));
    const server = await start({ directory: closed });
    await query(server, 'create table kept ()');
    await server.stop();
    const home = readFileSync(join(closed, 'home'), 'utf8').trim();
    expect(home.startsWith(closed)).toBe(false);
    rmSync(closed, { recursive: true });
    mkdirSync(closed, { mode: 0o700 });
    const fresh = await start({ directory: closed });
    expect(await query(fresh, `select to_regclass('kept') is null as empty`)).toEqual([{ empty: true }]);
    await fresh.stop();
    rmSync(closed, { recursive: true });
    rmSync(home, { recursive: true });
  });
});

/** nobody, if root can lend it this checkout and this Node: beneath /root it cannot. */
const nobody = { uid: 65534, gid: 65534 };
const canLend =
  process.getuid?.() === 0 &&
  spawnSync(process.execPath, ['-e', `require('node:fs').readFileSync(new URL(${module}))`], nobody)
    .status === 0;

describe.runIf(canLend)('the embedded server of an ordinary user', () => {
  it('runs as that user, who owns all of it', async () => {
    const own = temporaryDirectory();
    chownSync(own, nobody.uid, nobody.gid);
    const child = runNode(['--input-type=module', '-e', program, own], nobody);
    const [, , pid] = await child.printed(/running (\d+) (\d+) false/);
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Uid:\t65534/m);
    child.signal('SIGTERM');
    await child.printed(/stopped true/);
    expect(statSync(dataOf(own)).uid).toBe(nobody.uid);
    rmSync(own, { recursive: true });
  });

  it('explains data that belongs to someone else', async () => {
    await (await start()).stop();
    const child = runNode(['--input-type=module', '-e', program, directory], {
      uid: 1,
      gid: 1,
    });
    expect(await child.closed).toBe(1);
    expect(child.output()).toContain(`may not use its directory ${directory}`);
  });
});
