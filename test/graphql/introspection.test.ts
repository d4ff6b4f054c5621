import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'postgraphile/graphql';
import { expect, it } from 'vitest';
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

it('serves an explorer whose first request has the development key', async () => {
  const page = await (await fetch(`${server.url}/`)).text();
  expect(page).toContain(`Bearer ${acme?.apiKey}`);
  // and sends it before it has read the headers of its tab
  expect(page).toMatch(/window\.fetch = /);
});
