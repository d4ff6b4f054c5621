import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readDescription } from '../../../server/rest/contract.ts';
import { describeOpenApi } from '../../../server/rest/openapi/document.ts';
import { startServer } from '../../graphql/server.ts';
import { createTenant } from '../../graphql/tenants.ts';
import { createTestDatabase } from '../../support/database.ts';
import { plant } from '../../support/leaks.ts';
import { restAs } from '../../support/rest.ts';
import { operationsIn, requestOf } from './fuzz.ts';

/*
 * Every operation, driven from the document with what it says is valid and with what is not: each answer is one that the document describes (restAs
 * holds it against that), and none is a fault of ours. A failure prints its seed; FUZZ_SEED repeats it, FUZZ_RUNS makes it longer.
 */
const database = await createTestDatabase();
const server = await startServer(database);
const { contracts, eventTypes } = await readDescription(database.pool('app'));
const operations = contracts[0] ? operationsIn(describeOpenApi(contracts[0], eventTypes)) : [];
/** These end what the others need, the tenant itself and the key with which they come: each has a tenant of its own. */
const ending = new Set(['/tenants/{id}/close', '/api_keys/{id}/revoke', '/api_keys/{id}/rotate']);
const seed = Number(process.env.FUZZ_SEED ?? 20_261_127);
const runs = Number(process.env.FUZZ_RUNS ?? 15);
let count = 0;
let key: string;
let ids: string[];

beforeAll(async () => {
  const tenant = await createTenant(database, 'fuzz', 3);
  key = tenant.apiKey;
  // no limit of the plan shall stand before what is to be found
  await database
    .pool('admin')
    .query(`update catalog.plan_entitlement set value = null where plan = 'business'`);
  const rest = restAs(server, key);
  const { body: endpoint } = await rest('POST', '/webhook_endpoints', {
    body: { url: 'https://receiver.example/x' },
  });
  plant(endpoint.secret, 'a signing secret');
  ids = [tenant.id, endpoint.id];
  for (const path of [
    '/projects',
    '/members',
    '/invoices',
    '/subscriptions',
    '/events',
    '/webhook_endpoints',
    '/deliveries',
  ])
    for (const { id } of (await rest('GET', `${path}?limit=3`)).body.data) ids.push(id);
});

describe('every operation', () => {
  it.each(operations.map((operation) => [`${operation.method} ${operation.template}`, operation] as const))(
    '%s answers as it says, whatever comes',
    { timeout: 60_000 },
    async (_name, operation) => {
      const own = ending.has(operation.template)
        ? await createTenant(database, `fuzz-${++count}`, 1)
        : undefined;
      const rest = restAs(server, own?.apiKey ?? key);
      const known = own ? [own.id, own.apiKeyId] : ids;
      const statuses = new Map<number, number>();
      await fc.assert(
        fc.asyncProperty(requestOf(operation, known), async ({ method, path, headers, body }) => {
          const answer = await rest(method, path, { headers, body });
          if (typeof answer.body?.secret === 'string') plant(answer.body.secret, 'a secret');
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(500);
        }),
        { seed, numRuns: runs, interruptAfterTimeLimit: 50_000, markInterruptAsFailure: true },
      );
      expect(statuses.size).toBeGreaterThan(0);
    },
  );
});
