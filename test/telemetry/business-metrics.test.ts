import { expect, it } from 'vitest';
import { asMember, asOperator } from '../support/actors.ts';
import { open } from '../support/concurrency.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTenant, type TestTenant } from '../support/tenants.ts';
import { waitUntil } from '../support/wait.ts';

// A transaction anywhere in the cluster holds the counting back, those of other test files too: what is to be counted is waited for.
const database = await createTestDatabase();
const worker = database.pool('worker');
const admin = database.pool('admin');
const patience = 60_000;

const count = async (): Promise<boolean> =>
  (await worker.query('select platform.count_events() as counted')).rows[0].counted;
const counted = async (type: string): Promise<number> => {
  const { rows } = await worker.query(
    'select coalesce(sum(count), 0)::int as sum from platform.event_totals() where type = $1',
    [type],
  );
  return rows[0].sum;
};
const recorded = async (type: string): Promise<number> =>
  (await admin.query('select count(*)::int from app.event where type = $1', [type])).rows[0].count;
const untilAllCounted = (type: string) =>
  waitUntil(
    `every ${type} is counted`,
    async () => {
      await count();
      return (await counted(type)) === (await recorded(type));
    },
    patience,
  );
const createProject = (tenant: TestTenant, name: string) =>
  asMember(database, tenant, 'owner', (client) =>
    client.query('insert into app.project (name) values ($1) returning id', [name]),
  );

it('every event counts once, however many write and count at the same time', {
  timeout: patience * 2,
}, async () => {
  const tenants = [
    await createTenant(database, { plan: 'enterprise' }),
    await createTenant(database, { plan: 'enterprise' }),
  ];
  let writing = true;
  const counters = Array.from({ length: 3 }, async () => {
    while (writing) await count();
  });
  await Promise.all(
    tenants.flatMap((tenant, t) =>
      Array.from({ length: 2 }, async (_, w) => {
        for (let n = 0; n < 25; n += 1) await createProject(tenant, `${t} ${w} ${n}`);
      }),
    ),
  );
  writing = false;
  await Promise.all(counters);
  await untilAllCounted('project.created');
  expect(await recorded('project.created')).toBe(100);
  const { rows } = await worker.query(`select * from platform.event_totals() where type = 'project.created'`);
  expect(rows).toEqual([{ type: 'project.created', plan: 'enterprise', count: '100' }]);
});

it('who begins first and commits last is counted, and only then', { timeout: patience * 2 }, async () => {
  const tenant = await createTenant(database, { plan: 'business' });
  await untilAllCounted('project.created');
  const before = await counted('project.created');
  const slow = await open(database);
  await slow.client.query(`select platform.enter_as_system($1, 'test')`, [tenant.id]);
  await slow.client.query(`insert into app.project (tenant_id, name) values ($1, 'slow')`, [tenant.id]);
  // in another tenant: one that has a limit of projects lets one at a time through
  await createProject(await createTenant(database, { plan: 'business' }), 'fast');
  for (let n = 0; n < 3; n += 1) await count();
  expect(await counted('project.created')).toBe(before);
  await slow.end('commit');
  await untilAllCounted('project.created');
  expect(await counted('project.created')).toBe(before + 2);
});

it('what was rolled back is not counted, and a count that fails is made up for', {
  timeout: patience * 2,
}, async () => {
  const tenant = await createTenant(database, { plan: 'business' });
  await untilAllCounted('project.created');
  const before = await counted('project.created');
  const undone = await open(database);
  await undone.client.query(`select platform.enter_as_system($1, 'test')`, [tenant.id]);
  await undone.client.query(`insert into app.project (tenant_id, name) values ($1, 'never')`, [tenant.id]);
  await undone.end('rollback');
  await createProject(tenant, 'kept');
  const failing = await worker.connect();
  await failing.query('begin');
  await failing.query('select platform.count_events()');
  // another counter does not wait for it
  expect(await count()).toBe(false);
  await failing.query('rollback');
  failing.release();
  await untilAllCounted('project.created');
  expect(await counted('project.created')).toBe(before + 1);
});

it('revenue, tenants and seats are what there is, by plan', async () => {
  const gauges = async (): Promise<Record<string, number>> => {
    const { rows } = await worker.query(
      'select metric, plan, currency, value from platform.business_gauges()',
    );
    return Object.fromEntries(
      rows.map(({ metric, plan, currency, value }) => [
        [metric, plan, currency ?? '-'].join(' '),
        Number(value),
      ]),
    );
  };
  const before = await gauges();
  // a plan that nobody has is told of: what was there and is gone would else be shown for ever
  const { rows: plans } = await admin.query('select key from catalog.plan');
  for (const metric of ['freehold_active_tenants', 'freehold_seats'])
    for (const { key } of [...plans, { key: 'none' }]) expect(before).toHaveProperty([`${metric} ${key} -`]);
  const tenant = await createTenant(database, { plan: 'team', members: ['member', 'viewer'], paid: true });
  const change = async () => {
    const now = await gauges();
    return Object.fromEntries(
      Object.entries(now)
        .map(([name, value]): [string, number] => [name, value - (before[name] ?? 0)])
        .filter(([, more]) => more !== 0),
    );
  };
  expect(await change()).toEqual({
    'freehold_monthly_recurring_revenue team EUR': 4900,
    'freehold_active_tenants team -': 1,
    'freehold_seats team -': 3,
  });
  await asMember(database, tenant, 'owner', (client) =>
    client.query(`select app.upgrade_subscription(id, 'business') from app.subscription`),
  );
  expect(await change()).toEqual({
    'freehold_monthly_recurring_revenue business EUR': 19900,
    'freehold_active_tenants business -': 1,
    'freehold_seats business -': 3,
  });
  await asOperator(database, tenant.id, (client) =>
    client.query(`select app.cancel_subscription(id) from app.subscription where tenant_id = $1`, [
      tenant.id,
    ]),
  );
  expect(await change()).toEqual({ 'freehold_active_tenants free -': 1, 'freehold_seats free -': 3 });
});

it('nobody but the worker may count or read what is counted', async () => {
  for (const [login, sql] of [
    ['app', 'select platform.count_events()'],
    ['app', 'select * from platform.business_gauges()'],
    ['gate', 'select * from platform.event_totals()'],
  ] as const)
    await expect(database.pool(login).query(sql)).rejects.toMatchObject({ code: '42501' });
});
