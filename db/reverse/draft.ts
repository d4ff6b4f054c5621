import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { Config } from '../../runtime/config.ts';
import { connectOrExplain } from '../connect.ts';
import { runMigrations } from '../migration-run.ts';
import { withScratchDatabase } from '../scratch.ts';
import type { Migration } from '../state.ts';
import { committedMigrations, header } from '../state.ts';
import { readCatalog } from './catalog.ts';
import { reverseTo } from './reverse.ts';
import { readSources } from './source.ts';

/**
 * Writes the rollback of each migration of `folder` that has none, to be reviewed: it brings the catalog and the rows of reference tables back, and
 * names the tables and columns whose rows go. What a migration did to the rows of users (a backfill, a conversion) only its author knows how to undo.
 * @returns files that were written
 */
export async function draftRollbacks(config: Config, folder: string): Promise<string[]> {
  const code = committedMigrations(folder);
  const path = ({ file }: Migration) => `${folder}/rollbacks/${file}`;
  const text = ({ file }: Migration) => readFileSync(`${folder}/committed/${file}`, 'utf8');
  await mkdir(`${folder}/rollbacks`, { recursive: true });
  const lacking = code.filter((migration) => !existsSync(path(migration)));
  const first = code.indexOf(lacking[0] as Migration);
  if (first < 0) return [];
  await withScratchDatabase(config, async ({ adminUrl, urls }) => {
    const admin = await connectOrExplain(adminUrl, 'DATABASE_URL');
    const owner = await connectOrExplain(urls.owner, 'OWNER_DATABASE_URL');
    try {
      const run = { ownerUrl: urls.owner, folder, drafts: false, progress: () => {} };
      await runMigrations(owner, code.slice(0, first), run);
      const catalogs = [await readCatalog(admin)];
      for (let end = first + 1; end <= code.length; end += 1) {
        await runMigrations(owner, code.slice(0, end), run);
        catalogs.push(await readCatalog(admin));
      }
      for (const [index, migration] of [...code.entries()].slice(first).reverse()) {
        const before = catalogs[index - first];
        if (!before) continue;
        const sources = readSources(code.slice(0, index).map(text));
        const { statements, loses } = await reverseTo(before, { admin, owner, sources });
        if (!lacking.includes(migration)) continue;
        const head = [`--! Undoes: ${migration.hash}`, `--! Loses: ${loses.join(', ') || 'nothing'}`];
        const about = `-- Undoes "${header(text(migration), 'Message') ?? migration.file}".`;
        writeFileSync(path(migration), `${head.join('\n')}\n\n${[about, ...statements].join('\n')}\n`);
      }
    } finally {
      await owner.end();
      await admin.end();
    }
  });
  return lacking.map(({ file }) => file);
}
