import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModule } from 'libpg-query';
import { writeHandbook } from './handbook.ts';
import { lint, rules } from './lint.ts';
import { runSquawk, squawkRules } from './squawk.ts';

/*
 * node check/sql/main.ts [files]: our own rules (what a catalog check would find only after the fact, and what a serving database does
 * not bear), then squawk's. Without files: every definition in db/, the drafts in migrations/current, of db/schema.sql the functions that
 * declarations wrote, and whether docs/migration-lint.md is what the rules say. --rules prints that page.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const page = 'docs/migration-lint.md';
const read = (path: string) => ({ path, text: readFileSync(join(root, path), 'utf8') });

/** In the order in which graphile-migrate runs them. */
const migrations = [
  ...globSync('migrations/committed/*.sql', { cwd: root }).sort(),
  ...globSync('migrations/current/*.sql', { cwd: root }).sort((a, b) => draftNumber(a) - draftNumber(b)),
];

function draftNumber(path: string): number {
  return Number.parseInt(path.split('/').at(-1) ?? '', 10);
}

async function main(given: string[]): Promise<number> {
  const definitions = globSync('db/**/*.sql', { cwd: root }).sort();
  const drafts = migrations.filter((path) => path.startsWith('migrations/current/'));
  const named = given.map((path) => relative(root, resolve(path)));
  const chosen = named.length > 0 ? inOrder(named) : [...definitions, ...drafts];
  const first = migrations.findIndex((path) => chosen.includes(path));
  const before = first < 0 ? migrations : migrations.slice(0, first);

  await loadModule();
  const problems = lint(chosen.map(read), {
    context: definitions.filter((path) => !chosen.includes(path)).map(read),
    history: before.filter((path) => !chosen.includes(path)).map(read),
    include: (path) => (existsSync(join(root, 'db', path)) ? read(`db/${path}`).text : undefined),
    others: {
      problems: runSquawk(chosen.filter((path) => path !== 'db/schema.sql')),
      codes: squawkRules.map((rule) => rule.code),
    },
  });
  const explained = new Set<string>();
  for (const { path, line, code, message } of problems) {
    console.log(`${path}:${line}: ${code}: ${message.replaceAll('\n', ' ')}`);
    const rule = [...rules, ...squawkRules].find((candidate) => candidate.code === code);
    if (!rule || explained.has(code)) continue;
    explained.add(code);
    console.log(`    why:  ${rule.reason}`);
    if (rule.lock) console.log(`    lock: ${rule.lock}`);
    console.log(`    safe: ${rule.safe.replaceAll('\n', '\n          ')}`);
  }
  const stale = named.length === 0 && read(page).text !== writeHandbook();
  if (stale) console.log(`${page} is not what the rules say: npm run -s db -- lint --rules > ${page}`);
  console.log(
    `${chosen.length} files, ${rules.length} rules and ${squawkRules.length} of squawk's: ${problems.length} problems`,
  );
  return problems.length === 0 && !stale ? 0 : 1;
}

/** Migrations in the order in which they run, whatever the order of the arguments; files from elsewhere after them. */
function inOrder(paths: string[]): string[] {
  const place = (path: string): number =>
    migrations.includes(path) ? migrations.indexOf(path) : migrations.length;
  return [...paths].sort((a, b) => place(a) - place(b));
}

if (process.argv[2] === '--rules') process.stdout.write(writeHandbook());
else process.exitCode = await main(process.argv.slice(2));
