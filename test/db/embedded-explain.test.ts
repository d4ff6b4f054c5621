import { describe, expect, it } from 'vitest';
import { explainOutput, explainSystemError } from '../../db/embedded-explain.ts';

describe('a failure of the embedded server', () => {
  // What the programs really print, with LC_ALL=C.
  it.each([
    ['initdb: error: could not write file "/x/data/base/1/1247": No space left on device', 'no_disk_space'],
    ['FATAL:  could not write lock file "postmaster.pid": Disk quota exceeded', 'no_disk_space'],
    ['FATAL:  could not create shared memory segment: Cannot allocate memory', 'no_shared_memory'],
    [
      'ERROR:  could not resize shared memory segment "/PostgreSQL.1" to 8388608 bytes: No space left',
      'no_shared_memory',
    ],
    ["postgres: /lib/libc.so.6: version `GLIBC_2.28' not found (required by postgres)", 'unsupported_libc'],
    [
      'postgres: error while loading shared libraries: libxml2.so.2: cannot open shared object file',
      'missing_library',
    ],
    ['LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', 'port_taken'],
    ['FATAL:  database files are incompatible with server', 'other_version'],
    ['PANIC:  could not locate a valid checkpoint record at 0/174B6E0', 'damaged_data'],
    ['FATAL:  data directory "/x/data" has wrong ownership', 'permission_denied'],
    ['initdb: error: could not access directory "/x/data": Permission denied', 'permission_denied'],
    ['initdb: error: could not look up effective user ID 12345: user does not exist', 'no_user'],
    ['FATAL:  something new', 'embedded_failed'],
    ['', 'embedded_failed'],
  ])('is one line with a remedy: %s', (output, code) => {
    const failure = explainOutput(output, '/x', '/x/postgres.log');
    expect(failure.code).toBe(code);
    expect(failure.message).not.toContain('\n');
    expect(failure.remedy).not.toBe('');
    expect(failure.message).toContain(failure.remedy);
  });

  it('names what may be deleted, and the library that is missing', () => {
    expect(explainOutput('database files are incompatible', '/x', 'log').message).toContain('Delete /x ');
    expect(
      explainOutput('error while loading shared libraries: libz.so.1: no', '/x', 'log').message,
    ).toContain('libz.so.1');
  });

  it('keeps a reason that is known already, and explains those of the system', () => {
    const known = explainOutput('GLIBC_2.28', '/x', 'log');
    expect(explainSystemError(known, '/x', 'log')).toBe(known);
    const full = Object.assign(new Error('ENOSPC: no space left on device, mkdir'), { code: 'ENOSPC' });
    expect(explainSystemError(full, '/x', 'log').code).toBe('no_disk_space');
    const closed = Object.assign(new Error("EACCES: permission denied, mkdir '/x'"), { code: 'EACCES' });
    expect(explainSystemError(closed, '/x', 'log').code).toBe('permission_denied');
  });
});
