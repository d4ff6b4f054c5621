import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../runtime/failure.ts';
import { draftFiles } from '../migration-files.ts';
import { withEntity } from './changelog.ts';
import type { Entity } from './entity.ts';
import { includedIn } from './included.ts';
import { declaration, migration } from './sql.ts';
import { testFile } from './test-file.ts';

/** The files of an entity that are new, by their paths. */
export function newFiles(entity: Entity, root: string): Map<string, string> {
  const { name } = entity;
  return new Map([
    [`migrations/current/${nextDraft(root)}-${name.replaceAll('_', '-')}.sql`, migration(entity)],
    [`db/${name}/${name}.sql`, declaration(entity)],
    [`test/${name}/${name}.test.ts`, testFile(entity)],
  ]);
}

/**
 * Writes the files of an entity, and its lines in those that are there.
 * @returns the paths
 * @throws Failure files_exist, before anything is written
 */
export function writeEntity(entity: Entity, root: string): string[] {
  const files = newFiles(entity, root);
  const there = [...files.keys()].filter((path) => existsSync(join(root, path)));
  if (there.length > 0)
    throw new Failure(
      'files_exist',
      `There is ${there.join(' and ')} already.`,
      'Remove it, or choose another name; nothing was written.',
    );
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const changed: [string, string][] = [
    ['db/definitions.sql', includedIn(readFileSync(join(root, 'db/definitions.sql'), 'utf8'), entity)],
    ['CHANGELOG.md', withEntity(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), entity)],
  ];
  for (const [path, text] of changed) writeFileSync(join(root, path), text);
  const paths = [...files.keys(), ...changed.map(([path]) => path)];
  format(root, `test/${entity.name}/${entity.name}.test.ts`);
  return paths;
}

/** Drafts run in the order of their numbers: 010, 020, … */
function nextDraft(root: string): string {
  const numbers = draftFiles(join(root, 'migrations')).map((path) => Number.parseInt(basename(path), 10));
  return String(Math.floor(Math.max(0, ...numbers) / 10) * 10 + 10).padStart(3, '0');
}

/** Lines break where they are too long for the names that were chosen. */
function format(root: string, path: string): void {
  const { error, status, stderr } = spawnSync('node_modules/.bin/biome', ['format', '--write', path], {
    cwd: root,
    encoding: 'utf8',
  });
  if (error || status !== 0)
    throw new Failure(
      'not_formatted',
      `${path} is written, but was not formatted: ${error?.message ?? stderr.trim()}.`,
      'Run npm ci, then npm run format.',
    );
}
