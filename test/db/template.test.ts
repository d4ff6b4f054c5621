import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();

describe('a test database', () => {
  it('is reached by each login under its own name', async () => {
    for (const login of ['owner', 'gate', 'app', 'worker'] as const) {
      const { rows } = await database
        .pool(login)
        .query('select session_user as me, current_database() as name');
      expect(rows).toEqual([{ me: `freehold_${login}`, name: database.name }]);
    }
  });

  it('holds all migrations', async () => {
    const { rows } = await database
      .pool('admin')
      .query(
        `select to_regnamespace('app') is not null and to_regnamespace('graphile_worker') is not null as migrated`,
      );
    expect(rows).toEqual([{ migrated: true }]);
  });

  it('admits nobody but the logins of Freehold', async () => {
    const { rows } = await database
      .pool('admin')
      .query(`select has_database_privilege('public', current_database(), 'connect') as open`);
    expect(rows).toEqual([{ open: false }]);
  });
});
