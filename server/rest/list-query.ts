import type { Column, Contract, Resource } from './contract.ts';
import { invalidParameters, type ProblemDetail, ProblemError } from './problem.ts';
import { readSelection, type Selection } from './selection.ts';
import { valueProblem } from './values.ts';

/** Rows of a page when the request does not say, and at most: as in GraphQL. */
export const defaultLimit = 50;
export const maximumLimit = 100;

/** Values of one `[in]` at most. */
const maximumValues = 100;

/** Operators of filters in the address, and in SQL: `created_at[gte]=…`. */
export const operators: Readonly<Record<string, string>> = {
  eq: '=',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  in: '= any',
  null: 'is null',
};

export interface Filter {
  readonly column: string;
  readonly operator: string;
  readonly value: string | readonly string[];
}

/** What a request for a list asks for, checked against the contract. */
export interface ListQuery {
  readonly limit: number;
  readonly filters: readonly Filter[];
  readonly order: { readonly columns: readonly string[]; readonly descending: boolean };
  readonly selection: Selection;
  /** `fields` asks for a part. */
  readonly sparse: boolean;
  /** Where the page begins, as it came. */
  readonly cursor: string | undefined;
  /** What a cursor of this list is signed for, besides the tenant. */
  readonly scope: string;
}

/** Operators that a column takes: what an index serves. */
export function operatorsOf({ type, required, schema }: Column): readonly string[] {
  const listed = Array.isArray(schema.enum);
  const base = type === 'boolean' ? ['eq'] : ['eq', 'in'];
  const ranged = type !== 'boolean' && type !== 'uuid' && !listed ? ['gt', 'gte', 'lt', 'lte'] : [];
  return [...base, ...ranged, ...(required ? [] : ['null'])];
}

/** Orders of a resource: by `id`, latest first, unless another is asked for. */
export function ordersOf(resource: Resource): readonly string[] {
  const sortable = resource.columns.filter(({ sort }) => sort).map(({ name }) => name);
  return sortable.flatMap((name) => [`-${name}`, name]);
}

/** Ids are time-ordered (UUID version 7): the latest come first. Other keys come in their own order. */
export const defaultOrder = (resource: Resource): string =>
  resource.key[0] === 'id' ? '-id' : (resource.key[0] as string);

/**
 * Reads the parameters of a list. `fixed`: filters that the address itself says.
 * @throws ProblemError with all that is wrong
 */
export function readListQuery(
  contract: Contract,
  resource: Resource,
  parameters: URLSearchParams,
  fixed: readonly Filter[] = [],
): ListQuery {
  const errors: ProblemDetail[] = [];
  const filters: Filter[] = [...fixed];
  const seen = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (seen.has(name)) errors.push({ parameter: name, code: 'repeated', detail: 'is given twice' });
    seen.set(name, value);
    if (['limit', 'cursor', 'sort', 'fields', 'expand'].includes(name)) continue;
    const filter = readFilter(resource, name, value, errors);
    if (filter) filters.push(filter);
  }
  const limit = readLimit(seen.get('limit'), errors);
  const order = readOrder(resource, seen.get('sort'), errors);
  const selection = readSelection(contract, resource, seen.get('fields'), seen.get('expand'), errors);
  const scope = JSON.stringify([
    contract.version,
    resource.name,
    order,
    filters.map(({ column, operator, value }) => [column, operator, value]),
  ]);
  if (errors.length > 0) throw new ProblemError(invalidParameters(errors));
  return { limit, filters, order, selection, sparse: seen.has('fields'), cursor: seen.get('cursor'), scope };
}

/** A cursor that is none of this list. */
export const invalidCursor = invalidParameters([
  {
    parameter: 'cursor',
    code: 'invalid_cursor',
    detail:
      'is no cursor of this list: it was given for other filters or another order, or was changed. Begin without one',
  },
]);

/** Reads `limit`. What is wrong goes to `errors`. */
export function readLimit(text: string | undefined, errors: ProblemDetail[]): number {
  if (text === undefined) return defaultLimit;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= maximumLimit) return limit;
  errors.push({
    parameter: 'limit',
    code: 'out_of_range',
    detail: `is not a number from 1 to ${maximumLimit}`,
  });
  return defaultLimit;
}

function readOrder(
  resource: Resource,
  text: string | undefined,
  errors: ProblemDetail[],
): ListQuery['order'] {
  const asked = text ?? defaultOrder(resource);
  const offered = ordersOf(resource);
  if (!offered.includes(asked) && text !== undefined) {
    errors.push({ parameter: 'sort', code: 'unknown_order', detail: `is none of ${offered.join(', ')}` });
  }
  const descending = asked.startsWith('-');
  const first = descending ? asked.slice(1) : asked;
  // the key makes the order total
  return { columns: [first, ...resource.key.filter((name) => name !== first)], descending };
}

function readFilter(
  resource: Resource,
  name: string,
  text: string,
  errors: ProblemDetail[],
): Filter | undefined {
  const [, column = '', operator = 'eq'] = /^(\w+)(?:\[(\w+)\])?$/.exec(name) ?? [];
  const own = resource.columns.find((one) => one.name === column);
  const refuse = (code: string, detail: string): undefined => {
    errors.push({ parameter: name, code, detail });
  };
  if (!own?.filter) return refuse('unknown_parameter', `is no parameter of ${resource.name}`);
  if (!operatorsOf(own).includes(operator)) {
    return refuse('unknown_operator', `is no operator of ${column}: it takes ${operatorsOf(own).join(', ')}`);
  }
  if (operator === 'null') {
    if (text !== 'true' && text !== 'false') return refuse('invalid_value', 'is neither true nor false');
    return { column, operator, value: text };
  }
  const values = operator === 'in' ? text.split(',') : [text];
  if (values.length > maximumValues)
    return refuse('too_many_values', `has more than ${maximumValues} values`);
  for (const value of values) {
    const wrong = valueProblem(own, value);
    if (wrong) return refuse('invalid_value', wrong);
  }
  return { column, operator, value: operator === 'in' ? values : text };
}
