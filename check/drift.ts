import { existsSync, readFileSync } from 'node:fs';
import type { Client } from 'pg';
import { connectOrExplain } from '../db/connect.ts';
import { dumpSchema } from '../db/dump.ts';
import { migrate } from '../db/migrate.ts';
import { generatedPages } from '../db/pages.ts';
import { withScratchDatabase } from '../db/scratch.ts';
import { loadConfig } from '../runtime/config.ts';
import { explain } from '../runtime/failure.ts';
import { definitionFiles, undefinedFiles } from './definitions.ts';
import { unifiedDiff } from './diff.ts';

/*
 * npm run check -- schema. Three ways to the schema must lead to the same catalog:
 * the migrations in a fresh database, the definitions of db/ twice on top of them, and the committed db/schema.sql.
 * Then the database's own proof, platform.violations(), must have nothing to say.
 */

/** What one of the comparisons found, with the remedy; empty when all is well. */
interface Drift {
  title: string;
  detail: string;
  remedy: string;
}

export async function findDrift(): Promise<Drift[]> {
  const found: Drift[] = [];
  const dead = undefinedFiles();
  if (dead.length > 0) {
    found.push({
      title: 'definition files that nothing includes',
      detail: dead.join('\n'),
      remedy:
        'Add a line "--!include ..." to db/definitions.sql and to a draft in migrations/current, or remove the file.',
    });
  }
  await withScratchDatabase(loadConfig('migrate'), async ({ adminUrl, urls }) => {
    await migrate(urls.owner, { drafts: true });
    const admin = await connectOrExplain(adminUrl, 'DATABASE_URL');
    const owner = await connectOrExplain(urls.owner, 'OWNER_DATABASE_URL');
    try {
      const replayed = await dumpSchema(admin);
      for (let round = 0; round < 2; round += 1) await applyDefinitions(owner);
      const reapplied = await dumpSchema(admin);
      found.push(...compare(replayed, reapplied), ...(await violations(owner)));
      found.push(...(await stalePages(admin)));
    } finally {
      await owner.end();
      await admin.end();
    }
  });
  return found;
}

async function stalePages(client: Client): Promise<Drift[]> {
  return (await generatedPages(client)).flatMap(({ path, present, text }) => {
    const detail = unifiedDiff(present, text);
    if (!detail) return [];
    const title = `${path} does not show what is declared (- committed, + declared)`;
    return [{ title, detail, remedy: 'npm run db dump, and commit the page with the migration.' }];
  });
}

function compare(replayed: string, reapplied: string): Drift[] {
  const found: Drift[] = [];
  const definitions = unifiedDiff(replayed, reapplied);
  if (definitions) {
    found.push({
      title:
        'the definitions in db/ differ from what the migrations made of them (- migrations, + definitions)',
      detail: definitions,
      remedy:
        'Include the changed file in a draft in migrations/current ("--!include platform/context.sql"). If it is included already, it is not idempotent: applying it again changed what it made.',
    });
  }
  const remedy = 'If the change is meant: npm run db dump, and commit db/schema.sql with the migration.';
  const committed = committedSchema();
  const changes = committed && unifiedDiff(committed, replayed);
  if (committed === undefined) {
    found.push({
      title: 'db/schema.sql does not exist',
      detail: 'It is the schema that reviewers read.',
      remedy,
    });
  } else if (changes) {
    const title = 'db/schema.sql is not the schema that the migrations make (- committed, + migrations)';
    found.push({ title, detail: changes, remedy });
  }
  return found;
}

function committedSchema(): string | undefined {
  const path = new URL('../db/schema.sql', import.meta.url);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** In one transaction with an empty search_path, as a migration runs them. */
async function applyDefinitions(owner: Client): Promise<void> {
  await owner.query(`begin; set local search_path = ''`);
  try {
    for (const { path, text } of definitionFiles()) {
      await owner.query(text).catch((error: unknown) => {
        throw new Error(`db/${path} cannot be applied on top of the migrations: ${explain(error)}`, {
          cause: error,
        });
      });
    }
    await owner.query('commit');
  } catch (error) {
    await owner.query('rollback');
    throw error;
  }
}

async function violations(owner: Client): Promise<Drift[]> {
  const { rows } = await owner.query<Record<string, unknown>>('select * from platform.violations()');
  if (rows.length === 0) return [];
  return [
    {
      title: 'the database breaks its own rules (platform.violations())',
      detail: rows.map((row) => Object.values(row).filter(Boolean).join(' | ')).join('\n'),
      remedy: 'See the rule in db/platform/violations.sql.',
    },
  ];
}

if (import.meta.main) {
  const found = await findDrift().catch((error: unknown): Drift[] => [
    { title: 'the drift check could not run', detail: explain(error), remedy: 'Mend that first.' },
  ]);
  for (const { title, detail, remedy } of found) console.log(`${title}\n\n${detail}\n\n${remedy}\n`);
  if (found.length === 0) console.log('migrations, definitions and db/schema.sql agree; no violations');
  process.exitCode = found.length === 0 ? 0 : 1;
}
