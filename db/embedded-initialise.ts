import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../runtime/failure.ts';
import { explainOutput } from './embedded-explain.ts';
import type { Installation } from './embedded-install.ts';
import { serverEnvironment, writeState } from './embedded-process.ts';
import { isAlive } from './is-alive.ts';

const majorVersion = '18';
// A fresh cluster is 39 MB, and its first gigabyte of WAL comes later.
const neededToCreate = 300_000_000;
const neededToStart = 50_000_000;

/**
 * Creates the cluster when there is none; otherwise checks that it is whole.
 *
 * initdb works beside the final place and its result is moved there at the end, so an interrupted start leaves no
 * half-made cluster, and of two starts at once one wins and the other uses its result.
 * @throws Failure half_initialised, other_version, no_disk_space, permission_denied
 */
export async function initialise(place: Installation, progress: (line: string) => void): Promise<void> {
  const exists = existsSync(place.data) && readdirSync(place.data).length > 0;
  requireSpace(place, exists ? neededToStart : neededToCreate);
  if (exists) return requireWhole(place);

  progress('creating a PostgreSQL 18 cluster');
  removeAbandoned(place);
  const unfinished = `${place.data}.new-${process.pid}`;
  const password = randomBytes(24).toString('hex');
  const passwordFile = `${unfinished}.password`;
  try {
    mkdirSync(unfinished, { mode: 0o700 });
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (place.user) {
      chownSync(unfinished, place.user.uid, place.user.gid);
      chownSync(passwordFile, place.user.uid, place.user.gid);
    }
    await initdb(place, unfinished, passwordFile);
    writeState({ ...place, data: unfinished }, { password, port: 0 });
    try {
      renameSync(unfinished, place.data);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    }
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function requireSpace(place: Installation, needed: number): void {
  const { bavail, bsize } = statfsSync(dirname(place.data));
  if (bavail * bsize >= needed) return;
  throw new Failure(
    'no_disk_space',
    `Only ${Math.floor((bavail * bsize) / 1e6)} MB of disk space are left for the embedded PostgreSQL.`,
    'Free at least 500 MB, then start again.',
  );
}

function requireWhole(place: Installation): void {
  const again = `Delete ${place.directory} and start again: development data is seeded anew.`;
  const missing = ['PG_VERSION', 'global/pg_control', 'postgresql.conf', 'freehold.json'].find(
    (file) => !existsSync(join(place.data, file)),
  );
  if (missing) {
    throw new Failure(
      'half_initialised',
      `The data directory ${place.data} is incomplete: it has no ${missing}.`,
      again,
    );
  }
  const version = readFileSync(join(place.data, 'PG_VERSION'), 'utf8').trim();
  if (version !== majorVersion) {
    throw new Failure(
      'other_version',
      `The data directory ${place.data} belongs to PostgreSQL ${version}, and this is ${majorVersion}.`,
      again,
    );
  }
}

/** What killed starts left beside the data directory. The process id in the name tells whether its maker still works. */
function removeAbandoned(place: Installation): void {
  const parent = dirname(place.data);
  const prefix = `${basename(place.data)}.new-`;
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(prefix))) {
    const maker = Number.parseInt(name.slice(prefix.length), 10);
    if (maker !== process.pid && isAlive(maker)) continue;
    rmSync(join(parent, name), { recursive: true, force: true });
  }
}

/** Takes 0.9 s, of which flushing to disk hardly anything. The builtin locale is the same on every system. */
async function initdb(place: Installation, data: string, passwordFile: string): Promise<void> {
  const child = spawn(
    join(place.bin, 'initdb'),
    [
      `--pgdata=${data}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
    ],
    { cwd: '/', env: serverEnvironment, stdio: ['ignore', 'ignore', 'pipe'], ...place.user },
  );
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw explainOutput(output, place.directory, place.log);
}
