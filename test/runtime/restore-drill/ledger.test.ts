import { beforeAll, expect, it } from 'vitest';
import { type Entry, prove } from '../../../runtime/restore-drill/ledger.ts';
import { asTenant } from '../../support/actors.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createTenant, type TestTenant } from '../../support/tenants.ts';

const database = await createTestDatabase();
let tenant: TestTenant;
/** Three transactions that were made, a second after each other. */
const ledger: Entry[] = [];

beforeAll(async () => {
  tenant = await createTenant(database);
  await asTenant(database, tenant, async (client) => {
    for (const [n, name] of ['one', 'two', 'three'].entries()) {
      const { rows } = await client.query(
        'insert into app.project (name) values ($1) returning id, version',
        [name],
      );
      const [began, acknowledged] = [n * 1_000, n * 1_000 + 100];
      ledger.push({
        tenant: tenant.id,
        project: rows[0].id,
        version: rows[0].version,
        name,
        began,
        acknowledged,
      });
    }
  });
});

const proof = async (entries: readonly Entry[], point?: number) => {
  const client = await database.pool('admin').connect();
  return prove(client, entries, point).finally(() => client.release());
};
const more = (its: Partial<Entry>): Entry => ({ ...(ledger[2] as Entry), ...its });

it('all that was acknowledged is there, and nothing else: nothing to tell', async () => {
  expect(await proof(ledger, 5_000)).toMatchObject({
    promised: 3,
    missing: 0,
    unexpected: 0,
    unknown: 0,
    torn: 0,
    lost: 0,
  });
});

it('an acknowledged transaction that is not there is missing, and one with another content too', async () => {
  const gone = more({ version: 2, began: 3_000, acknowledged: 3_100 });
  expect(await proof([...ledger, gone], 5_000)).toMatchObject({ promised: 4, missing: 1 });
  const changed = ledger.map((entry) => (entry.name === 'two' ? { ...entry, name: 'other' } : entry));
  expect(await proof(changed, 5_000)).toMatchObject({ missing: 1 });
});

it('what was under way at the point may be there or not; what began after it may not', async () => {
  expect(await proof(ledger, 2_050)).toMatchObject({ promised: 2, missing: 0, unexpected: 0 });
  expect(await proof(ledger, 1_500)).toMatchObject({ promised: 2, missing: 0, unexpected: 1 });
});

it('an event that no writer knows of is told', async () => {
  expect(await proof(ledger.slice(0, 2), 5_000)).toMatchObject({ unknown: 1 });
});

it('without a point, the log ended where the first loss was: nothing later may be there', async () => {
  const lost = more({ version: 2, began: 3_000, acknowledged: 3_100 });
  expect(await proof([...ledger, lost])).toMatchObject({
    missing: 0,
    unexpected: 0,
    lost: 1,
    lostSince: 3_100,
  });
  const early = more({ version: 2, began: 1_200, acknowledged: 1_300 });
  expect(await proof([...ledger, early])).toMatchObject({ lost: 1, unexpected: 1 });
});

it('a row that is not what its last event says is torn', async () => {
  const admin = database.pool('admin');
  const change = (name: string) =>
    admin.query(
      `begin; set local session_replication_role = replica; update app.project set name = '${name}' where id = '${ledger[0]?.project}'; commit`,
    );
  await change('torn');
  expect(await proof(ledger, 5_000)).toMatchObject({ missing: 0, torn: 1 });
  await change('one');
});
