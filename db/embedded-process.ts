import { spawn } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../runtime/failure.ts';
import type { Installation } from './embedded-install.ts';
import { isAlive } from './is-alive.ts';

/** English messages, which db/embedded-explain.ts reads, and nothing of the caller's PG* variables. */
export const serverEnvironment = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };

/** Sizes for a developer's machine; anyone who measures sets their own. */
const settings: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  // No socket: its path is limited to 107 bytes, and a deep checkout exceeds them.
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
};

/** For throw-away clusters: nothing needs to survive a crash, and statistics come from ANALYZE alone. */
const throwAway: Record<string, string> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
};

/** Kept in the data directory, so that it lives and dies with the data. */
interface State {
  password: string;
  port: number;
}

export function readState(place: Installation): State {
  return JSON.parse(readFileSync(join(place.data, 'freehold.json'), 'utf8')) as State;
}

export function writeState(place: Installation, state: State): void {
  const path = join(place.data, 'freehold.json');
  writeFileSync(path, `${JSON.stringify(state)}\n`, { mode: 0o600 });
  if (place.user) chownSync(path, place.user.uid, place.user.gid);
}

/** The server that runs on the data directory, if one does. A lock file may be met while it is being written. */
export function runningServer(place: Installation): { pid: number; port: number } | undefined {
  const lines = readLock(place)?.split('\n') ?? [];
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return isRunning(pid, place) ? { pid, port } : undefined;
}

function readLock(place: Installation): string | undefined {
  try {
    return readFileSync(join(place.data, 'postmaster.pid'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * PostgreSQL replaces the lock file of a dead process by itself, but refuses to start when the id in it belongs to
 * another program by now, as in containers, where ids repeat at once. Never done while a server is at work: one whose
 * lock file is gone ends itself within a minute.
 */
function removeStaleLock(place: Installation): void {
  const lock = readLock(place);
  if (lock === undefined) return;
  const pid = Number.parseInt(lock, 10);
  if (pid > 0 && (!isAlive(pid) || isRunning(pid, place))) return;
  if (process.platform === 'linux' && worksInside(place.data)) return;
  rmSync(join(place.data, 'postmaster.pid'), { force: true });
}

/** Has any process its working directory there? Servers have it from their first moment: see launch. */
function worksInside(directory: string): boolean {
  const real = realpathSync(directory);
  return readdirSync('/proc').some((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`) === real;
    } catch {
      return false;
    }
  });
}

/** Is `pid` alive, and a server of this data directory? A PostgreSQL server works in its data directory. */
export function isRunning(pid: number, place: Installation): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (process.platform === 'linux') {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(place.data);
    } catch {
      // Gone, a zombie, or another user's program: the server has the owner of the data, which is root's choice or us.
      return false;
    }
  }
  return isAlive(pid);
}

/**
 * Starts a server; resolves when it has survived its own checks far enough to have an id. It is detached: Ctrl-C
 * reaches the whole group of the terminal, and the server must stop after those who use it. It logs to a file, because
 * a pipe would break with its reader.
 */
export async function launch(
  place: Installation,
  durable: boolean,
  more: Record<string, string>,
): Promise<number> {
  removeStaleLock(place);
  const port = await freePort(readState(place).port);
  const all = { ...settings, ...(durable ? {} : throwAway), ...more, port: String(port) };
  const log = openSync(place.log, 'w');
  try {
    const child = spawn(
      join(place.bin, 'postgres'),
      ['-D', place.data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      { cwd: place.data, detached: true, env: serverEnvironment, stdio: ['ignore', log, log], ...place.user },
    );
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('spawn', resolve);
    });
    child.unref();
    return child.pid as number;
  } finally {
    closeSync(log);
  }
}

/** What the present server has written: its log begins anew with each launch. */
export function outputSinceLaunch(place: Installation): string {
  return existsSync(place.log) ? readFileSync(place.log, 'utf8') : '';
}

/** The port of last time when it is still free, else one that the system gives. */
async function freePort(wanted: number): Promise<number> {
  const attempt = (port: number) =>
    new Promise<number | undefined>((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(undefined));
      probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
        const address = probe.address();
        probe.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
      });
    });
  const port = (wanted > 0 ? await attempt(wanted) : undefined) ?? (await attempt(0));
  if (port) return port;
  throw new Failure(
    'no_port',
    'No port of 127.0.0.1 is free for the embedded PostgreSQL.',
    'Close some programs.',
  );
}

/** Fast shutdown: sessions end, everything is flushed. After 30 s the server is told to drop everything. */
export async function stopServer(pid: number): Promise<void> {
  process.kill(pid, 'SIGINT');
  if (await waitForExit(pid, 30_000)) return;
  process.kill(pid, 'SIGQUIT');
  if (await waitForExit(pid, 10_000)) return;
  throw new Failure(
    'embedded_stuck',
    `The embedded PostgreSQL (process ${pid}) does not stop.`,
    `End it: kill -9 ${pid}.`,
  );
}

/** Waits until the process is gone; false after `limit` milliseconds. */
export async function waitForExit(pid: number, limit: number): Promise<boolean> {
  for (const end = Date.now() + limit; Date.now() < end; await pause(10)) {
    if (!isAlive(pid)) return true;
  }
  return false;
}
