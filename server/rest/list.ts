import type { Pool } from 'pg';
import type { Caller } from '../database/context.ts';
import type { Sql } from '../database/one-sync.ts';
import { runStatement } from '../database/run.ts';
import { type Answer, type Asked, answer, keyOf, type PerformOptions, pageOf } from './asked.ts';
import type { Contract, Resource } from './contract.ts';
import { invalidCursor, type ListQuery, readListQuery } from './list-query.ts';
import type { Operation } from './operations.ts';
import { createPlans } from './plans.ts';
import { notFound, ProblemError } from './problem.ts';
import { planRows, type RowPlan } from './rows.ts';
import { listSql, wholeSql } from './sql.ts';

/** What a query comes to: the same for whoever sends it. */
interface Plan {
  readonly query: ListQuery;
  readonly rows: RowPlan;
  readonly sql: Sql;
}

/** Of lists without a cursor, which would be another each time. */
const plans = createPlans<Plan>();

function planned(resource: Resource, query: ListQuery): Plan {
  const rows = planRows(resource, query.selection);
  return { query, rows, sql: listSql(resource, query, rows, undefined) };
}

function planOf(contract: Contract, operation: Operation, { query: text, path }: Asked): Plan {
  const resource = operation.resource as Resource;
  const { parent } = operation;
  if (parent) {
    const above = keyOf(parent.resource, path);
    const fixed = [{ column: parent.reference.column, operator: 'eq', value: above }];
    const query = readListQuery(contract, resource, new URLSearchParams(text), fixed);
    return planned(resource, query);
  }
  const found = plans.find(operation, text);
  if (found) return found;
  const query = readListQuery(contract, resource, new URLSearchParams(text));
  const plan = planned(resource, query);
  if (query.cursor === undefined) plans.keep(operation, text, plan);
  return plan;
}

/** A page of a resource, or of what is beneath one. */
export async function list(
  { pool, cursors }: PerformOptions,
  contract: Contract,
  operation: Operation,
  asked: Asked,
): Promise<Answer> {
  const { caller, path } = asked;
  const { parent, permission } = operation;
  const { query, rows: plan, sql } = planOf(contract, operation, asked);
  const scope = caller.context.tenantId + query.scope;
  let { text, values } = sql;
  if (query.cursor !== undefined) {
    const after = cursors.open(scope, query.cursor);
    if (!after) throw new ProblemError(invalidCursor);
    ({ text, values } = listSql(operation.resource as Resource, query, plan, after));
  }
  const { rows } = await runStatement(pool, caller, text, values, true, permission);
  // Beneath what there is not, there is no empty list.
  if (parent && rows.length === 0)
    await requireParent(pool, caller, parent.resource, keyOf(parent.resource, path));
  const hasMore = rows.length > query.limit;
  if (hasMore) rows.length = query.limit;
  const last = rows.at(-1);
  const next = hasMore && last ? cursors.sign(scope, last.slice(plan.width) as (string | null)[]) : undefined;
  const json = pageOf(plan.write(rows), hasMore, next, '');
  return { ...answer(200, json), sparse: query.sparse };
}

async function requireParent(pool: Pool, caller: Caller, resource: Resource, key: string): Promise<void> {
  const { rows } = await runStatement(pool, caller, wholeSql(resource), [key], true);
  if (rows.length === 0) throw new ProblemError(notFound);
}
