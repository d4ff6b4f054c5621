import { readdirSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { migrationsFolder } from '../../db/migration-files.ts';
import { runMigrations } from '../../db/migration-run.ts';
import type { Catalog } from '../../db/reverse/catalog.ts';
import { readCatalog } from '../../db/reverse/catalog.ts';
import { unlike } from '../../db/reverse/difference.ts';
import { readRollback, rollback } from '../../db/rollback.ts';
import { seed } from '../../db/seed.ts';
import { committedMigrations } from '../../db/state.ts';
import { createTestDatabase } from '../support/database.ts';
import { secretKey } from '../support/keyring.ts';

/*
 * The way up, down and up again, on a database that people have used: after each rollback the catalog is what it was before the migration.
 */
const database = await createTestDatabase({ empty: true });
const code = committedMigrations();
const catalogs: Catalog[] = [];

const catalog = async (): Promise<Catalog> => {
  const client = await database.pool('admin').connect();
  try {
    return await readCatalog(client);
  } finally {
    client.release();
  }
};

beforeAll(async () => {
  const owner = new Client({ connectionString: database.urls.owner });
  await owner.connect();
  catalogs.push(await catalog());
  for (let end = 1; end <= code.length; end += 1) {
    await runMigrations(owner, code.slice(0, end), {
      ownerUrl: database.urls.owner,
      folder: migrationsFolder,
      drafts: false,
      progress: () => {},
    });
    catalogs.push(await catalog());
  }
  await owner.end();
  await migrate(database.urls.owner, { drafts: false });
  await seed(database.urls.owner, secretKey.toString('hex'));
  await database.checkEvents();
}, 120_000);

afterAll(() => database.drop());

it('every migration has a rollback that names it, and what is lost with it', () => {
  expect(readdirSync(`${migrationsFolder}/rollbacks`).sort()).toEqual(code.map(({ file }) => file));
  for (const migration of code) expect(readRollback(migration).migration).toBe(migration);
});

it('what would be lost is refused until it is accepted', async () => {
  await expect(rollback(database.urls.owner, { to: '30' })).rejects.toMatchObject({
    code: 'rollback_loses',
    message: expect.stringMatching(/000031-serving\.sql loses .*the rows of platform\.serving_process/),
  });
  expect(unlike(catalogs.at(-1) as Catalog, await catalog())).toEqual([]);
});

it.each(code.map(({ file }, index) => [file, index] as const).reverse())(
  '%s is undone on a database with rows',
  async (file, index) => {
    expect(await rollback(database.urls.owner, { to: String(index), acceptLoss: true })).toEqual([file]);
    expect(unlike(catalogs[index] as Catalog, await catalog())).toEqual([]);
  },
);

it('and all are run again, to the same end', async () => {
  expect(await migrate(database.urls.owner, { drafts: false })).toEqual(code.map(({ file }) => file));
  expect(unlike(catalogs.at(-1) as Catalog, await catalog())).toEqual([]);
});
