import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateHash } from 'graphile-migrate/dist/hash.js';
import { committedMigrations } from '../../db/state.ts';

/** A source tree that server, worker and `db/main.ts` are started from. */
export interface Tree {
  directory: string;
  /** FREEHOLD_VERSION of its processes. */
  version: string;
}

const root = join(import.meta.dirname, '../..');
const steps = join(import.meta.dirname, 'release');

/** What this checkout is. */
export const present: Tree = { directory: root, version: 'old' };

/**
 * The next release: a copy of this checkout whose migrations/committed has the files of release/ behind the last, as `npm run db commit` would have
 * written them. The one that takes something away is of phase contract.
 */
export function makeRelease(directory: string): Tree {
  mkdirSync(join(directory, 'migrations', 'current'), { recursive: true });
  for (const folder of ['db', 'server', 'worker', 'runtime', 'migrations/committed', 'package.json', '.gmrc'])
    cpSync(join(root, folder), join(directory, folder), { recursive: true, verbatimSymlinks: true });
  symlinkSync('../db', join(directory, 'migrations', 'fixtures'));
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  let { filename = '000000.sql', hash: previous = '' } = committedMigrations().at(-1) ?? {};
  for (const file of readdirSync(steps).sort()) {
    const body = `${readFileSync(join(steps, file), 'utf8').trim()}\n`;
    const hash = calculateHash(body, previous);
    const number = String(Number.parseInt(filename, 10) + 1).padStart(6, '0');
    const head = [
      `--! Previous: ${previous}`,
      `--! Hash: ${hash}`,
      ...(file.includes('drop') ? ['--! Phase: contract'] : []),
    ];
    const name = `${number}-${file.replace(/^\d+-|\.sql$/g, '')}.sql`;
    writeFileSync(join(directory, 'migrations', 'committed', name), `${head.join('\n')}\n\n${body}`);
    filename = `${number}.sql`;
    previous = hash;
  }
  return { directory, version: 'new' };
}
