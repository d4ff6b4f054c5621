import { expect, it } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { createTenant } from '../../support/tenants.ts';
import { waitUntil } from '../../support/wait.ts';
import { startObservedSite, untilLine } from './site.ts';

const database = await createTestDatabase();

it('what PostgreSQL does not tell in time is not a number, and all else is told', {
  timeout: 90_000,
}, async () => {
  const site = await startObservedSite(database);
  await createTenant(database, { plan: 'team', paid: true });
  const value = async (metric: string) => (await site.samples('worker', metric))[0]?.value;
  expect(await value('freehold_oldest_due_delivery_seconds')).toBeGreaterThanOrEqual(0);
  expect(await value('freehold_oldest_due_job_seconds')).toBeGreaterThanOrEqual(0);
  const unread = async () =>
    Object.fromEntries(
      (await site.samples('worker', 'freehold_metric_read_errors_total')).map((its) => [
        its.labels.group,
        its.value,
      ]),
    );
  expect(await unread()).toEqual({ events: 0, queues: 0, business: 0 });

  const holder = await database.pool('admin').connect();
  await holder.query('begin');
  await holder.query('lock table identity.waiting_person in access exclusive mode');
  // Two who ask at the same time are one reading.
  const texts = await Promise.all([1, 2].map(async () => (await fetch(site.metrics.worker)).text()));
  await holder.query('rollback');
  holder.release();
  for (const text of texts) {
    expect(text).toMatch(/^freehold_oldest_due_delivery_seconds NaN$/m);
    expect(text).toMatch(/^freehold_queue_depth\{queue="deliveries"\} NaN$/m);
    expect(text).toMatch(/^freehold_seats\{plan="team"\} \d+$/m);
    expect(text).toMatch(/^freehold_metric_read_errors_total\{group="queues"\} 1$/m);
  }
  expect(await untilLine(site, 'worker', { msg: 'metrics could not be read' })).toMatchObject({
    group: 'queues',
    err: expect.objectContaining({ code: '57014' }),
  });
  await waitUntil(
    'they are read again',
    async () => ((await value('freehold_oldest_due_delivery_seconds')) ?? Number.NaN) >= 0,
  );
  expect(await unread()).toEqual({ events: 0, queues: 1, business: 0 });
});
