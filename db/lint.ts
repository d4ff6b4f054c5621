import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../runtime/config.ts';
import { Failure } from '../runtime/failure.ts';
import { migrationsFolder } from './state.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** One way to look at migrations. It prints what it finds. */
interface LintPass {
  name: string;
  /** @returns whether it found nothing */
  run(paths: string[], config: Config): Promise<boolean>;
}

/** In this order: each runs whatever the one before has found. */
const passes: LintPass[] = [{ name: 'as they are written', run: (paths) => read(paths) }];

/**
 * npm run db lint [files]: every pass over the drafts in migrations/current, or over the files that are named. With --rules it prints what the
 * rules are.
 * @returns whether no pass found anything
 * @throws Failure lint_unavailable
 */
export async function lintMigrations(config: Config, given: string[]): Promise<boolean> {
  if (given.includes('--rules')) return read(['--rules']);
  const paths = given.length > 0 ? given : drafts();
  if (paths.length === 0) {
    console.log('There are no drafts in migrations/current. Name files to have them looked at.');
    return true;
  }
  let clean = true;
  for (const pass of passes) {
    if (passes.length > 1) console.log(`── ${pass.name}`);
    clean = (await pass.run(paths, config)) && clean;
  }
  return clean;
}

function drafts(): string[] {
  const folder = `${migrationsFolder}/current`;
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.sql')) : [];
  return names.map((name) => relative(root, join(folder, name)));
}

/** The rules of check/sql, in a process of their own: the parser is a devDependency, and no part of what is deployed. */
async function read(args: string[]): Promise<boolean> {
  const entry = join(root, 'check/sql/main.ts');
  if (!existsSync(entry) || !existsSync(join(root, 'node_modules/libpg-query'))) {
    throw new Failure(
      'lint_unavailable',
      'The linter is not part of what is deployed.',
      'Run it in a checkout, after npm ci.',
    );
  }
  const child = spawn(process.execPath, [entry, ...args], { stdio: 'inherit' });
  return await new Promise<boolean>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code === 0));
  });
}
