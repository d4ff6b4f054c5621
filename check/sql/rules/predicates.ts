import type { Node } from 'libpg-query';
import type { Catalogue } from '../catalogue.ts';
import type { Finding, Rule } from '../rule.ts';
import { findingAt } from '../rule.ts';
import { lastName, nameParts, relationName, walk } from '../walk.ts';

/**
 * Whether a comparison of the type tells nothing of its arguments, by an error for instance (pg_proc.proleakproof of "=" and "<" in
 * PostgreSQL 18). Under row-level security only such a condition may look at rows before the policy does, through an index.
 */
function isLeakproof(type: string): boolean {
  const name = type.replace(/\(.*$/, '');
  // a type of our own: an enum, a composite, a domain
  if (name.includes('.') || type.endsWith('[]')) return false;
  return !/^(numeric|decimal|json|jsonb|bytea|box|line|path|polygon|tsvector|tsquery|xml|\w+range)$/.test(
    name,
  );
}

const MANUAL = 'Row Security Policies, 5.9; Rules and Privileges, 39.5 (LEAKPROOF)';

export const notLeakproofIndex: Rule = {
  code: 'not-leakproof-index',
  reason:
    'The comparisons of enums, numeric, jsonb, bytea, arrays, ranges and tsvector are not leakproof: under row-level security the policy comes first, and the index is not used for them (100 to 200 times slower).',
  manual: MANUAL,
  safe: 'create index invoice_by_total on app.invoice (tenant_id, total);  -- bigint minor units; uuid, text, dates and times are leakproof too',
  kinds: ['migration'],
  *check(file) {
    for (const step of file.migration?.steps ?? []) {
      if (!('IndexStmt' in step.tree)) continue;
      const { relation, indexParams } = step.tree.IndexStmt;
      if (relation?.schemaname !== 'app') continue;
      for (const node of indexParams ?? []) {
        const column = 'IndexElem' in node ? (node.IndexElem.name ?? '') : '';
        const type = file.migration?.after.relations.get(relationName(relation))?.columns.get(column)?.type;
        if (type && !isLeakproof(type))
          yield findingAt(
            step,
            `${relationName(relation)}.${column} is ${type}: requests do not use the index for it`,
          );
      }
    }
  },
};

export const notLeakproofPredicate: Rule = {
  code: 'not-leakproof-predicate',
  reason:
    'A condition on an enum, numeric, jsonb, bytea, array or range, and LIKE, is not leakproof: under row-level security it is held against rows one by one, after the policy. In a function of app that is every row of the tenant.',
  manual: MANUAL,
  safe: "where i.total >= minimum  -- bigint; where n.status = 'open'  -- text with a state table",
  kinds: ['migration', 'definition'],
  *check(file, corpus) {
    for (const { routine, units } of file.entries) {
      if (!routine?.name.startsWith('app.')) continue;
      const found: Finding[] = [];
      for (const unit of units) {
        const look = (scope: unknown[], where: Node | undefined): void => {
          const tables = aliases(scope);
          walk(
            { where },
            {
              A_Expr: ({ kind, lexpr, rexpr, location }) => {
                for (const side of [lexpr, rexpr]) {
                  const column = side && columnOf(side, tables, corpus.catalogue);
                  if (!column || (isLeakproof(column.type) && !isPattern(kind))) continue;
                  const what = isPattern(kind) ? 'a pattern' : column.type;
                  found.push({
                    line: unit.lineAt(location),
                    message: `${routine.name} compares ${column.name} (${what})`,
                  });
                }
              },
            },
          );
        };
        walk(unit.tree, {
          SelectStmt: (it) => look([it.fromClause], it.whereClause),
          UpdateStmt: (it) => look([it.relation, it.fromClause], it.whereClause),
          DeleteStmt: (it) => look([it.relation, it.usingClause], it.whereClause),
        });
      }
      yield* found;
    }
  },
};

function isPattern(kind: string | undefined): boolean {
  return kind === 'AEXPR_LIKE' || kind === 'AEXPR_ILIKE' || kind === 'AEXPR_SIMILAR';
}

/** Table by the name that it has in a query. */
function aliases(scope: unknown[]): Map<string, string> {
  const found = new Map<string, string>();
  walk({ scope }, { RangeVar: (it) => found.set(it.alias?.aliasname ?? it.relname ?? '', relationName(it)) });
  return found;
}

function columnOf(
  node: Node,
  tables: Map<string, string>,
  catalogue: Catalogue,
): { name: string; type: string } | undefined {
  if (!('ColumnRef' in node)) return undefined;
  const parts = nameParts(node.ColumnRef.fields);
  const table = tables.get(parts.at(-2) ?? '') ?? '';
  const type = catalogue.relations.get(table)?.columns.get(lastName(node.ColumnRef.fields))?.type;
  return type && table.startsWith('app.') ? { name: parts.join('.'), type } : undefined;
}
