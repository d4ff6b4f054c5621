import type { Pool } from 'pg';
import type { Keyring } from '../../runtime/sealing.ts';
import type { Caller } from '../database/context.ts';
import type { Sql } from '../database/one-sync.ts';
import { runStatement } from '../database/run.ts';
import type { Contract, Resource } from './contract.ts';
import type { Cursors } from './cursor.ts';
import { type IdempotencyKey, runOnce } from './idempotency.ts';
import { readLimit, readListQuery } from './list-query.ts';
import { creates, type Operation } from './operations.ts';
import { invalidParameters, notFound, type ProblemDetail, ProblemError } from './problem.ts';
import { bodyArguments, expectedVersion, isMadeByServer } from './schemas.ts';
import { openSecrets, sealArguments, showsSecret } from './secrets.ts';
import { readSelection } from './selection.ts';
import { callSql, insertSql, itemSql, listSql, unchangedSql, updateSql } from './sql.ts';
import { valueProblem } from './values.ts';

/** What is answered where `fields` asks for a part: no property is sure to be there (RFC 6906). */
export const sparseType = 'application/json; profile="sparse"';

/** What is asked of an operation. */
export interface Asked {
  readonly caller: Caller;
  /** Values of the path, as they stand there, decoded. */
  readonly path: Readonly<Record<string, string | undefined>>;
  readonly parameters: URLSearchParams;
  /** The body, checked against the operation's schema; undefined when there is none. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
  /** The version that If-Match expects. */
  readonly version: string | undefined;
  readonly idempotency: IdempotencyKey | undefined;
}

/** What is answered: JSON that PostgreSQL made. */
export interface Answer {
  readonly status: number;
  readonly json: string | undefined;
  /** Of the resource, for its ETag; null when it has none. */
  readonly version: unknown;
  /** Of what was made. */
  readonly location: string | undefined;
  /** It is that of an earlier request with the same idempotency key. */
  readonly replayed: boolean;
  /** Not all fields are there, because `fields` asked for some. */
  readonly sparse?: boolean;
}

export interface PerformOptions {
  readonly pool: Pool;
  readonly cursors: Cursors;
  readonly keyring: Keyring;
}

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

const answer = (status: number, json: string | undefined): Answer => ({
  status,
  json,
  version: null,
  location: undefined,
  replayed: false,
});

async function list(
  { pool, cursors }: PerformOptions,
  contract: Contract,
  operation: Operation,
  asked: Asked,
): Promise<Answer> {
  const { caller, parameters, path } = asked;
  const { parent, permission } = operation;
  const resource = operation.resource as Resource;
  const above = parent && keyOf(parent.resource, path);
  const fixed = parent ? [{ column: parent.reference.column, operator: 'eq', value: above as string }] : [];
  const query = readListQuery(contract, resource, parameters, cursors, caller.context.tenantId, fixed);
  const { text, values } = listSql(resource, query);
  const { rows } = await runStatement(pool, caller, text, values, true, permission);
  // Beneath what there is not, there is no empty list.
  if (parent && rows.length === 0) await requireParent(pool, caller, parent.resource, above as string);
  const hasMore = rows.length > query.limit;
  if (hasMore) rows.length = query.limit;
  const last = rows.at(-1);
  const next = hasMore && last ? cursors.sign(query.scope, last.slice(1) as (string | null)[]) : undefined;
  const json = pageOf(rows.map(([row]) => row).join(','), hasMore, next, '');
  return { ...answer(200, json), sparse: parameters.has('fields') };
}

const pageOf = (rows: string, hasMore: boolean, next: string | undefined, more: string): string =>
  `{"data":[${rows}],"has_more":${hasMore},"next_cursor":${next === undefined ? 'null' : `"${next}"`}${more}}`;

async function requireParent(pool: Pool, caller: Caller, resource: Resource, key: string): Promise<void> {
  const whole = { columns: [], expanded: new Map(), whole: true };
  const { text, values } = itemSql(resource, whole, key);
  const { rows } = await runStatement(pool, caller, text, values, true);
  if (rows.length === 0) throw new ProblemError(notFound);
}

/** The key in the path. What can be no key is the key of nothing. */
function keyOf(resource: Resource, path: Asked['path']): string {
  const [name = ''] = resource.key;
  const column = resource.columns.find((own) => own.name === name);
  const key = path[name] ?? '';
  if (!column || valueProblem(column, key)) throw new ProblemError(notFound);
  return key;
}

async function get(
  { pool }: PerformOptions,
  contract: Contract,
  operation: Operation,
  asked: Asked,
): Promise<Answer> {
  const resource = operation.resource as Resource;
  const errors: ProblemDetail[] = [];
  const { fields, expand } = taken(asked.parameters, ['fields', 'expand'], errors);
  const selection = readSelection(contract, resource, fields, expand, errors);
  if (errors.length > 0) throw new ProblemError(invalidParameters(errors));
  const { text, values } = itemSql(resource, selection, keyOf(resource, asked.path));
  const { rows } = await runStatement(pool, asked.caller, text, values, true, operation.permission);
  const [row] = rows;
  if (!row) throw new ProblemError(notFound);
  // What is expanded changes without this version.
  const version = selection.expanded.size > 0 ? null : row[1];
  return { ...answer(200, String(row[0])), version, sparse: fields !== undefined };
}

/** The parameters of these names; every other one is wrong. */
function taken(
  parameters: URLSearchParams,
  names: readonly string[],
  errors: ProblemDetail[],
): Readonly<Record<string, string | undefined>> {
  const found: Record<string, string> = {};
  for (const [name, value] of parameters) {
    if (!names.includes(name))
      errors.push({ parameter: name, code: 'unknown_parameter', detail: 'is no parameter here' });
    else if (name in found) errors.push({ parameter: name, code: 'repeated', detail: 'is given twice' });
    else found[name] = value;
  }
  return found;
}

