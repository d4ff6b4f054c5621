import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
const admin = database.pool('admin');

async function names(sql: string, values: unknown[] = []): Promise<string[]> {
  const { rows } = await admin.query(`select n from (${sql}) q (n) order by n collate "C"`, values);
  return rows.map(({ n }) => n);
}

describe('nobody', () => {
  it('is given anything through PUBLIC, now or by what is made later', async () => {
    expect(
      await names(
        `select p.oid::regprocedure::text from pg_proc p
         where p.pronamespace::regnamespace::text in ('app', 'platform', 'identity', 'catalog', 'generated') and has_function_privilege('public', p.oid, 'execute')`,
      ),
    ).toEqual([]);
    const owner = await database.pool('owner').connect();
    try {
      await owner.query('begin');
      await owner.query('create function platform.later() returns int language sql return 1');
      await owner.query('create table platform.later (x int)');
      const { rows } = await owner.query(
        `select has_function_privilege('public', 'platform.later()', 'execute') as f, has_table_privilege('public', 'platform.later', 'select') as t`,
      );
      expect(rows).toEqual([{ f: false, t: false }]);
    } finally {
      await owner.query('rollback');
      owner.release();
    }
  });

  it('makes objects: neither in our schemas, nor in public, nor temporary ones', async () => {
    const logins = ['gate', 'app', 'worker', 'user'];
    for (const login of logins) {
      expect(
        await names(
          `select nspname from pg_namespace where nspname !~ '^pg_' and has_schema_privilege($1, oid, 'create')`,
          [`freehold_${login}`],
        ),
      ).toEqual([]);
      const { rows } = await admin.query(
        `select has_database_privilege($1, current_database(), 'temporary') as t, has_database_privilege($1, current_database(), 'create') as c`,
        [`freehold_${login}`],
      );
      expect(rows).toEqual([{ t: false, c: false }]);
    }
  });
});
