/**
 * Vitest's first global set-up: a directory for all that the run, its tests and their processes put into tmpdir(). It is gone when the run ends, so a test that was cut off
 * leaves nothing, nor does a library that makes a directory and does not remove it.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Named in vitest.config.ts as globalSetup. Returns the tear-down. */
export function setup(): () => void {
  const before = process.env.TMPDIR;
  const directory = mkdtempSync(join(tmpdir(), 'freehold-tests-'));
  // PostgreSQL of a run as root is another user.
  chmodSync(directory, 0o755);
  process.env.TMPDIR = directory;
  return () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(directory, { recursive: true, force: true });
  };
}