function refuseParameters({ parameters }: Asked): void {
  const errors: ProblemDetail[] = [];
  taken(parameters, [], errors);
  if (errors.length > 0) throw new ProblemError(invalidParameters(errors));
}

async function write({ pool }: PerformOptions, operation: Operation, asked: Asked): Promise<Answer> {
  refuseParameters(asked);
  const resource = operation.resource as Resource;
  const { caller, body = {}, version } = asked;
  const key = operation.kind === 'update' ? keyOf(resource, asked.path) : undefined;
  let sql: Sql;
  if (key === undefined) sql = insertSql(resource, body);
  else if (Object.keys(body).length === 0 && version === undefined) sql = unchangedSql(resource, key);
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

const locationOf = ({ name }: Resource, key: unknown): string =>
  `/v1/${name}/${encodeURIComponent(String(key))}`;

async function call(options: PerformOptions, operation: Operation, asked: Asked): Promise<Answer> {
  const { called, resource } = operation;
  if (!called) throw new Error(`operation ${operation.id} calls nothing`);
  const given = argumentsOf(operation, asked);
  sealArguments(options.keyring, called, given);
  const sql = callSql(called, given, resource);
  const { pool } = options;
  const { caller, idempotency } = asked;
  const { rows, replayed } = called.reads
    ? { ...(await runStatement(pool, caller, sql.text, sql.values, true, null)), replayed: false }
    : await runOnce(pool, caller, sql, null, idempotency, showsSecret(called));
  const [row] = rows;
  // A row of nulls is what a function returns that found none.
  if (!row || row[0] === null) throw new ProblemError(notFound);
  if (operation.method === 'DELETE') return { ...answer(204, undefined), replayed };
  const json = openSecrets(options.keyring, called, String(row[0]));
  if (!resource) return { ...answer(200, json), replayed };
  const made = creates(operation);
  return {
    status: made ? 201 : 200,
    json,
    version: row[1],
    location: made ? locationOf(resource, row[2]) : undefined,
    replayed,
  };
}

/** A page that a function makes. Its cursor holds a key, good for ever; it is signed all the same, so that all cursors are alike. */
async function page(
  { pool, cursors }: PerformOptions,
  contract: Contract,
  operation: Operation,
  asked: Asked,
): Promise<Answer> {
  const { called } = operation;
  if (!called) throw new Error(`operation ${operation.id} calls nothing`);
  const { caller, parameters } = asked;
  const scope = JSON.stringify([caller.context.tenantId, contract.version, called.name]);
  const errors: ProblemDetail[] = [];
  const rest = new URLSearchParams(parameters);
  const limit = readLimit(rest.get('limit') ?? undefined, errors);
  const cursor = rest.get('cursor');
  const place = cursor === null ? undefined : cursors.open(scope, cursor);
  if (cursor !== null && !place)
    errors.push({
      parameter: 'cursor',
      code: 'invalid_cursor',
      detail: 'is no cursor of this list, or was changed',
    });
  rest.delete('limit');
  rest.delete('cursor');
  const given = argumentsOf(operation, { ...asked, parameters: rest }, errors);
  given.set('limit', limit);
  if (place?.[0]) given.set('after', place[0]);
  const { text, values } = callSql(called, given, operation.resource);
  const { rows } = await runStatement(pool, caller, text, values, true, operation.permission);
  const [data, hasMore, next, also] = rows[0] ?? [];
  const json = String(data ?? '[]');
  const more = String(also ?? '{}').slice(1, -1);
  return answer(
    200,
    pageOf(
      json.slice(1, -1),
      hasMore === true,
      typeof next === 'string' ? cursors.sign(scope, [next]) : undefined,
      more && `,${more}`,
    ),
  );
}

/** The arguments of a call: of the path, the body or the query, and If-Match. @throws ProblemError */
function argumentsOf(
  { called, method, path }: Operation,
  asked: Asked,
  errors: ProblemDetail[] = [],
): Map<string, unknown> {
  const given = new Map<string, unknown>();
  const own = called?.arguments ?? [];
  for (const { name, type, schema } of own) {
    if (isMadeByServer(type)) given.set(name, undefined);
    if (!path.includes(`{${name}}`)) continue;
    const value = asked.path[name] ?? '';
    if (valueProblem({ type, schema }, value)) throw new ProblemError(notFound);
    given.set(name, value);
  }
  if (asked.version !== undefined) given.set(expectedVersion, asked.version);
  if (method === 'GET') readQuery(called ? bodyArguments(called) : [], asked.parameters, given, errors);
  else refuseParameters(asked);
  if (errors.length > 0) throw new ProblemError(invalidParameters(errors));
  // null says what is not said: the default of the argument stands
  for (const [name, value] of Object.entries(asked.body ?? {})) if (value !== null) given.set(name, value);
  return given;
}

function readQuery(
  own: ReturnType<typeof bodyArguments>,
  parameters: URLSearchParams,
  given: Map<string, unknown>,
  errors: ProblemDetail[],
): void {
  const found = taken(
    parameters,
    own.map(({ name }) => name).filter((name) => name !== 'after' && name !== 'limit'),
    errors,
  );
  for (const { name, type, schema } of own) {
    const text = found[name];
    if (text === undefined) continue;
    const values = type.endsWith('[]') ? text.split(',') : [text];
    for (const value of values) {
      const wrong = valueProblem(
        { type: type.replace('[]', ''), schema: type.endsWith('[]') ? {} : schema },
        value,
      );
      if (wrong) errors.push({ parameter: name, code: 'invalid_value', detail: wrong });
    }
    given.set(name, type.endsWith('[]') ? values : text);
  }
}
