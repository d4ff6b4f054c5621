import { readFileSync } from 'node:fs';
import { Failure } from '../runtime/failure.ts';

/** What initdb, postgres and the kernel say, and what a person should do about it. First match wins. */
const known: readonly [pattern: RegExp, code: string, reason: string, remedy: string][] = [
  [
    /No space left on device|ENOSPC|Disk quota exceeded/i,
    'no_disk_space',
    'There is no disk space left for the embedded PostgreSQL.',
    'Free at least 500 MB, then start again.',
  ],
  [
    /could not (?:create|resize|map|open) (?:anonymous )?shared memory/i,
    'no_shared_memory',
    'The system gives the embedded PostgreSQL too little shared memory.',
    'Give the container more (docker run --shm-size=256m), or set DATABASE_URL to a server of your own.',
  ],
  [
    /GLIBC_\d|version `GLIBC/,
    'unsupported_libc',
    'The C library of this system is older than the embedded PostgreSQL needs.',
    'Use a newer system, or set DATABASE_URL to a PostgreSQL 18 of your own.',
  ],
  [
    /error while loading shared libraries: ([^:\s]+)/,
    'missing_library',
    'The embedded PostgreSQL lacks the system library $1.',
    'Install it, or set DATABASE_URL to a PostgreSQL 18 of your own.',
  ],
  [
    /Address already in use|could not create any TCP\/IP sockets|could not bind/i,
    'port_taken',
    'The port of the embedded PostgreSQL was taken while it started.',
    'Start again: it moves to a free one.',
  ],
  [
    /database files are incompatible|initialized by PostgreSQL version/i,
    'other_version',
    'The data directory was made by another version of PostgreSQL.',
    'Delete $DIR and start again: development data is seeded anew.',
  ],
  [
    /could not locate a valid checkpoint record|invalid (?:primary )?checkpoint record|invalid data in file|could not open file "(?:global|pg_wal|base)|"base" does not exist|required WAL directory|incorrect checksum in control file/i,
    'damaged_data',
    'The data directory is damaged.',
    'Delete $DIR and start again: development data is seeded anew.',
  ],
  [
    /Permission denied|EACCES|EPERM|Operation not permitted|has wrong ownership|has invalid permissions/i,
    'permission_denied',
    'The embedded PostgreSQL may not use its directory $DIR.',
    'Start as the user who owns it, or delete it and start again.',
  ],
  [
    /could not look up effective user ID|cannot be run as root/i,
    'no_user',
    'PostgreSQL refuses to run as root, and this system has no ordinary user for it.',
    'Start as an ordinary user, or set DATABASE_URL to a server of your own.',
  ],
];

/**
 * The failure behind an output of initdb or postgres.
 * @param directory named in the remedy: what may be deleted
 */
export function explainOutput(output: string, directory: string, log: string): Failure {
  for (const [pattern, code, reason, remedy] of known) {
    const match = pattern.exec(output);
    if (!match) continue;
    const fill = (text: string) => text.replace('$DIR', directory).replace('$1', match[1] ?? '');
    return new Failure(code, fill(reason), fill(remedy));
  }
  const line =
    /^.*(?:FATAL|PANIC|error): *(.*)$/m.exec(output)?.[1] ?? output.trim().split('\n').at(-1) ?? '';
  return new Failure(
    'embedded_failed',
    `The embedded PostgreSQL did not start${line ? `: ${line.replace(/\.$/, '')}` : ''}.`,
    `See ${log}, or set DATABASE_URL to a server of your own.`,
  );
}

/** The failure behind an error of Node's own (mkdir, spawn). */
export function explainSystemError(error: unknown, directory: string, log: string): Failure {
  if (error instanceof Failure) return error;
  const system = error as NodeJS.ErrnoException;
  if (system.code === 'ENOENT' && system.syscall?.startsWith('spawn') && usesMusl()) {
    return new Failure(
      'unsupported_libc',
      'The embedded PostgreSQL needs glibc, and this system has musl (Alpine).',
      'Use a Debian-based image, or set DATABASE_URL to a PostgreSQL 18 of your own.',
    );
  }
  return explainOutput(`${system.code ?? ''} ${system.message}`, directory, log);
}

/** Linux without glibc. Read from the dynamic loader's name in Node itself, which costs nothing. */
export function usesMusl(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return readFileSync('/proc/self/maps', 'utf8').includes('/ld-musl-');
  } catch {
    return false;
  }
}
