import { beforeAll, expect, it } from 'vitest';
import { readDescription } from '../../../server/rest/contract.ts';
import { startServer } from '../../graphql/server.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFullTenants, type FullTenant } from '../../support/every-table.ts';
import { untilShown } from '../../support/feed.ts';
import { type Rest, restAs } from '../../support/rest.ts';

/* A list shows what one resource shows: the one is written by the server, the other by PostgreSQL. */
const database = await createTestDatabase();
const server = await startServer(database);
const { contracts } = await readDescription(database.pool('app'));
let tenant: FullTenant;
let rest: Rest;

beforeAll(async () => {
  [tenant] = (await createFullTenants(database, 1)) as [FullTenant];
  rest = restAs(server, tenant.apiKey);
  await rest('POST', '/projects', {
    body: { name: 'Ünï “quoted” \\ \u0001\n', description: '\u2028 </script> 😀' },
  });
  await database
    .pool('admin')
    .query(
      `update catalog.plan_entitlement set value = null where key in ('api_requests', 'api_key_requests')`,
    );
  await untilShown(database, tenant.apiKey);
});

it.each(
  contracts.flatMap(({ version, resources }) =>
    [...resources.values()].map((resource) => [version, resource.name, resource] as const),
  ),
)(
  'version %s, %s: each row of the list is the resource itself, also beneath another',
  async (version, name, { key, references }) => {
    const headers = { 'freehold-version': version };
    const expand =
      references.length > 0 ? `&expand=${references.map((reference) => reference.name).join(',')}` : '';
    // the change feed is a list of its own
    const path = name === 'events' ? `/events?limit=100` : `/${name}?limit=100`;
    const { body } = await rest('GET', path, { headers });
    expect(body.data.length).toBeGreaterThan(0);
    if (key.length > 1) return;
    for (const row of body.data.slice(0, 5)) {
      const at = `/${name}/${row[key[0] as string]}`;
      expect((await rest('GET', at, { headers })).body).toEqual(row);
    }
    if (name === 'events' || expand === '') return;
    const expanded = await rest('GET', path + expand, { headers });
    const [first] = expanded.body.data;
    expect((await rest('GET', `/${name}/${first.id}?${expand.slice(1)}`, { headers })).body).toEqual(first);
    for (const reference of references) {
      const shown = first[reference.name];
      if (shown)
        expect((await rest('GET', `/${reference.resource}/${shown.id}`, { headers })).body).toEqual(shown);
    }
  },
);
