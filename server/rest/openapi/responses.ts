import { sparseType } from '../asked.ts';
import type { JsonSchema } from '../contract.ts';
import { creates, isVersioned, type Operation } from '../operations.ts';
import { componentName, exampleOfResource, problemName, refTo } from './components.ts';

type Json = Record<string, unknown>;

/** Statuses that may come, by what an operation does: the gateway answers with no other. */
function statusesOf({ kind, reads, ifMatch, called }: Operation): number[] {
  const always = [400, 401, 403, 406, 429, 500, 503, 504];
  const found = kind === 'list' && !called ? [404] : [404];
  const changes = reads ? [] : [409, 413, 415, 422];
  const asks = reads && called ? [422] : [];
  const conditions = ifMatch === 'none' ? [] : ifMatch === 'required' ? [412, 428] : [412];
  return [...always, ...found, ...changes, ...asks, ...conditions].sort((a, b) => a - b);
}

/** What an operation answers with. */
export function responsesOf(operation: Operation): Json {
  const { method, kind, resource } = operation;
  const made = creates(operation);
  const status = method === 'DELETE' ? 204 : made ? 201 : 200;
  const versioned = isVersioned(resource) && kind !== 'list' && !operation.called?.returns.page;
  const headers = {
    'X-Request-Id': refTo('headers', 'X-Request-Id'),
    'Freehold-Version': refTo('headers', 'Freehold-Version'),
    RateLimit: refTo('headers', 'RateLimit'),
    'RateLimit-Policy': refTo('headers', 'RateLimit-Policy'),
    ...(versioned && status !== 204 && { ETag: refTo('headers', 'ETag') }),
    ...(made && { Location: refTo('headers', 'Location') }),
    ...(!operation.reads && { 'Idempotency-Replayed': refTo('headers', 'Idempotency-Replayed') }),
  };
  const schema = answerSchema(operation);
  const sparse =
    (kind === 'list' || kind === 'get') && resource
      ? { [sparseType]: { schema: sparseSchema(operation) } }
      : {};
  const example =
    resource && kind !== 'list' && !operation.called?.returns.page && !operation.called?.returns.also;
  return {
    [status]: {
      description: status === 204 ? 'It is done.' : made ? 'It was made.' : 'As asked.',
      headers,
      ...(status !== 204 && {
        content: {
          'application/json': {
            schema,
            ...(example && { example: exampleOfResource(resource.columns, resource.title) }),
          },
          ...sparse,
        },
      }),
    },
    ...(kind === 'get' &&
      versioned && {
        304: { description: 'You have it already.', headers: { ETag: refTo('headers', 'ETag') } },
      }),
    ...Object.fromEntries(statusesOf(operation).map((code) => [code, refTo('responses', problemName(code))])),
  };
}

const pageSchema = (items: Json, also: readonly (readonly [string, JsonSchema])[] = []): Json => ({
  type: 'object',
  properties: {
    data: { type: 'array', items },
    has_more: { type: 'boolean', description: 'Whether there is another page.' },
    next_cursor: { type: ['string', 'null'], description: 'Where the next page begins.' },
    ...Object.fromEntries(also),
  },
  required: ['data', 'has_more', 'next_cursor', ...also.map(([name]) => name)],
});

function answerSchema({ kind, resource, called }: Operation): Json {
  const own = resource && refTo('schemas', componentName(resource.title));
  const also = (called?.returns.also ?? []).map(({ name, schema }) => [name, schema] as const);
  if (kind === 'list' && own) return pageSchema(own);
  if (!called) return own ?? {};
  if (called.returns.page && own) return pageSchema(own, also);
  if (called.returns.value) return called.returns.value;
  const beside = {
    type: 'object',
    properties: Object.fromEntries(also),
    required: also.map(([name]) => name),
  };
  if (!own) return { ...beside, description: called.returns.description ?? 'What came of it.' };
  if (also.length === 0) return own;
  // Who may make it and not read it is shown its id, and what is shown this once.
  const blind = { type: 'object', properties: { id: { type: 'string', format: 'uuid' } }, required: ['id'] };
  return { allOf: [{ anyOf: [own, blind] }, beside] };
}

function sparseSchema({ kind, resource }: Operation): Json {
  const part = { type: 'object', description: `Fields of ${resource?.name} that were asked for.` };
  return kind === 'list' ? pageSchema(part) : part;
}
