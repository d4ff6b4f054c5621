import { expect, it } from 'vitest';
import { writeWithoutTenant } from '../../check/sql/rules/backfills.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFullTenants } from '../support/every-table.ts';

/* What the lint advises for rows of app, as it stands there. */
it('the safe form of a backfill reaches the rows of every tenant, where a plain update reaches none', async () => {
  const database = await createTestDatabase();
  const tenants = await createFullTenants(database, 2);
  const owner = await database.pool('owner').connect();
  try {
    // a name may not be changed behind row-level security either: the administrator's login plants it
    const plant = `update app.project set name = '  ' || name || ' '`;
    const admin = database.pool('admin');
    const { rowCount: planted } = await admin.query(plant);
    expect(planted).toBeGreaterThanOrEqual(tenants.length);
    const blank = async (): Promise<string[]> =>
      (await admin.query<{ id: string }>(`select id from app.project where name <> trim(name)`)).rows.map(
        ({ id }) => id,
      );
    expect(await blank()).toHaveLength(planted ?? 0);

    expect((await owner.query('update app.project set name = trim(name)')).rowCount).toBe(0);
    await owner.query(writeWithoutTenant.safe);
    expect(await blank()).toEqual([]);
  } finally {
    owner.release();
    await database.drop();
  }
});
