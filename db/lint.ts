import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../runtime/config.ts';
import { Failure } from '../runtime/failure.ts';
import { readArguments } from './cli/arguments.ts';
import { draftFiles, migrationsFolder } from './migration-files.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Asked {
  /** Absolute. */
  files: string[];
  /** With committed/, current/ and fixtures/. */
  folder: string;
  /** What the copy is populated with: small, full or a file. */
  profile: string;
}

/** One way to look at migrations. It prints what it finds, and says whether that was nothing. */
interface LintPass {
  name: string;
  run(asked: Asked, config: Config): Promise<boolean>;
}

/** In this order: each runs whatever the one before has found. */
const passes: LintPass[] = [
  { name: 'as they are written', run: ({ files }) => read(files.map((path) => relative(root, path))) },
  { name: 'as they run on a populated copy', run: observe },
];

/**
 * npm run db lint [files]: every pass over the drafts in migrations/current, or over the files that are named. With --static it only reads them; with
 * --rules it prints what the rules are.
 * @returns whether no pass found anything
 * @throws Failure usage, lint_unavailable; of lintDynamically
 */
export async function lintMigrations(config: Config, args: string[]): Promise<boolean> {
  const { values, positionals } = readArguments(args, known, usage);
  if (values.rules) return await read(['--rules']);
  const folder = values.migrations ? resolve(values.migrations) : migrationsFolder;
  const files = positionals.length > 0 ? positionals.map((path) => resolve(path)) : draftFiles(folder);
  if (files.length === 0) {
    console.log('There are no drafts in migrations/current. Name files to have them looked at.');
    return true;
  }
  let clean = true;
  for (const pass of values.static ? passes.slice(0, 1) : passes) {
    console.log(`── ${pass.name}`);
    clean = (await pass.run({ files, folder, profile: values.profile }, config)) && clean;
  }
  return clean;
}

const usage =
  'npm run db -- lint [--static] [--profile small|full|FILE] [--migrations FOLDER] [FILE …], or --rules.';

const known = {
  allowPositionals: true,
  options: {
    static: { type: 'boolean', default: false },
    rules: { type: 'boolean', default: false },
    profile: { type: 'string', default: 'small' },
    migrations: { type: 'string' },
  },
} as const;

/** Runs them on the schema before them, with the rows of the profile (db/rehearsal/rules.ts). */
async function observe({ files, folder, profile }: Asked, config: Config): Promise<boolean> {
  // Not of what is deployed either: it splits statements with the parser.
  const [{ lintDynamically }, { openPlace }, { readProfile }] = await Promise.all([
    import('./rehearsal/lint.ts'),
    import('./rehearsal/place.ts'),
    import('./rehearsal/profile.ts'),
  ]);
  const say = (line: string) => console.error(line);
  const place = await openPlace(config, say);
  try {
    const problems = await lintDynamically(files, { place, folder, profile: readProfile(profile), say });
    const explained = new Set<string>();
    for (const { path, line, code, message, reason, safe } of problems) {
      console.log(`${relative(root, path)}:${line}: ${code}: ${message}`);
      if (!explained.has(code)) console.log(`    why:  ${reason}\n    safe: ${safe}`);
      explained.add(code);
    }
    console.log(`${files.length} files were run: ${problems.length} problems`);
    return problems.length === 0;
  } finally {
    await place.close();
  }
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
