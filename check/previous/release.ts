import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../runtime/failure.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/** A commit, and why it is the one. */
export interface PreviousRelease {
  commit: string;
  reason: string;
}

/**
 * The release that serves while the migrations of this one run: the last tag before this commit, or where there is none the commit before the newest committed migration.
 * @throws Failure no_history, shallow_history: a check that finds nothing to check must not pass
 */
export function previousRelease(): PreviousRelease {
  let shallow: string;
  try {
    shallow = git('rev-parse', '--is-shallow-repository');
  } catch (error) {
    throw new Failure('no_history', 'This is no git repository.', 'Run it in a clone.', { cause: error });
  }
  if (shallow === 'true') {
    throw new Failure(
      'shallow_history',
      'This clone has no history, and the previous release is in it.',
      'Clone it whole: actions/checkout with fetch-depth: 0, or git fetch --unshallow --tags.',
    );
  }
  const tag = lastTag();
  if (tag) return { commit: git('rev-list', '-1', tag), reason: `tag ${tag}` };
  if (git('status', '--porcelain', '--', 'migrations/committed'))
    return { commit: git('rev-parse', 'HEAD'), reason: 'HEAD, whose migrations were added to since' };
  const newest = git('log', '-1', '--diff-filter=A', '--format=%H', '--', 'migrations/committed');
  if (!newest) throw new Failure('no_history', 'No commit added a migration.', 'Run it in a whole clone.');
  const subject = git('log', '-1', '--format=%h %s', newest);
  return { commit: git('rev-parse', `${newest}^`), reason: `the commit before ${subject}` };
}

/** Not one of this very commit: that is the release which is being made. */
function lastTag(): string | undefined {
  try {
    return git('describe', '--tags', '--abbrev=0', 'HEAD^');
  } catch {
    return undefined;
  }
}

/** Its files. */
export function unpack({ commit }: PreviousRelease, directory: string): void {
  execFileSync('bash', ['-c', 'set -o pipefail; git archive "$1" | tar -x -C "$2"', '-', commit, directory], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}
