import { runStatement } from '../database/run.ts';
import {
  type Answer,
  type Asked,
  answer,
  locationOf,
  type PerformOptions,
  pageOf,
  refuseParameters,
  taken,
} from './asked.ts';
import type { Contract } from './contract.ts';
import { runOnce } from './idempotency.ts';
import { readLimit } from './list-query.ts';
import { creates, type Operation } from './operations.ts';
import { invalidParameters, notFound, type ProblemDetail, ProblemError } from './problem.ts';
import { bodyArguments, expectedVersion, isMadeByServer } from './schemas.ts';
import { openSecrets, sealArguments, showsSecret } from './secrets.ts';
import { callSql } from './sql.ts';
import { valueProblem } from './values.ts';

/** Calls a function of the contract. */
export async function call(options: PerformOptions, operation: Operation, asked: Asked): Promise<Answer> {
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
export async function page(
  { pool, cursors }: PerformOptions,
  contract: Contract,
  operation: Operation,
  asked: Asked,
): Promise<Answer> {
  const { called } = operation;
  if (!called) throw new Error(`operation ${operation.id} calls nothing`);
  const { caller } = asked;
  const scope = JSON.stringify([caller.context.tenantId, contract.version, called.name]);
  const errors: ProblemDetail[] = [];
  const rest = new URLSearchParams(asked.query);
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
  const given = argumentsOf(operation, { ...asked, query: rest.toString() }, errors);
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
  if (method === 'GET') readQuery(called ? bodyArguments(called) : [], asked.query, given, errors);
  else refuseParameters(asked);
  if (errors.length > 0) throw new ProblemError(invalidParameters(errors));
  // null says what is not said: the default of the argument stands
  for (const [name, value] of Object.entries(asked.body ?? {})) if (value !== null) given.set(name, value);
  return given;
}

function readQuery(
  own: ReturnType<typeof bodyArguments>,
  query: string,
  given: Map<string, unknown>,
  errors: ProblemDetail[],
): void {
  const found = taken(
    query,
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
