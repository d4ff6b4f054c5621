import type { Pool } from 'pg';
import type { Keyring } from '../../runtime/sealing.ts';
import type { Caller } from '../database/context.ts';
import type { Resource } from './contract.ts';
import type { Cursors } from './cursor.ts';
import type { IdempotencyKey } from './idempotency.ts';
import { invalidParameters, notFound, type ProblemDetail, ProblemError } from './problem.ts';
import { valueProblem } from './values.ts';

/** What is answered where `fields` asks for a part: no property is sure to be there (RFC 6906). */
export const sparseType = 'application/json; profile="sparse"';

/** What is asked of an operation. */
export interface Asked {
  readonly caller: Caller;
  /** Values of the path, as they stand there, decoded. */
  readonly path: Readonly<Record<string, string | undefined>>;
  /** The query of the address, as it came. */
  readonly query: string;
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

/** An answer without more than its JSON. */
export const answer = (status: number, json: string | undefined): Answer => ({
  status,
  json,
  version: null,
  location: undefined,
  replayed: false,
});

/** A page of a list. `more`: what stands beside it, with a comma before. */
export const pageOf = (rows: string, hasMore: boolean, next: string | undefined, more: string): string =>
  `{"data":[${rows}],"has_more":${hasMore},"next_cursor":${next === undefined ? 'null' : `"${next}"`}${more}}`;

/** Where a resource is. */
export const locationOf = ({ name }: Resource, key: unknown): string =>
  `/v1/${name}/${encodeURIComponent(String(key))}`;

/** The key in the path. What can be no key is the key of nothing. */
export function keyOf(resource: Resource, path: Asked['path']): string {
  const [name = ''] = resource.key;
  const column = resource.columns.find((own) => own.name === name);
  const key = path[name] ?? '';
  if (!column || valueProblem(column, key)) throw new ProblemError(notFound);
  return key;
}

/** The parameters of these names; every other one is wrong. */
export function taken(
  query: string,
  names: readonly string[],
  errors: ProblemDetail[],
): Readonly<Record<string, string | undefined>> {
  const found: Record<string, string> = {};
  if (query === '') return found;
  for (const [name, value] of new URLSearchParams(query)) {
    if (!names.includes(name))
      errors.push({ parameter: name, code: 'unknown_parameter', detail: 'is no parameter here' });
    else if (name in found) errors.push({ parameter: name, code: 'repeated', detail: 'is given twice' });
    else found[name] = value;
  }
  return found;
}

/** Of an operation that takes none. @throws ProblemError */
export function refuseParameters({ query }: Asked): void {
  if (query === '') return;
  const errors: ProblemDetail[] = [];
  taken(query, [], errors);
  if (errors.length > 0) throw new ProblemError(invalidParameters(errors));
}
