import { pino } from 'pino';
import { afterAll, expect, it } from 'vitest';
import type { Caller } from '../../server/database/context.ts';
import { createPool } from '../../server/database/pool.ts';
import { runStatement } from '../../server/database/run.ts';
import { contextOf, createTenant } from '../graphql/tenants.ts';
import { createTestDatabase } from '../support/database.ts';
import { waitUntil } from '../support/wait.ts';

/* What happens to a request that is under way when a migration changes the table beneath it: npm run drill:deploy found them. */
const database = await createTestDatabase();
const admin = database.pool('admin');
// Time enough for what is to become a deadlock, and below the lock_timeout of the login. Of connections from now on.
await admin.query(`alter database ${database.name} set deadlock_timeout = '4s'`);
const pool = createPool(
  { connectionString: database.urls.app, max: 2, statementTimeoutMs: 20_000, name: 'app' },
  pino({ level: 'silent' }),
);
afterAll(() => pool.end());
const tenant = await createTenant(database, 'under-migration', 1);
const { rows } = await admin.query('select id from app.project where tenant_id = $1', [tenant.id]);
const [{ id }] = rows as [{ id: string }];

async function caller(): Promise<Caller> {
  const context = await contextOf(database.pool('gate'), tenant);
  return { context, requestId: 'under-migration', traceparent: '' };
}

const waits = (text: string) =>
  waitUntil('it waits for the migration', async () => {
    const { rowCount } = await admin.query(
      `select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock' and query like $2`,
      [database.name, `${text}%`],
    );
    return rowCount !== 0;
  });

it('a request that is ended because a migration and it wait for each other is sent again', async () => {
  const [migration, witness] = await Promise.all([admin.connect(), admin.connect()]);
  try {
    // It is the requests that look for it, after the migration has begun to wait.
    await migration.query(`set deadlock_timeout = '30s'`);
    await migration.query('begin; lock table app.project in access exclusive mode');
    const change = 'update api_v1.projects as t set name = $2 where t.id = $1 returning t.name, t.version';
    const changed = runStatement(pool, await caller(), change, [id, 'Renamed'], false);
    // Another one, which nobody sends again.
    const ended = expect(witness.query('select from api_v1.projects')).rejects.toMatchObject({
      code: '40P01',
    });
    await waits('update api_v1.projects');
    await migration.query('lock table api_v1.projects in access exclusive mode');
    await migration.query('commit');
    expect((await changed).rows).toEqual([['Renamed', 2]]);
    await ended;
  } finally {
    migration.release();
    witness.release();
  }
});

it('a verb that waits for a migration which adds a column is sent again, and done once', async () => {
  const migration = await admin.connect();
  try {
    await migration.query('begin; alter table app.project add column later text');
    const archive = 'select f.id::text, f.status, f.version from app.archive_project($1) f';
    const archived = runStatement(pool, await caller(), archive, [id], false);
    // inside the function
    await waits('select f.id::text');
    await migration.query('commit');
    expect((await archived).rows).toEqual([[id, 'archived', 3]]);
  } finally {
    migration.release();
  }
});

it('a verb that waits for a migration which drops a column is sent again, and done once', async () => {
  const migration = await admin.connect();
  try {
    await migration.query('begin; alter table app.project drop column later');
    const restore = 'select g.id::text, g.status, g.version from app.restore_project($1) g';
    const restored = runStatement(pool, await caller(), restore, [id], false);
    await waits('select g.id::text');
    await migration.query('commit');
    expect((await restored).rows).toEqual([[id, 'active', 4]]);
  } finally {
    migration.release();
  }
});
