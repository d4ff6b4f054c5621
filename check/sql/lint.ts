import { readRoutine } from './routine.ts';
import type { Corpus, Entry, LintFile, Rule } from './rule.ts';
import * as access from './rules/access.ts';
import * as names from './rules/names.ts';
import * as routines from './rules/routines.ts';
import * as statements from './rules/statements.ts';
import * as tenancy from './rules/tenancy.ts';
import type { Source } from './source.ts';
import { readSource, SyntaxProblem } from './source.ts';
import { nameParts, relationName, stringConstant, walk } from './walk.ts';

/** Every rule. To add one: export it from a file of rules/, and give it test/check/sql/caught/<code>.sql and passes/<code>.sql. */
export const rules: Rule[] = [access, names, routines, statements, tenancy].flatMap((table): Rule[] =>
  Object.values(table),
);

export interface Problem {
  path: string;
  line: number;
  code: string;
  message: string;
}

/**
 * Lints SQL files together: some rules compare what one defines with what another uses. `libpg-query` must be loaded.
 * A comment "-- lint: allow <code>: <reason>" excuses the statement that follows it or, inside a body, its own line and the next;
 * one that excuses nothing is a problem itself.
 */
export function lint(files: { path: string; text: string }[], chosen: Rule[] = rules): Problem[] {
  const problems: Problem[] = [];
  const parsed: LintFile[] = [];
  for (const { path, text } of files) {
    try {
      const source = readSource(path, text);
      parsed.push({ source, entries: source.statements.map((statement) => readEntry(source, statement)) });
    } catch (error) {
      if (!(error instanceof SyntaxProblem)) throw error;
      problems.push({ path, line: error.line, code: 'syntax', message: error.message });
    }
  }
  const written = new Set(
    parsed.flatMap(({ source, entries }) =>
      source.kind === 'generated' ? [] : entries.map((entry) => entry.routine?.name),
    ),
  );
  for (const file of parsed) {
    if (file.source.kind !== 'generated') continue;
    file.entries = file.entries.filter(({ routine, statement }) =>
      routine ? !written.has(routine.name) : 'CommentStmt' in statement.tree,
    );
  }
  const corpus = readCorpus(parsed);
  for (const file of parsed) problems.push(...lintFile(file, corpus, chosen));
  return problems.sort((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1));
}

function readEntry(source: Source, statement: Source['statements'][number]): Entry {
  const routine = readRoutine(source, statement);
  const whole = { tree: { statement: statement.tree }, lineAt: source.lineAt };
  // A body that the parser has already taken in (begin atomic) stands in the statement's tree.
  const bodies = (routine?.units ?? []).filter((unit) => unit.lineAt !== source.lineAt);
  return { statement, routine, units: [whole, ...bodies] };
}

function lintFile(file: LintFile, corpus: Corpus, chosen: Rule[]): Problem[] {
  const allowances = readAllowances(file);
  const problems: Problem[] = [];
  for (const rule of chosen) {
    if (rule.kinds && !rule.kinds.includes(file.source.kind)) continue;
    for (const finding of rule.check(file, corpus)) {
      const excuse = allowances.find(
        (a) => a.code === rule.code && finding.line >= a.from && finding.line <= a.to,
      );
      if (excuse) excuse.used = true;
      else
        problems.push({
          path: file.source.path,
          line: finding.line,
          code: rule.code,
          message: finding.message,
        });
    }
  }
  for (const allowance of allowances) {
    const fault = !allowance.reason
      ? 'gives no reason'
      : allowance.used || !chosen.some((r) => r.code === allowance.code)
        ? ''
        : 'excuses nothing';
    if (fault)
      problems.push({
        path: file.source.path,
        line: allowance.line,
        code: 'lint-allow',
        message: `"allow ${allowance.code}" ${fault}`,
      });
  }
  return problems;
}

interface Allowance {
  code: string;
  reason: string;
  line: number;
  from: number;
  to: number;
  used: boolean;
}

function readAllowances(file: LintFile): Allowance[] {
  return file.source.text.split('\n').flatMap((text, index): Allowance[] => {
    const match = /--\s*lint:\s*allow\s+([\w-]+)\s*(?::\s*(.*))?$/.exec(text);
    if (!match) return [];
    const line = index + 1;
    const { statements } = file.source;
    const inside = statements.some((statement) => statement.line <= line && statement.last >= line);
    const next = statements.find((statement) => statement.line > line);
    const to = !inside && next ? next.last : line + 1;
    return [{ code: match[1] ?? '', reason: match[2] ?? '', line, from: line, to, used: false }];
  });
}

function readCorpus(files: LintFile[]): Corpus {
  const corpus: Corpus = {
    routines: new Map(),
    routineNames: new Set(),
    typeNames: new Set(),
    transitionTables: new Set(),
    commented: new Set(),
    errorCodes: new Set(),
  };
  const kinds: Record<string, string> = {
    OBJECT_TABLE: 'table',
    OBJECT_VIEW: 'view',
    OBJECT_FUNCTION: 'function',
  };
  for (const { source, entries } of files) {
    // also in dynamic SQL, which is text to the parser
    for (const match of source.text.matchAll(/\b(?:old|new)\s+table\s+as\s+(\w+)/gi))
      corpus.transitionTables.add(match[1] ?? '');
    for (const { statement, routine } of entries) {
      if (routine && routine.name !== 'do') {
        corpus.routines.set(routine.name, [...(corpus.routines.get(routine.name) ?? []), routine]);
        corpus.routineNames.add(routine.name.split('.').at(-1) ?? '');
      }
      walk(
        { statement: statement.tree },
        {
          CreateStmt: (table) => corpus.typeNames.add(table.relation?.relname ?? ''),
          ViewStmt: (view) => corpus.typeNames.add(view.view?.relname ?? ''),
          CreateDomainStmt: (domain) => corpus.typeNames.add(nameParts(domain.domainname).at(-1) ?? ''),
          CommentStmt: ({ objtype, object }) => {
            const kind = kinds[objtype ?? ''];
            if (!kind || !object) return;
            const name =
              'List' in object
                ? nameParts(object.List.items)
                : 'ObjectWithArgs' in object
                  ? nameParts(object.ObjectWithArgs.objname)
                  : [];
            corpus.commented.add(`${kind} ${name.join('.')}`);
          },
          InsertStmt: ({ relation, selectStmt }) => {
            if (relationName(relation) !== 'platform.error' || !selectStmt || !('SelectStmt' in selectStmt))
              return;
            for (const row of selectStmt.SelectStmt.valuesLists ?? []) {
              const first = 'List' in row ? stringConstant(row.List.items?.[0]) : undefined;
              if (first) corpus.errorCodes.add(first);
            }
          },
        },
      );
    }
  }
  return corpus;
}
