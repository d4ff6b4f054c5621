import type { Node } from 'libpg-query';
import type { Catalogue } from './catalogue.ts';
import { afterStatement, settle } from './catalogue.ts';
import { readDynamic, statementsOfText } from './dynamic.ts';
import type { Entry } from './routine.ts';
import type { Source } from './source.ts';
import { withoutPlaceholders } from './source.ts';
import { lastName, nameParts, stringConstant, walk } from './walk.ts';

/** A statement that a migration runs, wherever it stands. */
export interface Step {
  tree: Node;
  /** In the migration: of the statement, or of the --!include that brings it in. */
  line: number;
  /** "db/role/role.sql:12" when it was included. */
  from: string | undefined;
  /** What is there before it runs. */
  before: Catalogue;
  /** Set in a DO block, where `commits` says that it commits in between. */
  block: { loops: boolean; commits: boolean } | undefined;
}

/** A migration as it will run. */
export interface Migration {
  headers: ReadonlyMap<string, string>;
  phase: 'expand' | 'contract';
  /** False under "--! no-transaction", in the place where graphile-migrate sees it. */
  transaction: boolean;
  steps: Step[];
  /** Lines of EXECUTE whose text cannot be told. */
  opaque: { line: number; from: string | undefined }[];
  /** What is there when it has run. */
  after: Catalogue;
}

/** A file that a migration includes, taken apart. */
export type Include = (path: string) => { source: Source; entries: Entry[] } | undefined;

/**
 * Follows a migration statement by statement: through DO blocks, EXECUTE, platform.execute_as and included files.
 * @param before what the migrations before it leave behind
 */
export function readMigration(
  source: Source,
  entries: Entry[],
  before: Catalogue,
  include: Include,
): Migration {
  const { headers, body } = readHeaders(source.text);
  const migration: Migration = {
    headers,
    phase: headers.get('Phase') === 'contract' ? 'contract' : 'expand',
    // as graphile-migrate has it: the first line of what follows the headers
    transaction: !/^--!\s*no-transaction\b/.test(body),
    steps: [],
    opaque: [],
    after: settle(before),
  };
  follow(migration, { source, entries }, include, undefined);
  return migration;
}

/** The lines at the top of the form "--! Name: value"; the first other line ends them. */
function readHeaders(text: string): { headers: Map<string, string>; body: string } {
  const lines = text.split('\n');
  const headers = new Map<string, string>();
  let count = 0;
  for (const line of lines) {
    const match = /^--! ([A-Z][a-zA-Z0-9_]*)(?::(.*))?$/.exec(line);
    if (!match) break;
    headers.set(match[1] ?? '', (match[2] ?? '').trim());
    count += 1;
  }
  return { headers, body: lines.slice(count).join('\n').trim() };
}

/** Where a part of a migration comes from, as its findings are to say. */
interface Place {
  line: number;
  from: string | undefined;
}

function follow(
  migration: Migration,
  file: { source: Source; entries: Entry[] },
  include: Include,
  place: Place | undefined,
): void {
  const includes = [...file.source.text.matchAll(/^--!include\s+(\S+)\s*$/gm)].map((match) => ({
    path: match[1] ?? '',
    line: file.source.text.slice(0, match.index).split('\n').length,
  }));
  const at = (line: number): Place =>
    place ? { line: place.line, from: `${file.source.path}:${line}` } : { line, from: undefined };
  for (const entry of [...file.entries, undefined]) {
    while (includes[0] && (!entry || includes[0].line < entry.statement.line)) {
      const next = includes.shift();
      const included = next && include(next.path);
      if (included) follow(migration, included, include, { ...at(next.line) });
    }
    if (entry) runEntry(migration, entry, at);
  }
}

function runEntry(migration: Migration, entry: Entry, at: (line: number) => Place): void {
  const { tree, line } = entry.statement;
  run(migration, tree, at(line), undefined);
  if (!('DoStmt' in tree) || !entry.routine) return;
  const block = { loops: entry.routine.loops, commits: entry.routine.commits };
  for (const unit of entry.routine.units) {
    for (const raw of (unit.tree as { stmts?: { stmt?: Node }[] }).stmts ?? [])
      if (raw.stmt) run(migration, raw.stmt, at(unit.lineAt(0)), block);
  }
  for (const unit of entry.routine.dynamic) {
    const place = at(unit.lineAt(0));
    const statements = readDynamic(unit.tree);
    if (!statements) migration.opaque.push(place);
    for (const statement of statements ?? []) run(migration, statement, place, block);
  }
}

function run(migration: Migration, tree: Node, place: Place, block: Step['block']): void {
  migration.steps.push({ ...place, tree, block, before: migration.after });
  migration.after = afterStatement(migration.after, tree);
  for (const text of executedAs(tree))
    for (const statement of statementsOfText(text) ?? []) run(migration, statement, place, block);
}

/** The texts that platform.execute_as is given. */
function executedAs(tree: Node): string[] {
  const found: string[] = [];
  if (!('SelectStmt' in tree)) return found;
  walk(tree, {
    FuncCall: (call) => {
      const text = stringConstant(call.args?.[1]);
      if (nameParts(call.funcname).join('.') === 'platform.execute_as' && text) found.push(text);
    },
  });
  return found;
}

/** What platform.declare_entity and declare_record are called for. */
export function declaredBy(tree: Node): string[] {
  const found: string[] = [];
  if (!('SelectStmt' in tree)) return found;
  walk(tree, {
    FuncCall: (call) => {
      if (!['declare_entity', 'declare_record'].includes(lastName(call.funcname))) return;
      const first = call.args?.[0];
      const text = stringConstant(first && 'TypeCast' in first ? first.TypeCast.arg : first);
      if (text) found.push(text);
    },
  });
  return found;
}

/** What stands before the migrations to be looked at: the statements of those that ran before, without the definitions that they included. */
export function replay(before: Catalogue, text: string): Catalogue {
  const own = withoutPlaceholders(text)
    // definitions make no tables, and are most of the text: parsing takes 0.1 s instead of 1 s
    .replaceAll(/^--! Included (.*)$[\s\S]*?^--! EndIncluded \1$/gm, '');
  return (statementsOfText(own) ?? []).reduce(afterStatement, settle(before));
}
