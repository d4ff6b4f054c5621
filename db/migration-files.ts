import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const migrationsFolder = fileURLToPath(new URL('../migrations', import.meta.url));

/** Paths of the committed migrations, oldest first. @param folder of migrations */
export function committedFiles(folder: string): string[] {
  return numbered(join(folder, 'committed'), /^\d+(-[-\w]*)?\.sql$/);
}

/** Paths of the drafts, in the order in which graphile-migrate runs them and `npm run db commit` makes a migration of each. */
export function draftFiles(folder: string): string[] {
  return numbered(join(folder, 'current'), /^\d+.*\.sql$/);
}

function numbered(folder: string, pattern: RegExp): string[] {
  // git keeps no empty folder
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || a.localeCompare(b, 'en'))
    .map((name) => join(folder, name));
}
