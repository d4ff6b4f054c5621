import { describe, expect, it } from 'vitest';
import { readDescription } from '../../../server/rest/contract.ts';
import { describeOpenApi } from '../../../server/rest/openapi/document.ts';
import { createTestDatabase } from '../../support/database.ts';

const database = await createTestDatabase();
const { contracts, eventTypes } = await readDescription(database.pool('app'));

describe('the OpenAPI document', () => {
  it('is the committed one (npx vitest run test/server/rest/openapi.test.ts -u writes it anew)', async () => {
    const [newest] = contracts;
    if (!newest) throw new Error('there is no contract');
    await expect(`${JSON.stringify(describeOpenApi(newest, eventTypes), null, 2)}\n`).toMatchFileSnapshot(
      '../../../docs/openapi.json',
    );
  });

  it('describes everything that there is', () => {
    for (const contract of contracts) {
      const { paths, components } = describeOpenApi(contract, eventTypes);
      const undescribed: string[] = [];
      for (const [path, methods] of Object.entries(paths)) {
        for (const [method, operation] of Object.entries(methods)) {
          const { summary, parameters } = operation as {
            summary?: string;
            parameters?: { name?: string; description?: string }[];
          };
          if (!summary) undescribed.push(`${method} ${path}`);
          for (const { name, description } of parameters ?? [])
            if (name && !description) undescribed.push(`${method} ${path} ${name}`);
        }
      }
      for (const [name, schema] of Object.entries(components.schemas ?? {})) {
        const { properties = {} } = schema as { properties?: Record<string, { description?: string }> };
        for (const [property, { description }] of Object.entries(properties))
          if (!description) undescribed.push(`${name}.${property}`);
      }
      expect(undescribed).toEqual([]);
    }
  });
});
