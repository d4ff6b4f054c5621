import { globSync, readFileSync } from 'node:fs';

const db = new URL('../db/', import.meta.url);

/** The definition files of db/definitions.sql (paths within db/), in order; a file may include others. */
export function definitionFiles(list = 'definitions.sql'): { path: string; text: string }[] {
  return readFileSync(new URL(list, db), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const path = /^--!\s*include\s+(\S+)\s*$/.exec(line)?.[1];
      return path === undefined ? [] : [{ path, text: readFileSync(new URL(path, db), 'utf8') }];
    });
}

/** SQL files of db/ that no list names: they would be read by people, and by no database. */
export function undefinedFiles(): string[] {
  const known = new Set(definitionFiles().map((file) => file.path));
  // What TypeScript reads by name: roles before there is a database, the seed, the queries of the dump, the dump itself.
  const read = /^(definitions\.sql|schema\.sql|(roles|seed|dump)\/.*)$/;
  return globSync('**/*.sql', { cwd: db })
    .filter((path) => !known.has(path) && !read.test(path))
    .map((path) => `db/${path}`)
    .sort();
}
