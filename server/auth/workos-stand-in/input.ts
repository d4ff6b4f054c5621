import type { Request } from 'express';
import * as z from 'zod';
import { invalid } from './errors.ts';

/**
 * Reads input by a schema.
 * @throws ApiError 422 with one error a field: `<field>_required` when it is missing, `<field>_invalid` otherwise
 */
export function parse<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  throw invalid(
    ...result.error.issues.map((issue) => {
      const field = issue.path.join('.') || 'body';
      const missing = issue.code === 'invalid_type' && issue.message.endsWith('undefined');
      return { code: `${field}_${missing ? 'required' : 'invalid'}`, message: issue.message, field };
    }),
  );
}

/** A parameter of the query as one text; of a repeated one the last counts; an empty one is none. */
export function queryOf(request: Request, name: string): string | undefined {
  const value = request.query[name];
  const text = Array.isArray(value) ? value.at(-1) : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** A parameter that is a list: `a=1&a=2`, `a[]=1`, or `a=1,2` as the SDK writes it. Absent: undefined. */
export function queryList(request: Request, name: string): string[] | undefined {
  const values = [request.query[name], request.query[`${name}[]`]]
    .flat()
    .filter((value) => value !== undefined);
  const items = values.flatMap((value) => String(value).split(',')).filter((item) => item !== '');
  return items.length > 0 ? items : undefined;
}

/** A segment of the path. */
export const pathOf = (request: Request, name: string): string => String(request.params[name]);

export const text = z.string().trim().min(1);
export const email = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[^\s@]+@[^\s@]+$/);
export const domain = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
export const metadata = z.record(z.string(), z.string().nullable());

/** What a change to metadata makes of it: the keys are merged, and null removes one. */
export function mergeMetadata(
  old: Record<string, string>,
  changes: Record<string, string | null>,
): Record<string, string> {
  const merged = Object.entries({ ...old, ...changes });
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
}
