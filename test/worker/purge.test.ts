import { expect, it } from 'vitest';
import { asOperator, asSystem, asTenant, refusal, refusalOf } from '../support/actors.ts';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase } from '../support/database.ts';
import type { FullTenant } from '../support/every-table.ts';
import { createFullTenants, tenantTables } from '../support/every-table.ts';
import { fingerprint } from '../support/fingerprint.ts';
import type { TestTenant } from '../support/tenants.ts';
import { createTenant } from '../support/tenants.ts';
import { waitUntil } from '../support/wait.ts';
import { startWorkerProcess } from './support/process.ts';

const database = await createTestDatabase();
const admin = database.pool('admin');
const worker = database.pool('worker');

/** Somebody who belongs to several tenants. Returns the person's id. */
async function join(tenant: TestTenant, subject: string): Promise<string> {
  return await asSystem(database, tenant.id, async (client) => {
    const { rows } = await client.query(
      `insert into app.invitation (email, role) values ($1, 'viewer') returning id`,
      [`${subject}@x.example`],
    );
    await client.query('reset role');
    const joined = await client.query(
      `select person_id from app.accept_invitation($1, 'test', $2, 'Shared')`,
      [rows[0].id, subject],
    );
    return joined.rows[0].person_id;
  });
}

async function close(tenant: TestTenant): Promise<void> {
  await asTenant(database, tenant, (client) => client.query('select app.close_tenant($1)', [tenant.id]));
  await asSystem(database, tenant.id, (client) =>
    client.query('select app.finish_closing_tenant($1)', [tenant.id]),
  );
}

/** Tables of all our schemas that still have rows of the tenant. */
async function remains(of: TestDatabase, tenantId: string): Promise<string[]> {
  const { rows } = await admin.query<{ relation: string }>(
    `select c.oid::regclass::text as relation
     from pg_class c
     join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
     where c.relnamespace::regnamespace::text in ('app', 'platform', 'identity')
       and c.relkind in ('r', 'p') and not c.relispartition
     order by 1`,
  );
  const found: string[] = [];
  for (const { relation } of rows) {
    const { rowCount } = await of
      .pool('admin')
      .query(`select from ${relation} where tenant_id = $1 limit 1`, [tenantId]);
    if (rowCount) found.push(relation);
  }
  return found;
}

it('deletes a closed tenant from every table, part by part, and nothing of another', async () => {
  const [gone, stays] = (await createFullTenants(database, 2)) as [FullTenant, FullTenant];
  const shared = await join(gone, 'shared');
  expect(await join(stays, 'shared')).toBe(shared);
  const alone = await join(gone, 'alone');
  await close(gone);
  expect((await remains(database, gone.id)).length).toBeGreaterThan((await tenantTables(database)).length);
  const before = await fingerprint(database, stays.id);

  await database.checkEvents();
  for (let more = true; more; ) {
    const { rows } = await worker.query('select platform.purge_tenant($1, 7) as more', [gone.id]);
    more = rows[0].more;
  }
  // who answered under this name, and that the system was inside
  expect(await remains(database, gone.id)).toEqual(['identity.tenant_slug', 'platform.system_entry']);
  const { rows: people } = await admin.query('select id from identity.person where id = any ($1)', [
    [shared, alone, ...[...gone.members.values()].map(({ personId }) => personId)],
  ]);
  expect(people).toEqual([{ id: shared }]);
  expect(await fingerprint(database, stays.id)).toEqual(before);
  expect((await refusalOf(worker.query('select platform.purge_tenant($1)', [gone.id]))).code).toBe('ZF004');
});

it('deletes nothing of a tenant that is not closed, and neither does anybody else', async () => {
  const tenant = await createTenant(database);
  const refused = () => refusalOf(worker.query('select platform.purge_tenant($1)', [tenant.id]));
  expect((await refused()).code).toBe('ZF005');
  await asTenant(database, tenant, (client) => client.query('select app.close_tenant($1)', [tenant.id]));
  expect((await refused()).code).toBe('ZF005');
  await asOperator(database, tenant.id, async (client) => {
    expect((await refusal(client, 'delete from app.membership where tenant_id = $1', [tenant.id])).code).toBe(
      'ZF008',
    );
    expect((await refusal(client, 'delete from app.event where tenant_id = $1', [tenant.id])).code).toBe(
      'ZF012',
    );
  });
});

it('is done by the worker, in time', async () => {
  const tenant = await createTenant(database);
  await close(tenant);
  await database.checkEvents();
  const running = await startWorkerProcess(database);
  await worker.query(`select graphile_worker.add_job('purge')`);
  await running.printed(/a closed tenant was purged/);
  await waitUntil('the job has ended', async () => {
    const { rowCount } = await admin.query('select from graphile_worker._private_jobs');
    return rowCount === 0;
  });
  expect(await remains(database, tenant.id)).toEqual(['identity.tenant_slug', 'platform.system_entry']);
});
