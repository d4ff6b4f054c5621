import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { asOperator } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestTenant } from '../support/tenants.ts';
import { createTenant } from '../support/tenants.ts';
import { begin, call, eventsOf, find, lifecycles } from './lifecycles.ts';

const database = await createTestDatabase();
const all = await lifecycles(database);
let tenant: TestTenant;

beforeAll(async () => {
  tenant = await createTenant(database, { plan: 'enterprise' });
});

/** Steps of a walk: verbs in any order, now and then with a version, right or wrong. */
const steps = (verbs: string[]) =>
  fc.array(
    fc.record({ verb: fc.constantFrom(...verbs), version: fc.constantFrom('none', 'right', 'stale') }),
    { minLength: 1, maxLength: 12 },
  );

/** Some of their verbs take arguments, or do nothing where nothing is to do; transitions.test.ts takes every one of them through every state. */
const handwritten = ['subscription', 'report', 'invitation'];

describe.each(all.filter(({ entity }) => !handwritten.includes(entity)))(
  'any walk through the verbs of a $entity',
  ({ entity, verbs, transitions }) => {
    it('ends where the declaration says, with one event and one version for each step taken', async () => {
      await fc.assert(
        fc.asyncProperty(steps(verbs), (walk) =>
          asOperator(
            database,
            tenant.id,
            async (client) => {
              const { id, status, version } = await begin(client, entity);
              let model = { id, status, version };
              const events = (await eventsOf(client, id)).map(({ type }) => type);
              for (const step of walk) {
                const legal = transitions.find((t) => t.name === step.verb && t.from === model.status);
                const given = { none: undefined, right: model.version, stale: model.version - 1 }[
                  step.version
                ];
                await client.query('savepoint step');
                try {
                  await call(client, entity, step.verb, id, given);
                  expect(legal !== undefined && step.version !== 'stale').toBe(true);
                  model = { id, status: legal?.to ?? '', version: model.version + 1 };
                  events.push(legal?.event ?? '');
                } catch (error) {
                  await client.query('rollback to savepoint step');
                  expect((error as { code: string }).code).toBe(legal ? 'ZF006' : 'ZF005');
                }
                expect(await find(client, entity, id)).toEqual(model);
              }
              const told = await eventsOf(client, id);
              expect(told.map(({ type }) => type)).toEqual(events);
              expect(told.map(({ entity_version }) => entity_version)).toEqual(events.map((_, n) => n + 1));
            },
            { rollback: true },
          ),
        ),
        { numRuns: 25 },
      );
    });
  },
);
