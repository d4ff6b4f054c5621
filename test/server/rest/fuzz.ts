import fc, { type Arbitrary } from 'fast-check';
import type { OpenApiDocument } from '../../../server/rest/openapi/document.ts';

/* Requests made from the OpenAPI document: what it says is valid, and what it does not. */

type Schema = Record<string, unknown>;

export interface FuzzOperation {
  readonly method: string;
  readonly template: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
}

export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

/** All operations of the document, with what they refer to put in place. */
export function operationsIn(document: OpenApiDocument): FuzzOperation[] {
  const resolve = <T>(value: T & { $ref?: string }): T =>
    value.$ref
      ? (value.$ref
          .slice(2)
          .split('/')
          // biome-ignore lint/suspicious/noExplicitAny: a path into JSON.
          .reduce((at: any, key) => at[key], document) as T)
      : value;
  return Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, value]) => {
      const operation = value as {
        parameters?: Parameter[];
        requestBody?: { content: Record<string, { schema: Schema }> };
      };
      return {
        method: method.toUpperCase(),
        template,
        parameters: (operation.parameters ?? []).map((parameter) => resolve(parameter)),
        body: operation.requestBody?.content['application/json']?.schema,
      };
    }),
  );
}

/** Texts that have broken something somewhere. */
const nasty = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    "'",
    '"',
    '\\',
    '%',
    '%00',
    '%zz',
    '../..',
    "' or 1=1 --",
    '$1',
    '{}',
    'null',
    'undefined',
    '-1',
    '0',
    '1e400',
    '\ud800',
    'ﷺ',
    '9223372036854775808',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999999Z',
    '2026-02-30',
    '00000000-0000-0000-0000-000000000000',
    '__proto__',
    'a'.repeat(3_000),
  ),
);

const anything = fc.oneof(nasty, fc.jsonValue({ maxDepth: 2 }), fc.double(), fc.bigInt().map(Number));

/** Values that a schema allows, of the kinds that the document uses. `ids`: of what there is. */
function valid(schema: Schema, ids: readonly string[]): Arbitrary<unknown> {
  const types = [schema.type ?? []].flat() as string[];
  const nullable = types.includes('null');
  const some = (): Arbitrary<unknown> => {
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
    switch (types.find((type) => type !== 'null')) {
      case 'integer':
        return fc.integer({
          min: Number(schema.minimum ?? -2_147_483_648),
          max: Number(schema.maximum ?? 2_147_483_647),
        });
      case 'number':
        return fc.double({ noNaN: true });
      case 'boolean':
        return fc.boolean();
      case 'array':
        return fc.array(valid((schema.items ?? {}) as Schema, ids), {
          minLength: Number(schema.minItems ?? 0),
          maxLength: Math.min(Number(schema.maxItems ?? 4), 4) || 1,
        });
      case 'object':
        return validObject(schema, ids);
      case 'string':
        return textOf(schema, ids);
      default:
        return fc.jsonValue({ maxDepth: 1 });
    }
  };
  return nullable ? fc.option(some(), { freq: 8, nil: null }) : some();
}

function textOf(schema: Schema, ids: readonly string[]): Arbitrary<string> {
  const examples = (schema.examples ?? []) as string[];
  switch (schema.format) {
    case 'uuid':
      return fc.oneof(fc.constantFrom(...ids), fc.uuid());
    case 'date-time':
      return fc
        .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString());
    case 'date':
      return fc
        .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString().slice(0, 10));
    case 'email':
      return fc.emailAddress();
    case 'uri':
      return fc.webUrl({ validSchemes: ['https'] });
    default: {
      const text = fc.string({
        minLength: Number(schema.minLength ?? 0),
        maxLength: Math.min(Number(schema.maxLength ?? 60), 60),
      });
      return examples.length > 0 ? fc.oneof(fc.constantFrom(...examples), text) : text;
    }
  }
}

function validObject(schema: Schema, ids: readonly string[]): Arbitrary<Record<string, unknown>> {
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  const required = (schema.required ?? []) as string[];
  return fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, valid(property, ids)])),
    { requiredKeys: required },
  );
}

/** A request of an operation: valid as a rule, with something wrong now and then. */
export function requestOf(operation: FuzzOperation, ids: readonly string[]): Arbitrary<FuzzRequest> {
  const value = ({ schema }: Parameter) =>
    fc.oneof({ weight: 6, arbitrary: valid(schema, ids) }, { weight: 1, arbitrary: nasty });
  const of = (where: Parameter['in'], always: boolean) => {
    const own = operation.parameters.filter((parameter) => parameter.in === where);
    const entries = Object.fromEntries(own.map((parameter) => [parameter.name, value(parameter)]));
    return always ? fc.record(entries) : fc.record(entries, { requiredKeys: [] });
  };
  const unknown = fc.option(fc.tuple(nasty, nasty), { freq: 10, nil: undefined });
  const body = operation.body
    ? fc.oneof(
        { weight: 6, arbitrary: valid(operation.body, ids).map((own) => JSON.stringify(own)) },
        {
          weight: 2,
          arbitrary: fc.dictionary(nasty, anything, { maxKeys: 3 }).map((own) => JSON.stringify(own)),
        },
        { weight: 1, arbitrary: validObject(operation.body, ids).chain((own) => broken(own)) },
        {
          weight: 1,
          arbitrary: fc.oneof(
            nasty,
            anything.map((own) => JSON.stringify(own) ?? ''),
          ),
        },
      )
    : fc.option(nasty, { freq: 8, nil: undefined });
  return fc
    .record({ path: of('path', true), query: of('query', false), header: of('header', false), unknown, body })
    .map(({ path, query, header, unknown: extra, body: text }) => {
      const parts = Object.entries(query).map(([name, own]) => `${encode(name)}=${encode(own)}`);
      if (extra) parts.push(`${encode(extra[0])}=${encode(extra[1])}`);
      const at = operation.template.replace(/\{(\w+)\}/g, (_, name: string) => encode(path[name]) || 'x');
      return {
        method: operation.method,
        path: parts.length > 0 ? `${at}?${parts.join('&')}` : at,
        headers: headersOf(header),
        body: operation.method === 'GET' || text === '' ? undefined : text,
      };
    });
}

/** One of the values is something else. */
const broken = (own: Record<string, unknown>): Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...Object.keys(own), 'more'), anything)
    .map(([name, other]) => JSON.stringify({ ...own, [name]: other }));

const encode = (own: unknown): string =>
  encodeURIComponent((Array.isArray(own) ? own.join(',') : String(own)).toWellFormed());

/** What can be a header at all (RFC 9110, section 5.5): the rest never leaves the client. */
function headersOf(headers: Record<string, unknown>): Record<string, string> {
  const carried = Object.entries(headers).filter(
    ([name, own]) => /^[\x21-\x7e][\x20-\x7e]*$/.test(String(own)) && name !== 'Freehold-Version',
  );
  return Object.fromEntries(carried.map(([name, own]) => [name, String(own)]));
}
