import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { commit, Logger } from 'graphile-migrate';
import { escapeIdentifier } from 'pg';
import type { Config } from '../runtime/config.ts';
import { explain, Failure } from '../runtime/failure.ts';
import { connectOrExplain } from './connect.ts';
import { committedFiles, draftFiles, migrationsFolder } from './migration-files.ts';
import { closePools, forMigrations } from './pools.ts';
import { draftRollbacks } from './reverse/draft.ts';
import { withScratchDatabase } from './scratch.ts';
import { databaseOf, withDatabase } from './urls.ts';

/**
 * Commits the drafts in migrations/current, each as a migration of its own: 010-platform.sql becomes
 * committed/000001-platform.sql. graphile-migrate's own `commit` would make one migration of them all.
 *
 * It works in a copy of the folder and on scratch databases, so that nothing is half done when a draft fails; the
 * development database still holds the drafts, and is begun anew with `npm run db reset`. Each has a draft of its rollback written beside it.
 * @param look at a database in which all migrations have run, the new ones too, before it is dropped
 * @returns file names of the new migrations, and what `look` saw; it is not called when there are no drafts
 * @throws Failure commit_failed
 */
export async function commitDrafts<T>(
  config: Config,
  look: (adminUrl: string) => Promise<T>,
): Promise<{ made: string[]; seen?: T }> {
  const drafts = draftFiles(migrationsFolder)
    .filter((path) => withoutComments(readFileSync(path, 'utf8')) !== '')
    .map((path) => basename(path));
  if (drafts.length === 0) return { made: [] };
  const folder = mkdtempSync(join(tmpdir(), 'freehold-commit-'));
  try {
    const before = new Set(namesIn(migrationsFolder));
    mkdirSync(join(folder, 'committed'));
    mkdirSync(join(folder, 'current'));
    symlinkSync(join(migrationsFolder, '..', 'db'), join(folder, 'fixtures'));
    for (const name of before)
      cpSync(`${migrationsFolder}/committed/${name}`, join(folder, 'committed', name));
    const seen = await withScratchDatabase(config, async ({ adminUrl, urls }) => {
      const shadow = `${databaseOf(adminUrl)}_shadow`;
      const admin = await connectOrExplain(adminUrl, 'DATABASE_URL');
      try {
        for (const draft of drafts)
          await commitOne(folder, draft, { adminUrl, ownerUrl: urls.owner, shadow });
        return await look(adminUrl);
      } finally {
        await closePools(admin);
        await admin.query(`drop database if exists ${escapeIdentifier(shadow)} with (force)`);
        await admin.end();
      }
    });
    const made = namesIn(folder).filter((name) => !before.has(name));
    for (const name of made) {
      cpSync(join(folder, 'committed', name), `${migrationsFolder}/committed/${name}`);
      // graphile-migrate marks them as read-only, which git does not keep and editors trip over.
      chmodSync(`${migrationsFolder}/committed/${name}`, 0o644);
    }
    for (const draft of drafts) rmSync(`${migrationsFolder}/current/${draft}`);
    await draftRollbacks(config, migrationsFolder);
    return { made, seen };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function commitOne(
  folder: string,
  draft: string,
  at: { adminUrl: string; ownerUrl: string; shadow: string },
): Promise<void> {
  const text = readFileSync(`${migrationsFolder}/current/${draft}`, 'utf8');
  cpSync(`${migrationsFolder}/current/${draft}`, join(folder, 'current.sql'));
  rmSync(join(folder, 'current'), { recursive: true, force: true });
  const details: string[] = [];
  const logger = new Logger(() => (level, message) => {
    if (level === 'error') details.push(message);
  });
  const message = /^--! Message:/m.test(text)
    ? undefined
    : draft.replace(/^\d+-?|\.sql$/g, '').replaceAll('-', ' ');
  try {
    await commit(
      {
        migrationsFolder: folder,
        connectionString: forMigrations(at.ownerUrl),
        shadowConnectionString: forMigrations(withDatabase(at.ownerUrl, at.shadow)),
        rootConnectionString: forMigrations(withDatabase(at.adminUrl, 'postgres')),
        databaseOwner: 'freehold_owner',
        pgSettings: { search_path: '' },
        logger,
      },
      message,
    );
  } catch (error) {
    if (details.length > 0) console.error(details.join('\n'));
    throw new Failure(
      'commit_failed',
      `Draft ${draft} cannot be committed: ${explain(error)}.`,
      'Nothing was changed.',
      {
        cause: error,
      },
    );
  }
}

function withoutComments(sql: string): string {
  // An include is written as a comment, and is content.
  return sql.replace(/^--(?![!]\s*include).*$/gm, '').trim();
}

const namesIn = (folder: string): string[] => committedFiles(folder).map((path) => basename(path));
