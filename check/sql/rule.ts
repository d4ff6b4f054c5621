import type { Node, RangeVar } from 'libpg-query';
import type { Catalogue } from './catalogue.ts';
import type { Migration, Step } from './migration.ts';
import type { Entry, Routine } from './routine.ts';
import type { Source, SourceKind } from './source.ts';

/** A file as the rules see it. */
export interface LintFile {
  source: Source;
  entries: Entry[];
  /** Set when the file is a migration. */
  migration?: Migration;
}

/** What all the files define together, for rules that one file cannot answer. */
export interface Corpus {
  /** Routines by schema.name; overloads share an entry. */
  routines: Map<string, Routine[]>;
  /** Last part of the names of our routines, and of our tables, views and types. */
  routineNames: Set<string>;
  typeNames: Set<string>;
  /** Names that triggers give their transition tables. */
  transitionTables: Set<string>;
  /** "function app.archive_project", "table app.project": what some COMMENT ON describes. */
  commented: Set<string>;
  /** SQLSTATEs of platform.error; empty when no file fills it. */
  errorCodes: Set<string>;
  /** What every migration together leaves behind. */
  catalogue: Catalogue;
}

export interface Finding {
  line: number;
  message: string;
}

/** One rule. `reason` says what goes wrong, `safe` what to write instead: both are printed with the first finding. */
export interface Rule {
  code: string;
  reason: string;
  safe: string;
  /** The lock that is at stake, by PostgreSQL's name. */
  lock?: string;
  /** Where PostgreSQL's manual says so: page and section. */
  manual?: string;
  /** Which files it is for; all when absent. */
  kinds?: SourceKind[];
  check(file: LintFile, corpus: Corpus): Iterable<Finding>;
}

/** A finding at a step of a migration; one in an included file says where. */
export function findingAt(step: Pick<Step, 'line' | 'from'>, message: string): Finding {
  return { line: step.line, message: step.from ? `${message} (${step.from})` : message };
}

/** State tables hold the legal values of a column; they are the same for every tenant. */
export function isTenantTable(relation: RangeVar | undefined): boolean {
  return relation?.schemaname === 'app' && !relation.relname?.endsWith('_status');
}

/** Every statement of one kind with its line: for rules about whole statements. */
export function* statementsOf<T extends string>(
  file: LintFile,
  tag: T,
): Generator<{ body: Extract<Node, Record<T, unknown>>[T]; line: number; entry: Entry }> {
  for (const entry of file.entries) {
    const tree = entry.statement.tree as Record<string, unknown>;
    if (tag in tree) {
      yield { body: tree[tag] as Extract<Node, Record<T, unknown>>[T], line: entry.statement.line, entry };
    }
  }
}
