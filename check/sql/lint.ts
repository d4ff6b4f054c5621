import type { Allowance } from './allowances.ts';
import { readAllowances } from './allowances.ts';
import { emptyCatalogue } from './catalogue.ts';
import { readCorpus } from './corpus.ts';
import { readDynamic, statementsOfText } from './dynamic.ts';
import type { Include } from './migration.ts';
import { readMigration, replay } from './migration.ts';
import type { Entry } from './routine.ts';
import { readHead, readRoutine } from './routine.ts';
import type { Finding, LintFile, Rule } from './rule.ts';
import * as access from './rules/access.ts';
import * as backfills from './rules/backfills.ts';
import * as constraints from './rules/constraints.ts';
import * as indexes from './rules/indexes.ts';
import * as locks from './rules/locks.ts';
import * as names from './rules/names.ts';
import * as phases from './rules/phases.ts';
import * as predicates from './rules/predicates.ts';
import * as rewrites from './rules/rewrites.ts';
import * as routines from './rules/routines.ts';
import * as statements from './rules/statements.ts';
import * as tenancy from './rules/tenancy.ts';
import type { Source } from './source.ts';
import { kindOf, readSource, SyntaxProblem, withoutPlaceholders } from './source.ts';

/**
 * Every rule, by subject. To add one: export it from a file of rules/, and give it test/check/sql/caught/<code>.sql and
 * passes/<code>.sql.
 */
export const subjects: { title: string; rules: Rule[] }[] = (
  [
    ['Phases', phases],
    ['Locks', locks],
    ['Indexes and transactions', indexes],
    ['Constraints', constraints],
    ['Rewrites', rewrites],
    ['Backfills', backfills],
    ['Tenancy', tenancy],
    ['Access', access],
    ['Predicates under row-level security', predicates],
    ['Functions', routines],
    ['Statements that no file holds', statements],
    ['Names and comments', names],
  ] as const
).map(([title, table]) => ({
  title,
  rules: Object.values<Rule>(table).sort((a, b) => (a.code < b.code ? -1 : 1)),
}));

export const rules: Rule[] = subjects.flatMap((subject) => subject.rules);

export interface Problem {
  path: string;
  line: number;
  code: string;
  message: string;
}

interface SqlFile {
  path: string;
  text: string;
}

export interface LintOptions {
  /** All when absent. */
  rules?: Rule[];
  /** Files that the others build on, and that are not reported themselves. */
  context?: SqlFile[];
  /** The migrations before, in their order: what the tables are that a draft changes. */
  history?: SqlFile[];
  /** The text of a file that a migration includes, by its path under db/. */
  include?: (path: string) => string | undefined;
  /** What another linter said, and all that it could say: excuses hold for it as well. */
  others?: { problems: Problem[]; codes: string[] };
}

/**
 * Lints SQL files together: some rules compare what one defines with what another uses. Migrations are taken in the order of the list.
 * `libpg-query` must be loaded. A comment "-- lint: allow <code>: <reason>" excuses the statement that follows it or, inside a body,
 * its own line and the next; one that excuses nothing is a problem itself.
 */
export function lint(files: SqlFile[], options: LintOptions = {}): Problem[] {
  const problems: Problem[] = [];
  const read = ({ path, text }: SqlFile): LintFile[] => {
    try {
      const source = readSource(path, text);
      return [{ source, entries: source.statements.map((statement) => readEntry(source, statement)) }];
    } catch (error) {
      if (!(error instanceof SyntaxProblem)) throw error;
      problems.push({ path, line: error.line, code: 'syntax', message: error.message });
      return [];
    }
  };
  const parsed = files.flatMap(read);
  const context = (options.context ?? []).flatMap(readContext);
  keepUnwritten([...parsed, ...context]);
  let catalogue = (options.history ?? []).reduce((before, { text }) => replay(before, text), emptyCatalogue);
  const include: Include = (path) => {
    const text = options.include?.(path);
    return text === undefined ? undefined : read({ path: `db/${path}`, text })[0];
  };
  for (const file of parsed) {
    if (file.source.kind !== 'migration') continue;
    file.migration = readMigration(file.source, file.entries, catalogue, include);
    catalogue = file.migration.after;
  }
  const corpus = readCorpus([...parsed, ...context], catalogue);
  const chosen = options.rules ?? rules;
  for (const file of parsed) {
    const found = chosen
      .filter((rule) => !rule.kinds || rule.kinds.includes(file.source.kind))
      .flatMap((rule) => [...rule.check(file, corpus)].map((finding) => ({ ...finding, code: rule.code })));
    const others = options.others?.problems.filter(({ path }) => path === file.source.path) ?? [];
    const known = new Set([...chosen.map(({ code }) => code), ...(options.others?.codes ?? [])]);
    problems.push(...excused(file.source, [...found, ...others], known));
  }
  return problems.sort((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1));
}

/** What a file is to others: its statements, and the heads of its functions. Three times as fast as to take it apart. */
function readContext({ path, text }: SqlFile): LintFile[] {
  const trees = statementsOfText(withoutPlaceholders(text));
  if (!trees) return [];
  const entries = trees.map((tree): Entry => {
    const statement = { tree, line: 1, last: 1, text: '' };
    const routine = 'CreateFunctionStmt' in tree ? readHead(statement, tree.CreateFunctionStmt) : undefined;
    return { statement, routine, units: [] };
  });
  const source: Source = { path, kind: kindOf(path), text, statements: [], tokens: [], lineAt: () => 1 };
  return [{ source, entries }];
}

/** Of the schema dump only the functions that no file writes. */
function keepUnwritten(files: LintFile[]): void {
  const written = new Set(
    files.flatMap(({ source, entries }) =>
      source.kind === 'generated' ? [] : entries.map((entry) => entry.routine?.name),
    ),
  );
  for (const file of files) {
    if (file.source.kind !== 'generated') continue;
    file.entries = file.entries.filter(({ routine, statement }) =>
      routine ? !written.has(routine.name) : 'CommentStmt' in statement.tree,
    );
  }
}

function readEntry(source: Source, statement: Source['statements'][number]): Entry {
  const routine = readRoutine(source, statement);
  const whole = { tree: { statement: statement.tree }, lineAt: source.lineAt };
  // A body that the parser has already taken in (begin atomic) stands in the statement's tree.
  const bodies = (routine?.units ?? []).filter((unit) => unit.lineAt !== source.lineAt);
  const dynamic = (routine?.dynamic ?? []).map((unit) => ({
    tree: { statements: readDynamic(unit.tree) },
    lineAt: () => unit.lineAt(0),
    dynamic: true,
  }));
  return { statement, routine, units: [whole, ...bodies, ...dynamic] };
}

/** What no excuse covers, and the excuses that give no reason or cover nothing. */
function excused(source: Source, found: (Finding & { code: string })[], known: Set<string>): Problem[] {
  const { path } = source;
  const allowances = readAllowances(source);
  const problems: Problem[] = [];
  for (const { line, code, message } of found) {
    const excuse = allowances.find((it) => it.code === code && line >= it.from && line <= it.to);
    if (excuse) excuse.used = true;
    else problems.push({ path, line, code, message });
  }
  for (const allowance of allowances) {
    const fault = faultOf(allowance, known);
    if (fault) {
      const message = `"allow ${allowance.code}" ${fault}`;
      problems.push({ path, line: allowance.line, code: 'lint-allow', message });
    }
  }
  return problems;
}

function faultOf(allowance: Allowance, known: Set<string>): string | undefined {
  if (!allowance.reason) return 'gives no reason';
  return allowance.used || !known.has(allowance.code) ? undefined : 'excuses nothing';
}
