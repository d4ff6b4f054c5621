import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { createTenant } from '../support/tenants.ts';

const database = await createTestDatabase();
const admin = database.pool('admin');

it('sessions and events of the provider are forgotten after months, a part at a time; what waits is kept', async () => {
  const tenant = await createTenant(database, { members: ['admin'] });
  await admin.query(
    `update identity.session set expires_at = now() - interval '31 days' where person_id = $1`,
    [tenant.members.get('admin')?.personId],
  );
  await admin.query(
    `insert into identity.inbox (id, issuer, event, data, occurred_at, source, status, received_at)
     values ('old', 'i', 'e', '{}', now(), 'poll', 'applied', now() - interval '91 days'),
       ('ignored', 'i', 'e', '{}', now(), 'poll', 'ignored', now() - interval '91 days'),
       ('failed', 'i', 'e', '{}', now(), 'poll', 'failed', now() - interval '91 days'),
       ('waits', 'i', 'e', '{}', now(), 'poll', 'deferred', now() - interval '91 days'),
       ('new', 'i', 'e', '{}', now(), 'poll', 'applied', now())`,
  );
  const forget = async () =>
    (await database.pool('worker').query('select identity.forget_ended(1) as n')).rows[0].n;
  expect([await forget(), await forget(), await forget(), await forget()]).toEqual([2, 1, 1, 0]);
  const { rows } = await admin.query('select id from identity.inbox order by id');
  expect(rows.map(({ id }) => id)).toEqual(['new', 'waits']);
  expect((await admin.query('select from identity.session')).rowCount).toBe(1);
});
