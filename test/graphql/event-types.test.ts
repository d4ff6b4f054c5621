import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { dataValidator } from '../support/schemas.ts';
import { startServer } from './server.ts';
import { createTenant } from './tenants.ts';

const database = await createTestDatabase();
const server = await startServer(database, { graphql: { introspection: true } });
const tenant = await createTenant(database, 'catalogue');

const ask = async (key: string | undefined, query: string, variables?: Record<string, unknown>) => {
  const { data, errors } = await server.query(key, query, variables);
  expect(errors).toBeUndefined();
  return data;
};

/** A key that may do next to nothing. */
async function meagreKey(): Promise<string> {
  const { createApiKey } = await ask(
    tenant.apiKey,
    'mutation { createApiKey(input: { name: "meagre", scopes: ["subscription:read"] }) { createdApiKey { secret } } }',
  );
  return createApiKey.createdApiKey.secret;
}

it('lists every event type to whoever may ask at all, and to every tenant alike', async () => {
  const query = '{ eventTypes(first: 100) { totalCount nodes { type entity description schema } } }';
  const { rows } = await database
    .pool('admin')
    .query('select type, entity, description, schema from catalog.event_type order by type');
  const other = await createTenant(database, 'catalogue-other');
  for (const key of [tenant.apiKey, await meagreKey(), other.apiKey]) {
    const { eventTypes } = await ask(key, query);
    expect(eventTypes).toEqual({ totalCount: rows.length, nodes: rows });
  }
});

it('shows one by its type, and null for one that does not exist', async () => {
  const query = 'query ($type: String!) { eventType(type: $type) { type entity description schema } }';
  const { eventType } = await ask(tenant.apiKey, query, { type: 'user.role_changed' });
  expect(eventType).toMatchObject({
    type: 'user.role_changed',
    entity: 'membership',
    description: 'A member was given another role.',
    schema: {
      title: 'membership',
      description: 'A person who works in the tenant, with one role.',
      properties: { email: { type: 'string', format: 'email' }, version: { type: 'integer' } },
    },
  });
  expect(await ask(tenant.apiKey, query, { type: 'user.exploded' })).toEqual({ eventType: null });
});

it('is filtered by entity and type, and paged', async () => {
  const { ofProject, some, page } = await ask(
    tenant.apiKey,
    `{
      ofProject: eventTypes(filter: { entity: { equalTo: "project" } }) { nodes { type } }
      some: eventTypes(filter: { type: { in: ["invoice.paid", "feature.used"] } }) { nodes { type } }
      page: eventTypes(first: 2) { nodes { type } pageInfo { hasNextPage endCursor } }
    }`,
  );
  expect(ofProject.nodes.map(({ type }: { type: string }) => type)).toEqual([
    ...['project.archived', 'project.created', 'project.deleted', 'project.restored', 'project.updated'],
  ]);
  expect(some.nodes).toEqual([{ type: 'feature.used' }, { type: 'invoice.paid' }]);
  expect(page.pageInfo.hasNextPage).toBe(true);
  const { next } = await ask(
    tenant.apiKey,
    'query ($after: Cursor) { next: eventTypes(first: 1, after: $after) { nodes { type } } }',
    { after: page.pageInfo.endCursor },
  );
  expect(next.nodes).toEqual([{ type: 'api_key.revoked' }]);
});

it('tells the truth of the events beside it', async () => {
  const { events } = await ask(tenant.apiKey, '{ events(first: 100) { nodes { type data } } }');
  expect(events.nodes.length).toBeGreaterThan(5);
  for (const { type, data } of events.nodes) {
    const { eventType } = await ask(
      tenant.apiKey,
      'query ($type: String!) { eventType(type: $type) { schema } }',
      { type },
    );
    expect([type, dataValidator(eventType.schema)(data)]).toEqual([type, []]);
  }
});

it('is refused without a key, and changed by nobody', async () => {
  const { status, errors } = await server.query(undefined, '{ eventTypes { nodes { type } } }');
  expect([status, errors?.[0]?.extensions.code]).toEqual([401, 'unauthenticated']);
  const { __schema } = await ask(tenant.apiKey, '{ __schema { mutationType { fields { name } } } }');
  const names = __schema.mutationType.fields.map(({ name }: { name: string }) => name);
  expect(names.filter((name: string) => /eventType$/i.test(name))).toEqual([]);
});
