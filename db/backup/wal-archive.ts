import { chownSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../runtime/failure.ts';

/** Who owns the files of the server. */
export type FileOwner = { uid: number; gid: number } | undefined;

/** A directory that PostgreSQL may write to. Its name goes into commands of a shell. @throws Failure archive_name */
export function makeArchive(directory: string, owner: FileOwner): void {
  if (!/^[\w./-]+$/.test(directory))
    throw new Failure(
      'archive_name',
      `The path ${directory} holds characters that a shell would read.`,
      'Name a directory of letters, digits, dots, dashes and slashes.',
    );
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (owner) chownSync(directory, owner.uid, owner.gid);
}

/**
 * Settings of a server that keeps its log. A segment has its name in the archive when all of it is on disk there, and never takes the place of another: a second attempt, after
 * a crash between the archiving and PostgreSQL's note of it, finds the same bytes and succeeds (PostgreSQL documentation, 25.3.1). Compressed, because a segment that time has closed
 * is 16 MB of hardly anything.
 * @param timeoutSeconds how long a change may wait for its segment to fill: what a lost machine costs at most
 */
export function archiveSettings(directory: string, timeoutSeconds: number): Record<string, string> {
  const [kept, part] = [`${directory}/%f.gz`, `${directory}/%f.part`];
  const toDisk = (path: string) => `{ sync "${path}" 2>/dev/null || sync; }`;
  return {
    wal_level: 'replica',
    archive_mode: 'on',
    archive_timeout: `${timeoutSeconds}s`,
    archive_command: `if test -f "${kept}"; then gzip -dc "${kept}" | cmp -s - "%p"; else gzip -1 < "%p" > "${part}" && ${toDisk(part)} && mv "${part}" "${kept}" && ${toDisk(directory)}; fi`,
  };
}

/** Settings of a server that begins from a base backup and reads the log of the archive. */
export const restoreSettings = (directory: string): Record<string, string> => ({
  restore_command: `test -f "${directory}/%f.gz" && gzip -dc "${directory}/%f.gz" > "%p"`,
  recovery_target_action: 'promote',
  // nobody is let in before it is there
  hot_standby: 'off',
  archive_mode: 'off',
});

/** How many segments, and their bytes. */
export function archiveSize(directory: string): { segments: number; bytes: number } {
  const names = readdirSync(directory).filter((name) => /^[0-9A-F]{24}\.gz$/.test(name));
  const bytes = names.reduce((all, name) => all + statSync(join(directory, name)).size, 0);
  return { segments: names.length, bytes };
}
