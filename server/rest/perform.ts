import type { Sql } from '../database/one-sync.ts';
import { runStatement } from '../database/run.ts';
import {
  type Answer,
  type Asked,
  answer,
  keyOf,
  locationOf,
  type PerformOptions,
  refuseParameters,
  taken,
} from './asked.ts';
import { call, page } from './call.ts';
import type { Contract, Resource } from './contract.ts';
import { runOnce } from './idempotency.ts';
import { list } from './list.ts';
import type { Operation } from './operations.ts';
import { createPlans } from './plans.ts';
import { invalidParameters, notFound, type ProblemDetail, ProblemError } from './problem.ts';
import { planRows, type RowPlan } from './rows.ts';
import { readSelection } from './selection.ts';
import { insertSql, partSql, updateSql, wholeSql } from './sql.ts';

/**
 * Does what an operation says, as the caller. Everything about one resource is known from the contract alone.
 * @throws ProblemError, and what runStatement rejects with
 */
export function perform(
  options: PerformOptions,
  contract: Contract,
  operation: Operation,
  asked: Asked,
): Promise<Answer> {
  switch (operation.kind) {
    case 'list':
      return list(options, contract, operation, asked);
    case 'get':
      return get(options, contract, operation, asked);
    case 'create':
    case 'update':
      return write(options, operation, asked);
    case 'download':
      throw new Error(`${operation.id} is answered elsewhere`);
    case 'call':
      return operation.called?.returns.page
        ? page(options, contract, operation, asked)
        : call(options, operation, asked);
  }
}

/** What the query of a single resource comes to. */
interface ItemPlan {
  readonly text: string;
  /** Of a part; the whole is JSON already. */
  readonly rows: RowPlan | undefined;
  readonly sparse: boolean;
  readonly expands: boolean;
}

const plans = createPlans<ItemPlan>();

function planOf(contract: Contract, operation: Operation, query: string): ItemPlan {
  const found = plans.find(operation, query);
  if (found) return found;
  const resource = operation.resource as Resource;
  const errors: ProblemDetail[] = [];
  const { fields, expand } = taken(query, ['fields', 'expand'], errors);
  const selection = readSelection(contract, resource, fields, expand, errors);
  if (errors.length > 0) throw new ProblemError(invalidParameters(errors));
  const rows = selection.whole ? undefined : planRows(resource, selection);
  const text = rows ? partSql(resource, rows) : wholeSql(resource);
  const plan = { text, rows, sparse: fields !== undefined, expands: selection.expanded.size > 0 };
  plans.keep(operation, query, plan);
  return plan;
}

async function get(
  { pool }: PerformOptions,
  contract: Contract,
  operation: Operation,
  asked: Asked,
): Promise<Answer> {
  const { text, rows: part, sparse, expands } = planOf(contract, operation, asked.query);
  const key = keyOf(operation.resource as Resource, asked.path);
  const { rows } = await runStatement(pool, asked.caller, text, [key], true, operation.permission);
  const [row] = rows;
  if (!row) throw new ProblemError(notFound);
  // What is expanded changes without this version.
  const json = part ? part.write([row]) : String(row[0]);
  return { ...answer(200, json), version: expands ? null : row[part?.width ?? 1], sparse };
}

async function write({ pool }: PerformOptions, operation: Operation, asked: Asked): Promise<Answer> {
  refuseParameters(asked);
  const resource = operation.resource as Resource;
  const { caller, body = {}, version } = asked;
  const key = operation.kind === 'update' ? keyOf(resource, asked.path) : undefined;
  let sql: Sql;
  if (key === undefined) sql = insertSql(resource, body);
  else if (Object.keys(body).length === 0 && version === undefined)
    sql = { text: wholeSql(resource), values: [key] };
  else sql = updateSql(resource, key, body, version);
  const { rows, replayed } = await runOnce(pool, caller, sql, operation.permission, asked.idempotency, false);
  const [row] = rows;
  if (!row) throw new ProblemError(notFound);
  return {
    status: key === undefined ? 201 : 200,
    json: String(row[0]),
    version: row[1],
    location: key === undefined ? locationOf(resource, row[2]) : undefined,
    replayed,
  };
}
