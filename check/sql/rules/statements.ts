import type { Node } from 'libpg-query';
import type { Finding, LintFile, Rule } from '../rule.ts';
import type { Tag, Visitors } from '../walk.ts';
import { walk } from '../walk.ts';

/** Statements that no file should hold, wherever they stand: at the top or in a function's body. */
function* occurrences(
  file: LintFile,
  tag: Tag,
  message: string,
  when: (node: never) => boolean = () => true,
): Generator<Finding> {
  for (const entry of file.entries) {
    const found: Finding[] = [];
    for (const unit of entry.units) {
      const visit = (node: Node): void => {
        if (when(node as never))
          found.push({ line: unit === entry.units[0] ? entry.statement.line : unit.lineAt(0), message });
      };
      walk(unit.tree, { [tag]: visit } as Visitors);
    }
    yield* found;
  }
}

export const enumType: Rule = {
  code: 'enum-type',
  reason:
    'The equality of enums is not leakproof: under row-level security an index on one is not used (100 to 200 times slower).',
  safe: 'text with a foreign key to a state table that carries the comment @enum',
  check: (file) => occurrences(file, 'CreateEnumStmt', 'an enum type'),
};

export const mergeStatement: Rule = {
  code: 'merge-statement',
  reason: 'MERGE has no ON CONFLICT: two at once fail or insert twice; and sharded PostgreSQL refuses it.',
  safe: 'insert ... on conflict (...) do update',
  check: (file) => occurrences(file, 'MergeStmt', 'a MERGE'),
};

export const truncateStatement: Rule = {
  code: 'truncate-statement',
  reason: 'TRUNCATE ignores row-level security and triggers, and locks everyone out.',
  safe: 'delete in batches, or drop a partition',
  check: (file) => occurrences(file, 'TruncateStmt', 'a TRUNCATE'),
};

export const materializedView: Rule = {
  code: 'materialized-view',
  reason: 'A materialized view has no row-level security: whoever reads it reads every tenant.',
  safe: 'a table of app with tenant_id that a trigger or a task keeps',
  check: (file) =>
    occurrences(
      file,
      'CreateTableAsStmt',
      'a materialized view',
      (node: { objtype?: string }) => node.objtype === 'OBJECT_MATVIEW',
    ),
};

export const unloggedTable: Rule = {
  code: 'unlogged-table',
  reason: 'An unlogged table is empty after a crash and on every replica.',
  safe: 'create table',
  check: (file) =>
    occurrences(
      file,
      'CreateStmt',
      'an unlogged table',
      (node: { relation?: { relpersistence?: string } }) => node.relation?.relpersistence === 'u',
    ),
};
