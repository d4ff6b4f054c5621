import { STATUS_CODES } from 'node:http';
import { exampleOfProperty } from '../../../runtime/json-example.ts';
import type { Column, Contract, JsonSchema, Resource } from '../contract.ts';
import { defaultLimit, maximumLimit } from '../list-query.ts';
import { shownSchema } from '../schemas.ts';

/** The name of a component: webhook_endpoint is WebhookEndpoint. */
export const componentName = (title: string): string =>
  title.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

export const refTo = (kind: 'schemas' | 'responses' | 'parameters' | 'headers', name: string) => ({
  $ref: `#/components/${kind}/${name}`,
});

/** A resource as it is shown. What it refers to is there when it was expanded. */
function resourceSchema(
  { columns, references, title, description, name }: Resource,
  contract: Contract,
): JsonSchema {
  const shown = references.flatMap((reference) => {
    const target = contract.resources.get(reference.resource);
    return target && !columns.some((column) => column.name === reference.name)
      ? [
          [
            reference.name,
            {
              description: `What ${reference.column} refers to, when it is expanded; null where you may not see it.`,
              anyOf: [refTo('schemas', componentName(target.title)), { type: 'null' }],
            },
          ] as const,
        ]
      : [];
  });
  return {
    title: componentName(title),
    description: description ?? `One of ${name}.`,
    type: 'object',
    properties: Object.fromEntries([
      ...columns.map((column) => [column.name, shownSchema(column.schema)]),
      ...shown,
    ]),
    required: columns.map((column) => column.name),
    example: exampleOfResource(columns, title),
  };
}

/** A resource as an example, the same each time. */
export function exampleOfResource(columns: readonly Column[], title: string): Record<string, unknown> {
  return Object.fromEntries(
    columns.map(({ name, schema }) => [name, exampleOfProperty(schema, `${title}.${name}`, name)]),
  );
}

const problem: JsonSchema = {
  title: 'Problem',
  description: 'Why a request was not done: problem details (RFC 9457) with a code to act on.',
  type: 'object',
  properties: {
    type: { type: 'string', format: 'uri-reference', description: 'about:blank: code says what it is.' },
    title: { type: 'string', description: 'What is wrong, for people.' },
    status: { type: 'integer', description: 'The HTTP status.' },
    code: {
      type: 'string',
      description: 'What is wrong, for programs; it stays the same.',
      examples: ['not_found'],
    },
    detail: { type: 'string', description: 'What is wrong with this one.' },
    remedy: { type: 'string', description: 'What to do about it.' },
    request_id: { type: 'string', description: 'The request, for questions to us; X-Request-Id has it too.' },
    errors: {
      type: 'array',
      description: 'Each thing that is wrong, with its place.',
      items: {
        type: 'object',
        properties: {
          pointer: { type: 'string', format: 'json-pointer', description: 'Place in the body (RFC 6901).' },
          parameter: { type: 'string', description: 'Parameter of the address.' },
          header: { type: 'string', description: 'Header of the request.' },
          code: { type: 'string', description: 'What is wrong, for programs.' },
          detail: { type: 'string', description: 'What is wrong, for people.' },
        },
        required: ['code', 'detail'],
        additionalProperties: false,
      },
    },
  },
  required: ['type', 'title', 'status', 'code', 'request_id'],
  additionalProperties: false,
};

/** Statuses of problems, and when they come. */
const problems: Readonly<Record<number, string>> = {
  400: 'A parameter, a header or the form of the body is not acceptable.',
  401: 'No valid credential came with the request.',
  403: 'The caller may not do this, or the plan does not include it.',
  404: 'There is no such resource, or it is not for the caller to see.',
  406: 'The answer would be application/json, which the caller does not accept.',
  409: 'The resource is not in a state that allows this, or a concurrent change got in the way.',
  412: 'The resource has another version than If-Match says.',
  413: 'The body is too large.',
  415: 'The body is no JSON.',
  422: 'A value is not acceptable.',
  428: 'This is changed only with If-Match.',
  429: 'Too many requests: Retry-After says when to come again.',
  500: 'A fault of ours.',
  503: 'The service is busy, or restarting: come again later.',
  504: 'The request took too long and was cancelled.',
};

const headers = {
  'X-Request-Id': {
    description: 'The request, as the caller named it, or a name of ours: give it with questions.',
    schema: { type: 'string' },
  },
  'Freehold-Version': {
    description: 'The version that answered.',
    schema: { type: 'string', format: 'date' },
  },
  ETag: {
    description: 'The version of the resource, for If-Match and If-None-Match.',
    schema: { type: 'string' },
  },
  Location: {
    description: 'Where the new resource is.',
    schema: { type: 'string', format: 'uri-reference' },
  },
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
  RateLimit: {
    description:
      'What is left, and in how many seconds it is whole again (draft-ietf-httpapi-ratelimit-headers).',
    schema: { type: 'string', examples: ['"key";r=59;t=60'] },
  },
  'RateLimit-Policy': {
    description: 'Requests in a window of seconds: of the tenant, and of the key.',
    schema: { type: 'string', examples: ['"tenant";q=300;w=60, "key";q=120;w=60'] },
  },
  'Idempotency-Replayed': {
    description: 'The answer is that of an earlier request with this Idempotency-Key.',
    schema: { type: 'string', const: 'true' },
  },
};

const parameters = {
  Version: {
    name: 'Freehold-Version',
    in: 'header',
    description: 'The version of the API that is meant, by its date. Without: the newest.',
    schema: { type: 'string', format: 'date' },
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description: 'The ETag of the version that is to be changed.',
    schema: { type: 'string' },
    example: '"1"',
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'The ETag that you have: 304 when it is still the present one.',
    schema: { type: 'string' },
  },
  Limit: {
    name: 'limit',
    in: 'query',
    description: 'How many at most.',
    schema: { type: 'integer', minimum: 1, maximum: maximumLimit, default: defaultLimit },
  },
  Cursor: {
    name: 'cursor',
    in: 'query',
    description: 'Go on where next_cursor of another page says.',
    schema: { type: 'string', minLength: 1 },
  },
};

/** All that paths refer to. */
export function componentsOf(contract: Contract): Record<string, unknown> {
  return {
    securitySchemes: {
      api_key: { type: 'http', scheme: 'bearer', description: 'An API key: fh_live_… or fh_test_….' },
      access_token: {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'An access token of an issuer that this installation trusts.',
      },
      session: {
        type: 'apiKey',
        in: 'cookie',
        name: '__Host-freehold_session',
        description: 'The session of a browser.',
      },
    },
    parameters,
    headers,
    schemas: {
      Problem: problem,
      ...Object.fromEntries(
        [...contract.resources.values()].map((resource) => [
          componentName(resource.title),
          resourceSchema(resource, contract),
        ]),
      ),
    },
    responses: Object.fromEntries(
      Object.entries(problems).map(([status, description]) => [
        problemName(Number(status)),
        {
          description,
          headers: {
            'X-Request-Id': refTo('headers', 'X-Request-Id'),
            ...(status === '429' && { 'Retry-After': refTo('headers', 'Retry-After') }),
          },
          content: { 'application/problem+json': { schema: refTo('schemas', 'Problem') } },
        },
      ]),
    ),
  };
}

/** The component of a problem: 404 is NotFound. */
export const problemName = (status: number): string =>
  (STATUS_CODES[status] ?? String(status)).replace(/[^A-Za-z]/g, '');
