import { cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../runtime/failure.ts';

/**
 * What .dockerignore lets into the build. This project's says `*` and then names what may come in, so that a file that nobody thought of
 * stays out; other forms are refused rather than half understood.
 * @throws Failure
 */
export function readAllowed(dockerignore: string): string[] {
  const lines = dockerignore
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const [first, ...rest] = lines;
  if (first === '*' && rest.every((line) => /^![\w.@/-]+$/.test(line)))
    return rest.map((line) => line.slice(1));
  throw new Failure(
    'dockerignore_form',
    '.dockerignore must shut everything out with a first line of * and then let in paths, one a line, as !path.',
    'Write it so: a list of what is left out forgets what is added later.',
  );
}

export const isAllowed = (allowed: readonly string[], path: string): boolean =>
  allowed.some((entry) => path === entry || path.startsWith(`${entry}/`));

/** COPY as Docker does it: a folder's content, or files, into `target`, which is a folder when it ends in a slash or the source is one. */
export function copyInto(source: string, target: string): void {
  if (!existsSync(source)) {
    throw new Failure('copy_missing', `COPY finds no ${source}.`, 'Mend the path, or .dockerignore.');
  }
  const to = statSync(source).isFile() && target.endsWith('/') ? join(target, basename(source)) : target;
  mkdirSync(dirname(to), { recursive: true });
  cpSync(source, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
}
