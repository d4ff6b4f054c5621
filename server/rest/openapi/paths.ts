import { exampleOfProperty } from '../../../runtime/json-example.ts';
import type { Contract, JsonSchema } from '../contract.ts';
import { type Operation, operationsOf } from '../operations.ts';
import { problemName, refTo } from './components.ts';
import { parametersOf } from './parameters.ts';
import { responsesOf } from './responses.ts';

type Json = Record<string, unknown>;

/** The paths of a version, each operation as the gateway serves it. */
export function pathsOf(contract: Contract): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operationsOf(contract)) {
    paths[operation.path] ??= {};
    (paths[operation.path] as Json)[operation.method.toLowerCase()] = operationOf(contract, operation);
  }
  return paths;
}

function operationOf(contract: Contract, operation: Operation): Json {
  if (operation.kind === 'download') return reportContent;
  const { id, called, permission, body } = operation;
  const description = [called?.description, !called && permission && `Permission: ${permission}.`].filter(
    Boolean,
  );
  return {
    operationId: id,
    summary: summaryOf(operation),
    ...(description.length > 0 && { description: description.join('\n\n') }),
    tags: [operation.path.split('/')[1]],
    ...(called?.deprecated && { deprecated: true }),
    parameters: parametersOf(contract, operation),
    ...(body && { requestBody: bodyOf(operation, body) }),
    responses: responsesOf(operation),
  };
}

function summaryOf({ kind, id, resource, parent, called }: Operation): string {
  const one = resource?.title.replaceAll('_', ' ') ?? '';
  if (called) return sentence(id.replaceAll('_', ' '));
  if (kind === 'list') {
    const many = (parent?.reference.reverse ?? resource?.name ?? '').replaceAll('_', ' ');
    return sentence(
      parent ? `list ${many} of a ${parent.resource.title.replaceAll('_', ' ')}` : `list ${many}`,
    );
  }
  return sentence(`${kind} ${/^[aeiou]/.test(one) ? 'an' : 'a'} ${one}`);
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function bodyOf(operation: Operation, schema: JsonSchema): Json {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  const required = (schema.required ?? []) as string[];
  const about = operation.resource?.title ?? operation.path.split('/')[1] ?? '';
  const example = Object.fromEntries(
    Object.entries(properties)
      .filter(([name, property]) => required.includes(name) || Array.isArray(property.examples))
      .map(([name, property]) => [name, exampleOfProperty(property, `${about}.${name}`, name)]),
  );
  const content = { schema, example };
  return {
    required:
      required.length > 0 ||
      operation.kind === 'create' ||
      operation.kind === 'update' ||
      operation.body !== undefined,
    content: {
      'application/json': content,
      ...(operation.kind === 'update' && { 'application/merge-patch+json': content }),
    },
  };
}

const reportContent = {
  operationId: 'download_report',
  summary: 'Download a report',
  description:
    'The content of an exported report, as newline-delimited JSON or CSV (RFC 4180). Event: report.downloaded. Permission: report:read.',
  tags: ['reports'],
  parameters: [
    {
      name: 'id',
      in: 'path',
      required: true,
      description: 'Identifier.',
      schema: { type: 'string', format: 'uuid' },
    },
    refTo('parameters', 'Version'),
  ],
  responses: {
    200: {
      description: 'The report.',
      headers: {
        'X-Request-Id': refTo('headers', 'X-Request-Id'),
        'Content-Disposition': { description: 'A file name.', schema: { type: 'string' } },
      },
      content: {
        'application/x-ndjson': { schema: { type: 'string' } },
        'text/csv': { schema: { type: 'string' } },
      },
    },
    ...Object.fromEntries(
      [400, 401, 403, 404, 406, 429, 500, 503, 504].map((code) => [
        code,
        refTo('responses', problemName(code)),
      ]),
    ),
  },
};
