import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { waitUntil } from '../support/wait.ts';

const database = await createTestDatabase();
const [admin, app, worker] = [database.pool('admin'), database.pool('app'), database.pool('worker')];
const watched = async () =>
  (await admin.query('select tenant_id, server_id from platform.event_watch')).rows.map(
    ({ tenant_id, server_id }) => `${tenant_id} ${server_id}`,
  );

it('the news of a thousand tenants is told once each, in notifications that are not too long', async () => {
  const tenants = Array.from({ length: 1_000 }, () => randomUUID());
  await admin.query('insert into platform.event_news select unnest($1::uuid[] || $1::uuid[])', [tenants]);
  const listening = await app.connect();
  const heard: string[] = [];
  let notifications = 0;
  listening.on('notification', ({ payload = '' }) => {
    notifications += 1;
    heard.push(...payload.split(','));
  });
  await listening.query('listen freehold_events');
  const { rows } = await worker.query('select platform.tell_watchers() as told');
  await waitUntil('all was heard', () => heard.length >= tenants.length);
  listening.release(true);
  expect([rows[0].told, notifications, [...heard].sort()]).toEqual([5, 5, [...tenants].sort()]);
  expect((await worker.query('select platform.tell_watchers() as told')).rows[0].told).toBe(0);
});

it('a server watches just what it last said, and what dead ones left is cleared away', async () => {
  const [one, two, dead] = [randomUUID(), randomUUID(), randomUUID()];
  const [a, b] = [randomUUID(), randomUUID()];
  const watch = (server: string, tenants: string[]) =>
    app.query('select platform.watch_events($1, $2)', [server, tenants]);
  await watch(dead, [a, b]);
  await admin.query(
    `update platform.event_watch set expires_at = now() - interval '2 minutes' where server_id = $1`,
    [dead],
  );
  await watch(one, [a, b, a]);
  await watch(two, [b]);
  expect(await watched()).toHaveLength(3);
  await watch(one, [a]);
  expect((await watched()).sort()).toEqual([`${a} ${one}`, `${b} ${two}`].sort());
  await watch(one, []);
  await watch(two, []);
  expect(await watched()).toEqual([]);
});
