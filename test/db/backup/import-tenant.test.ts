import { beforeAll, expect, it } from 'vitest';
import { exportedTables } from '../../../db/backup/tenant-tables.ts';
import { asTenant } from '../../support/actors.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { fingerprint } from '../../support/fingerprint.ts';
import type { TestTenant } from '../../support/tenants.ts';
import { waitUntil } from '../../support/wait.ts';
import {
  asAdmin,
  createRichTenant,
  exportPlace,
  exportTo,
  filesOf,
  hostile,
  importFrom,
  lose,
  wrongIn,
} from './exported.ts';

const database = await createTestDatabase();
const fresh = await createTestDatabase();
const place = exportPlace();
let tenant: TestTenant;
let other: TestTenant;

const write = async (from = database) => {
  const to = place.next();
  await exportTo(to, from, tenant);
  return to;
};
const feed = async (its: TestDatabase): Promise<string[]> =>
  asTenant(its, tenant, async (client) =>
    (await client.query('select id from app.change_feed(null, 1000)')).rows.map(({ id }) => id),
  );
const rowsOf = async (its: TestDatabase, sql: string) =>
  (await its.pool('admin').query(sql, [tenant.id])).rows;

beforeAll(async () => {
  tenant = await createRichTenant(database);
  other = await createRichTenant(database);
  // as in a copy of another cluster: transaction ids that this one has not come to, and not in the order of the ids
  await database.pool('admin').query(
    `insert into app.event (tenant_id, xid, type, entity, entity_id, data, previous, actor_type)
     select $1, (1000000000000 - n % 7)::text::xid8, 'feature.used', 'feature_usage', $1,
       '{"feature": "x", "quantity": 9007199254740993, "day": "2026-01-31"}', 'null', 'system'
     from generate_series(1, 20) n`,
    [tenant.id],
  );
});

it('what was exported is, in an empty database, exported again with the same bytes', async () => {
  // as where retention has dropped the month, or the database is younger
  const months = await fresh
    .pool('admin')
    .query(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = any ('{app.event,app.delivery}'::regclass[])`,
    );
  await fresh.pool('admin').query(`drop table ${months.rows.map(({ name }) => name).join(', ')}`);
  const before = await write();
  const { rows } = await importFrom(before, fresh);
  expect(rows['app.project']).toBe(hostile.length + 1);
  expect(filesOf(await write(fresh))).toEqual(filesOf(before));
  expect(await wrongIn(fresh)).toEqual([]);
});

it('the change feed there has its order, although its transaction ids mean nothing there', async () => {
  expect(await wrongIn(database)).toEqual([
    { check: 'no event is of the future', problems: [expect.stringContaining('20 events')] },
  ]);
  const order = await rowsOf(database, 'select id from app.event where tenant_id = $1 order by xid, id');
  expect(await feed(fresh)).toEqual(order.map(({ id }) => id));
  expect(await feed(fresh)).not.toEqual((await feed(fresh)).toSorted());
});

it('it works there: its people change it, and its deliveries are due', async () => {
  expect(
    await rowsOf(
      fresh,
      'select endpoint_id is not null as endpoint, attempt from platform.delivery_queue where tenant_id = $1',
    ),
  ).toContainEqual({ endpoint: true, attempt: 1 });
  expect(await rowsOf(fresh, 'select asked, laned from platform.endpoint_flow where tenant_id = $1')).toEqual(
    [{ asked: true, laned: true }],
  );
  const before = await feed(fresh);
  await asTenant(fresh, tenant, (client) => client.query(`insert into app.project (name) values ('new')`));
  // Held back while a transaction that began before it is under way, in whatever database of the cluster.
  const after = await waitUntil('the feed shows it', async () => {
    const shown = await feed(fresh);
    return shown.length > before.length ? shown : undefined;
  });
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after).toHaveLength(before.length + 1);
});

it('in the place of a tenant that was lost, it leaves every other as it is', async () => {
  const before = await write();
  const others = await fingerprint(database, other.id);
  const tables = await asAdmin(database, exportedTables);
  await lose(
    database,
    ...tables
      .filter(({ shared }) => !shared)
      .map(({ name }) => `delete from ${name} where tenant_id = '${tenant.id}'`),
  );
  await importFrom(before, database);
  expect(filesOf(await write())).toEqual(filesOf(before));
  expect(await fingerprint(database, other.id)).toEqual(others);
  expect(await wrongIn(database)).toEqual([]);
});

it('with --replace the tenant goes back: what has happened since is gone', async () => {
  const before = await write();
  await asTenant(database, tenant, (client) =>
    client.query(`update app.project set name = 'changed' where name = 'told'`),
  );
  await expect(importFrom(before, database)).rejects.toMatchObject({ code: 'tenant_exists' });
  await importFrom(before, database, 'replace');
  expect(filesOf(await write())).toEqual(filesOf(before));
});

it('with --missing what is not there is added, and what is there left alone', async () => {
  const before = await write();
  await asTenant(database, tenant, (client) =>
    client.query(`update app.project set description = 'since' where name = 'told'`),
  );
  const changed = await write();
  await lose(database, `delete from app.project where tenant_id = '${tenant.id}' and name <> 'told'`);
  expect(await wrongIn(database)).toEqual([
    {
      check: 'rows and events tell the same',
      problems: [`project: ${hostile.length} rows are gone whose events are there`],
    },
  ]);
  const { rows } = await importFrom(before, database, 'missing');
  expect(Object.entries(rows).filter(([, count]) => count > 0)).toEqual([['app.project', hostile.length]]);
  expect(filesOf(await write())).toEqual(filesOf(changed));
});
