import { beforeAll, describe, expect, it } from 'vitest';
import { asTenant, refusal } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestTenant } from '../support/tenants.ts';
import { createTenant } from '../support/tenants.ts';

const database = await createTestDatabase();
const admin = database.pool('admin');
let tenant: TestTenant;

beforeAll(async () => {
  tenant = await createTenant(database);
  await asTenant(database, tenant, (client) => client.query(`insert into app.project (name) values ('one')`));
});

describe('the record is append-only', () => {
  it.each(['admin', 'owner'] as const)('for %s', async (login) => {
    const client = await database.pool(login).connect();
    try {
      await client.query('begin');
      await client.query(`select platform.enter_as_system($1, 'test')`, [tenant.id]);
      const { rows } = await client.query(
        `select inhrelid::regclass::text as partition from pg_inherits where inhparent = 'app.event'::regclass`,
      );
      for (const relation of ['app.event', ...rows.map(({ partition }) => partition)]) {
        // the owner, whom policies bind, sees no partition: nothing there to refuse
        const filled = (await client.query(`select from ${relation} limit 1`)).rowCount === 1;
        for (const [command, sql] of [
          ['update', `update ${relation} set type = 'x'`],
          ['delete', `delete from ${relation}`],
        ]) {
          if (filled)
            expect([command, relation, (await refusal(client, sql ?? '')).code]).toEqual([
              command,
              relation,
              'ZF012',
            ]);
          else expect((await client.query(sql ?? '')).rowCount).toBe(0);
        }
        expect([relation, (await refusal(client, `truncate ${relation}`)).code]).toEqual([relation, 'ZF012']);
      }
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('for those who may write it: no role has more than insert and select', async () => {
    const { rows } = await admin.query(
      `select distinct x.grantee::regrole::text as role, lower(x.privilege_type) as privilege
       from pg_class c, aclexplode(c.relacl) x
       where c.oid = 'app.event'::regclass and x.grantee <> c.relowner and x.privilege_type <> 'SELECT'`,
    );
    expect(rows).toEqual([{ role: 'freehold_recorder', privilege: 'insert' }]);
  });
});

describe('partitions', () => {
  it('are made for this month and the next three, once', async () => {
    const months = async () => {
      const { rows } = await admin.query(
        `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'app.event'::regclass order by 1`,
      );
      return rows.map(({ name }) => name);
    };
    const before = await months();
    expect(before).toHaveLength(4);
    await database.pool('worker').query('select platform.make_all_partitions()');
    expect(await months()).toEqual(before);
    await database.pool('owner').query(`select platform.make_partitions('app.event', 5)`);
    expect(await months()).toHaveLength(6);
    expect((await admin.query('select * from platform.violations()')).rows).toEqual([]);
  });

  it('meet without a gap: the first and the last moment of a month are in it', async () => {
    const { rows } = await admin.query(
      `select bool_and(platform.uuidv7_floor(m) <= platform.uuidv7_floor(m + interval '1 ms')) as ordered,
         bool_and(uuid_extract_timestamp(overlay(overlay(platform.uuidv7_floor(m)::text placing '7' from 15 for 1) placing '8' from 20 for 1)::uuid) = date_trunc('milliseconds', m)) as exact
       from (values ('2026-01-01T00:00:00Z'::timestamptz), ('2026-01-31T23:59:59.999Z'), (now())) v (m)`,
    );
    expect(rows).toEqual([{ ordered: true, exact: true }]);
  });

  it('give an order for every time, also the impossible ones', async () => {
    const { rows } = await admin.query(
      `select platform.uuidv7_floor('-infinity') as earliest, platform.uuidv7_floor('1969-12-31') as early,
         platform.uuidv7_floor('infinity') as latest, platform.uuidv7_floor('294000-01-01') as late`,
    );
    const zero = '00000000-0000-0000-0000-000000000000';
    const end = 'ffffffff-ffff-0000-0000-000000000000';
    expect(rows).toEqual([
      { earliest: zero, early: zero, latest: end, late: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    ]);
    expect(rows[0].late <= end).toBe(true);
  });
});
