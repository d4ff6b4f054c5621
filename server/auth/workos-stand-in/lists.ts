import type { Request } from 'express';
import { invalid } from './errors.ts';
import { queryOf } from './input.ts';

export interface List {
  object: 'list';
  data: object[];
  /** Ids to go on from, null at the ends of the list. */
  list_metadata: { before: string | null; after: string | null };
}

/**
 * One page of a list as the query asks for it: `limit` (1 to 100, default 10), `order` (default desc), and `after` or `before` an
 * id, exclusive.
 * @param rows all that match, oldest first
 * @throws ApiError 422 for a limit, an order or a cursor that is none
 */
export function listOf<T extends { id: string }>(
  request: Request,
  rows: Iterable<T>,
  wire: (row: T) => object,
): List {
  const limit = limitOf(request);
  const all = orderOf(request, 'desc') === 'asc' ? [...rows] : [...rows].reverse();
  const after = cursor(request, all, 'after');
  const before = cursor(request, all, 'before');
  const from = after !== undefined ? after + 1 : before !== undefined ? Math.max(0, before - limit) : 0;
  const to = Math.min(before ?? all.length, from + limit);
  const data = all.slice(from, to);
  return {
    object: 'list',
    data: data.map(wire),
    list_metadata: {
      before: from > 0 ? (data[0]?.id ?? null) : null,
      after: to < all.length ? (data.at(-1)?.id ?? null) : null,
    },
  };
}

/** @throws ApiError 422 when it is none of 1 to 100 */
export function limitOf(request: Request): number {
  const limit = Number(queryOf(request, 'limit') ?? 10);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw invalid({ code: 'limit_invalid', message: 'a whole number from 1 to 100', field: 'limit' });
  return limit;
}

/** WorkOS calls "normal" what is descending, too. */
export function orderOf(request: Request, otherwise: 'asc' | 'desc'): 'asc' | 'desc' {
  const order = queryOf(request, 'order') ?? otherwise;
  if (order === 'asc') return 'asc';
  if (order === 'desc' || order === 'normal') return 'desc';
  throw invalid({ code: 'order_invalid', message: 'asc or desc', field: 'order' });
}

function cursor(request: Request, all: { id: string }[], name: 'after' | 'before'): number | undefined {
  const id = queryOf(request, name);
  if (id === undefined) return undefined;
  const at = all.findIndex((row) => row.id === id);
  if (at < 0)
    throw invalid({ code: `${name}_invalid`, message: `there is no '${id}' in this list`, field: name });
  return at;
}
