import { execFileSync } from 'node:child_process';

/** Where a program is on this machine; undefined where it is not. */
export function find(program: string): string | undefined {
  try {
    return execFileSync('which', [program], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
