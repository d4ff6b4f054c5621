import { beforeAll, describe, expect, it } from 'vitest';
import { asTenant } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { FullTenant } from '../support/every-table.ts';
import { createFullTenants } from '../support/every-table.ts';
import { startServer } from './server.ts';

const database = await createTestDatabase();
const server = await startServer(database, { production: false });
let tenant: FullTenant;

interface Connection {
  field: string;
  orders: string[];
  key: string;
}

const ask = async (query: string, variables?: Record<string, unknown>) => {
  const { data, errors } = await server.query(tenant.apiKey, query, variables);
  expect([query, errors]).toEqual([query, undefined]);
  return data;
};

/** Every list at the root with an order, from the schema. */
async function connections(): Promise<Connection[]> {
  const { __schema } = await ask(
    `{ __schema { queryType { fields { name args { name type { ofType { ofType { name } } } } } } } }`,
  );
  const found: Connection[] = [];
  for (const { name, args } of __schema.queryType.fields) {
    const order = args.find((arg: { name: string }) => arg.name === 'orderBy');
    if (!order) continue;
    const type = order.type.ofType.ofType.name;
    const { enums } = await ask(`{ enums: __type(name: "${type}") { enumValues { name } } }`);
    const keys: Record<string, string> = {
      planEntitlements: 'plan key',
      plans: 'key',
      eventTypes: 'type',
      featureUsageByDays: 'feature day',
    };
    found.push({
      field: name,
      orders: enums.enumValues.map((value: { name: string }) => value.name),
      key: keys[name] ?? 'id',
    });
  }
  return found;
}

beforeAll(async () => {
  [tenant] = (await createFullTenants(database, 1)) as [FullTenant];
  await asTenant(database, tenant, async (client) => {
    // ties and nulls in every order: projects with and without a lead, of one name
    await client.query(
      `insert into app.project (name, lead_id) select 'same', case when n % 2 = 0 then (select id from app.membership limit 1) end from generate_series(1, 7) n`,
    );
    for (const feature of ['search', 'export', 'import'])
      await client.query('select app.use_feature($1, 2)', [feature]);
  });
});

describe('every list in every order', () => {
  it('is the same page by page, forwards and backwards, as at once', async () => {
    const all = await connections();
    expect(all.length).toBeGreaterThan(10);
    let rows = 0;
    for (const { field, orders, key } of all) {
      for (const order of orders) {
        const whole = (await ask(`{ list: ${field}(first: 100, orderBy: ${order}) { nodes { ${key} } } }`))
          .list.nodes;
        rows += whole.length;
        // the catalogue of events is long: not two at a time
        const few = Math.max(2, Math.ceil(whole.length / 5));
        for (const [size, from, next, more] of [
          ['first', 'after', 'endCursor', 'hasNextPage'],
          ['last', 'before', 'startCursor', 'hasPreviousPage'],
        ] as const) {
          const got: unknown[] = [];
          for (let cursor: string | null = null, pages = 0; pages <= whole.length; pages += 1) {
            const { list } = await ask(
              `query ($cursor: Cursor) { list: ${field}(${size}: ${few}, ${from}: $cursor, orderBy: ${order}) { pageInfo { ${next} ${more} } nodes { ${key} } } }`,
              { cursor },
            );
            if (size === 'first') got.push(...list.nodes);
            else got.unshift(...list.nodes);
            cursor = list.pageInfo[next];
            if (!list.pageInfo[more]) break;
          }
          expect([field, order, size, got]).toEqual([field, order, size, whole]);
        }
      }
    }
    expect(rows).toBeGreaterThan(200);
  });
});

describe('what a list can be filtered and ordered by', () => {
  it('leads an index of its table', async () => {
    const { __schema } = await ask(`{ __schema { types { name inputFields { name } } } }`);
    const types = new Map<string, string[]>(
      __schema.types.map((type: { name: string; inputFields: { name: string }[] | null }) => [
        type.name,
        type.inputFields?.map(({ name }) => name) ?? [],
      ]),
    );
    const { rows } = await database.pool('admin').query<{ type: string; columns: string[] }>(
      `select initcap(replace(t.relname, '_', ' ')) as type, array_agg(distinct a.attname::text) as columns
       from pg_class t
       join pg_index x on x.indrelid = t.oid and x.indpred is null
       join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[1]
       join platform.entity e on e.relation = t.oid::regclass::text and e.kind in ('entity', 'record')
       group by t.relname`,
    );
    const wrong: string[] = [];
    let filters = 0;
    for (const { type, columns } of rows) {
      const allowed = columns.map((column) => column.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()));
      for (const name of types.get(`${type.replaceAll(' ', '')}Filter`) ?? []) {
        filters += 1;
        if (!allowed.includes(name)) wrong.push(`${type}: ${name}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(filters).toBeGreaterThan(10);
  });
});
