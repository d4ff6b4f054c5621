import { beforeAll, describe, expect, it } from 'vitest';
import { asSystem, asTenant } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestTenant } from '../support/tenants.ts';
import { createTenant } from '../support/tenants.ts';
import { waitUntil } from '../support/wait.ts';

/* The plan free keeps 30 days in sight, business 365, and the longest, enterprise, 2,555. */
const database = await createTestDatabase();
const admin = database.pool('admin');
const worker = database.pool('worker');
let tenant: TestTenant;

const partitioned = ['delivery', 'delivery_attempt', 'event'];

/** A partition of that time, of events, deliveries and attempts. */
const partition = async (name: string, from: string, to: string) => {
  for (const table of partitioned) {
    await database.pool('owner').query(
      `do $$ begin execute format('create table app.${table}_${name} partition of app.${table} for values from (%L) to (%L)',
         platform.uuidv7_floor(${from}), platform.uuidv7_floor(${to})); end $$;
       alter table app.${table}_${name} enable row level security, force row level security`,
    );
  }
};

/** An event and a delivery of so many days ago, with an attempt. */
const happened = (daysAgo: number, status = 'succeeded') =>
  admin.query(
    `with event as (
       insert into app.event (tenant_id, id, type, entity, entity_id, data, actor_type)
       values ($1, uuidv7(make_interval(days => -$2::int)), 'feature.used', 'feature_usage', $1,
         '{"feature": "search", "quantity": 1, "day": "2026-01-31"}', 'system')
       returning id
     ),
     delivery as (
       insert into app.delivery (tenant_id, id, event_id, task, status)
       select $1, uuidv7(make_interval(days => -$2::int)), id, 'old', $3 from event
       returning id
     )
     insert into app.delivery_attempt (tenant_id, id, delivery_id, attempt, succeeded, latency_ms)
     select $1, uuidv7(make_interval(days => -$2::int)), id, 1, true, 1 from delivery`,
    [tenant.id, daysAgo, status],
  );

/** Ages in days of what the owner sees. */
const seen = (table: string, where: string) =>
  asTenant(database, tenant, async (client) => {
    const { rows } = await client.query<{ age: number }>(
      `select round(extract(epoch from now() - uuid_extract_timestamp(id)) / 86400)::int as age from app.${table} where ${where} order by 1`,
    );
    return rows.map(({ age }) => age);
  });

const choose = (plan: string) =>
  asSystem(database, tenant.id, (client) =>
    client.query('select app.upgrade_subscription(id, $1) from app.subscription', [plan]),
  );

beforeAll(async () => {
  tenant = await createTenant(database, { plan: 'free' });
  await partition('past', `now() - interval '20 years'`, `now() - interval '10 years'`);
  await partition('long', `now() - interval '10 years'`, `now() - interval '2 years'`);
  await partition('year', `now() - interval '2 years'`, `date_trunc('month', now(), 'UTC')`);
  for (const daysAgo of [29, 31, 200, 400, 5000]) await happened(daysAgo);
});

describe('what the plan no longer keeps', () => {
  it('is out of sight: events, deliveries and their attempts', async () => {
    expect(await seen('event', `type = 'feature.used'`)).toEqual([29]);
    expect(await seen('delivery', `task = 'old'`)).toEqual([29]);
    expect(await seen('delivery_attempt', 'latency_ms = 1')).toEqual([29]);
  });

  it('is told by the verified tenant, whatever a statement puts into the settings', async () => {
    const other = await createTenant(database, { plan: 'enterprise' });
    const floors = await asTenant(database, tenant, async (client) => {
      const { rows } = await client.query(
        `select platform.retention_floor() as own, (select platform.retention_floor() from (select set_config('freehold.tenant_id', $1, true) offset 0) s) as theirs`,
        [other.id],
      );
      return rows;
    });
    expect(floors).toEqual([{ own: expect.any(String), theirs: null }]);
  });

  it('comes back with a higher plan, as far as it was kept', async () => {
    await choose('business');
    expect(await seen('event', `type = 'feature.used'`)).toEqual([29, 31, 200]);
  });
});

/** The event of so many days ago. */
const eventOf = async (daysAgo: number): Promise<string> => {
  const { rows } = await admin.query(
    `select id from app.event where tenant_id = $1 and type = 'feature.used'
       and round(extract(epoch from now() - uuid_extract_timestamp(id)) / 86400)::int = $2`,
    [tenant.id, daysAgo],
  );
  return rows[0].id;
};

/** Ages of what the change feed shows after an event. They were written in the order of the fixture, the newest first. */
const fed = async (after?: string) => {
  await waitUntil('the feed shows everything', () =>
    asTenant(database, tenant, async (client) => {
      const { rows } = await client.query('select app.change_feed_held_since() is null as all');
      return rows[0].all;
    }),
  );
  return seen(`change_feed(${after ? `'${after}'` : ''})`, `type = 'feature.used'`);
};

describe('the change feed', () => {
  it('begins where the plan does, and keeps the place of a reader who was last there before', async () => {
    expect(await fed()).toEqual([29, 31, 200]);
    expect(await fed(await eventOf(31))).toEqual([200]);
    expect(await fed(await eventOf(400))).toEqual([]);
  });
});

describe('what nobody may see any more', () => {
  it('goes by the partition, once the longest plan does not reach into it', async () => {
    const past = await eventOf(5000);
    const { rows } = await worker.query('select name from platform.drop_old_partitions() name');
    expect(rows).toEqual(
      ['delivery_attempt', 'delivery', 'event'].map((table) => ({ name: `app.${table}_past` })),
    );
    expect((await worker.query('select name from platform.drop_old_partitions() name')).rows).toEqual([]);
    expect((await admin.query('select * from platform.violations()')).rows).toEqual([]);
    // the cursor of what is gone stands before all that is left
    expect(await fed(past)).toEqual([29, 31, 200]);
  });

  it('stays while one plan keeps everything', async () => {
    await partition('past', `now() - interval '20 years'`, `now() - interval '11 years'`);
    await admin.query(
      `update catalog.plan_entitlement set value = null where plan = 'enterprise' and key = 'retention_days'`,
    );
    expect((await worker.query('select name from platform.drop_old_partitions() name')).rows).toEqual([]);
  });
});
