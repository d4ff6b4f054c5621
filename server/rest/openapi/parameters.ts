import type { Contract, Resource } from '../contract.ts';
import { defaultOrder, operatorsOf, ordersOf } from '../list-query.ts';
import { isVersioned, type Operation } from '../operations.ts';
import { bodyArguments } from '../schemas.ts';
import { deepestExpansion } from '../selection.ts';
import { refTo } from './components.ts';

type Json = Record<string, unknown>;

/** What an operation takes besides its body: in the path, the query and headers. */
export function parametersOf(contract: Contract, operation: Operation): unknown[] {
  const { method, path, kind, called, ifMatch, resource, reads } = operation;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) =>
    pathParameter(contract, operation, name),
  );
  const query =
    called && method === 'GET'
      ? queryOfCall(operation)
      : kind === 'list' && resource
        ? [
            refTo('parameters', 'Limit'),
            refTo('parameters', 'Cursor'),
            ...listParameters(contract, operation, resource),
          ]
        : kind === 'get' && resource
          ? selectionParameters(contract, resource)
          : [];
  const conditions =
    ifMatch === 'required'
      ? [{ ...ifMatchRequired }]
      : ifMatch === 'optional'
        ? [refTo('parameters', 'IfMatch')]
        : kind === 'get' && isVersioned(resource)
          ? [refTo('parameters', 'IfNoneMatch')]
          : [];
  return [
    ...inPath,
    ...query,
    ...conditions,
    ...(reads ? [] : [refTo('parameters', 'IdempotencyKey')]),
    refTo('parameters', 'Version'),
  ];
}

const ifMatchRequired = {
  name: 'If-Match',
  in: 'header',
  required: true,
  description: 'The ETag of the version that is to be changed.',
  schema: { type: 'string' },
  example: '"1"',
};

function pathParameter(contract: Contract, operation: Operation, name: string): Json {
  const resource = contract.resources.get(operation.path.split('/')[1] ?? '');
  const argument = operation.called?.arguments.find((own) => own.name === name);
  const column = resource?.columns.find((own) => own.name === name);
  const schema = argument?.schema ?? column?.schema ?? { type: 'string' };
  const { description, ...rest } = schema;
  return {
    name,
    in: 'path',
    required: true,
    description: description ?? `The ${name.replaceAll('_', ' ')}.`,
    schema: rest,
  };
}

function queryOfCall({ called }: Operation): unknown[] {
  const own = called ? bodyArguments(called) : [];
  return own.map(({ name, schema, type }) => {
    if (name === 'limit') return refTo('parameters', 'Limit');
    if (name === 'after') return refTo('parameters', 'Cursor');
    const { description, ...rest } = schema;
    return {
      name,
      in: 'query',
      ...(typeof description === 'string' && { description }),
      schema: rest,
      ...(type.endsWith('[]') && { style: 'form', explode: false }),
    };
  });
}

function listParameters(contract: Contract, { parent }: Operation, resource: Resource): unknown[] {
  const filters = resource.columns
    .filter(({ name, filter }) => filter && name !== parent?.reference.column)
    .flatMap((column) =>
      operatorsOf(column).map((operator) => {
        const { description, default: _, ...schema } = column.schema as Json;
        const value = { ...schema, ...('type' in schema && { type: [schema.type].flat()[0] }) };
        const listed = operator === 'in';
        return {
          name: operator === 'eq' ? column.name : `${column.name}[${operator}]`,
          in: 'query',
          description: `${meanings[operator]} ${String(description ?? column.name)}`,
          schema:
            operator === 'null'
              ? { type: 'boolean' }
              : listed
                ? { type: 'array', items: value, maxItems: 100 }
                : value,
          ...(listed && { style: 'form', explode: false }),
        };
      }),
    );
  const sort = {
    name: 'sort',
    in: 'query',
    description: 'Order; - is descending.',
    schema: { type: 'string', enum: ordersOf(resource), default: defaultOrder(resource) },
  };
  return [...filters, sort, ...selectionParameters(contract, resource)];
}

const meanings: Readonly<Record<string, string>> = {
  eq: 'Those with this value.',
  in: 'Those with one of these values.',
  gt: 'Those above this value.',
  gte: 'Those from this value on.',
  lt: 'Those below this value.',
  lte: 'Those up to this value.',
  null: 'Whether those without a value, or those with one.',
};

/** `fields`, and `expand` with every path that there is. */
function selectionParameters(contract: Contract, resource: Resource): unknown[] {
  const paths = expansions(contract, resource, deepestExpansion);
  const list = { style: 'form', explode: false };
  return [
    {
      name: 'fields',
      in: 'query',
      description: 'Show these fields alone; those of what is expanded by their path, such as lead.name.',
      schema: { type: 'array', items: { type: 'string' } },
      ...list,
    },
    ...(paths.length === 0
      ? []
      : [
          {
            name: 'expand',
            in: 'query',
            description: 'Show in full what is referred to.',
            schema: { type: 'array', items: { type: 'string', enum: paths } },
            ...list,
          },
        ]),
  ];
}

function expansions(contract: Contract, resource: Resource, depth: number): string[] {
  if (depth === 0) return [];
  return resource.references.flatMap(({ name, resource: target }) => {
    const next = contract.resources.get(target);
    return next ? [name, ...expansions(contract, next, depth - 1).map((path) => `${name}.${path}`)] : [];
  });
}
