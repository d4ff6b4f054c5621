import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'postgraphile/graphql';
import { describe, expect, it } from 'vitest';
import { seed } from '../../db/seed.ts';
import { createTestDatabase } from '../support/database.ts';
import { startServer } from './server.ts';

const database = await createTestDatabase();
const [acme] = await seed(database.urls.owner, 'introspection');
const server = await startServer(database, { production: false, developmentKey: acme?.apiKey });

it('answers the introspection query that explorers and code generators send', async () => {
  const answer = await server.query(acme?.apiKey, getIntrospectionQuery({ inputValueDeprecation: true }));
  expect(answer.errors).toBeUndefined();
  const schema = buildClientSchema(answer.data as IntrospectionQuery);
  expect(schema.getMutationType()?.getFields()).toHaveProperty('upgradeSubscription');
});

describe('in production', () => {
  const byType = '{ __type(name: "Project") { fields { name } } }';

  it('the schema is not told, and there is no explorer, unless it is asked for', async () => {
    const production = await startServer(database, { production: true });
    for (const document of [getIntrospectionQuery(), byType, '{ a: __schema { types { name } } }']) {
      const { status, data, errors } = await production.query(acme?.apiKey, document);
      expect([status, data, errors?.map(({ extensions }) => extensions.code)]).toEqual([
        400,
        undefined,
        ['introspection_disabled'],
      ]);
    }
    expect((await production.query(acme?.apiKey, '{ __typename }')).data).toEqual({ __typename: 'Query' });
    expect((await fetch(production.url)).status).toBe(404);
  });

  it('both are there with GRAPHQL_INTROSPECTION, without a key', async () => {
    const told = await startServer(database, { production: true, graphql: { introspection: true } });
    expect((await told.query(acme?.apiKey, byType)).data.__type.fields.length).toBeGreaterThan(5);
    const page = await fetch(told.url);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Ruru')]);
  });
});

it('serves an explorer whose first request has the development key', async () => {
  const page = await (await fetch(`${server.url}/`)).text();
  expect(page).toContain(`Bearer ${acme?.apiKey}`);
  // and sends it before it has read the headers of its tab
  expect(page).toMatch(/window\.fetch = /);
});
