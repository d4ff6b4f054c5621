import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { loadModule } from 'libpg-query';
import { lint, rules } from './lint.ts';

/*
 * npm run lint:sql [files]: our own rules (design rules that a catalog check would find only after the fact), then squawk's for
 * what locks or rewrites a table. Without arguments: every definition in db/, the drafts in migrations/current, and of db/schema.sql
 * the functions that declarations wrote.
 */
const given = process.argv.slice(2);
const paths = (given.length > 0 ? given : globSync(['db/**/*.sql', 'migrations/current/*.sql'])).sort();
const writtenByHand = paths.filter((path) => path !== 'db/schema.sql');

await loadModule();
const problems = lint(paths.map((path) => ({ path, text: readFileSync(path, 'utf8') })));
const explained = new Set<string>();
for (const { path, line, code, message } of problems) {
  console.log(`${path}:${line}: ${code}: ${message}`);
  const rule = rules.find((candidate) => candidate.code === code);
  if (!rule || explained.has(code)) continue;
  explained.add(code);
  console.log(`    why:  ${rule.reason}\n    safe: ${rule.safe}`);
}
const squawk = spawnSync('squawk', ['--reporter', 'gcc', ...writtenByHand], { encoding: 'utf8' });
if (squawk.error) throw new Error(`squawk did not start: ${squawk.error.message}. Run npm ci.`);
if (squawk.status !== 0) console.log(squawk.stdout.trimEnd(), squawk.stderr.trimEnd());
console.log(
  `${paths.length} files, ${rules.length} rules and squawk: ${problems.length} problems${squawk.status === 0 ? '' : ', and what squawk said'}`,
);
process.exitCode = problems.length === 0 && squawk.status === 0 ? 0 : 1;
