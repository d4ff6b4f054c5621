import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { runNode } from '../support/process.ts';

const database = await createTestDatabase();
const empty = await createTestDatabase({ empty: true });
const file = fileURLToPath(new URL('../../worker/main.ts', import.meta.url));

it.each([
  [
    'a login that steps over row-level security',
    () => database.urls.admin,
    /superuser: row-level security would not bind it/,
  ],
  ['a login that owns the tables', () => database.urls.owner, /owns/],
  ['a database without migrations', () => empty.urls.worker, /has not been migrated/],
])('refuses to work with %s', async (_, url, reason) => {
  const worker = runNode([file], {
    env: { ...database.environment, WORKER_DATABASE_URL: url() },
  });
  expect(await worker.closed).toBe(1);
  expect(worker.output()).toMatch(reason);
});
