import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calculateHash } from 'graphile-migrate/dist/hash.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkDatabase } from '../../db/check.ts';
import { migrate } from '../../db/migrate.ts';
import { migrationsFolder } from '../../db/migration-files.ts';
import { committedMigrations, databaseState } from '../../db/state.ts';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase } from '../support/database.ts';
import { waitUntil } from '../support/wait.ts';

/*
 * Deploying over a database that serves: a copy of the migrations with more behind them is the newer code; the processes are rows of the registry,
 * reported through the logins as server and worker do.
 */
let folder: string;
let database: TestDatabase;
const last = committedMigrations().at(-1);
const next = (offset: number) => String(Number.parseInt(last?.filename ?? '', 10) + offset).padStart(6, '0');

beforeEach(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'freehold-phases-'));
  cpSync(join(migrationsFolder, 'committed'), join(folder, 'committed'), { recursive: true });
  mkdirSync(join(folder, 'current'));
  symlinkSync(join(migrationsFolder, '..', 'db'), join(folder, 'fixtures'));
});

afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
});

/** Adds migrations behind those that are committed. */
function commit(...bodies: { phase?: 'contract'; sql: string }[]): void {
  let previous = last?.hash ?? '';
  for (const [index, { phase, sql }] of bodies.entries()) {
    const body = `${sql.trim()}\n`;
    const hash = calculateHash(body, previous);
    const head = [
      `--! Previous: ${previous}`,
      `--! Hash: ${hash}`,
      ...(phase ? [`--! Phase: ${phase}`] : []),
    ];
    writeFileSync(join(folder, 'committed', `${next(index + 1)}.sql`), `${head.join('\n')}\n\n${body}`);
    previous = hash;
  }
}

const lines: string[] = [];
const deploy = (options: { expandOnly?: boolean; waitMs?: number; pausesS?: number[] } = {}) => {
  lines.length = 0;
  return migrate(database.urls.owner, {
    drafts: false,
    folder,
    onProgress: (line) => lines.push(line),
    ...options,
  });
};

/** How the newer code finds the database. */
const standing = async () => (await databaseState(database.pool('app'), committedMigrations(folder))).state;

const report = async (id: string, migration: string | undefined, kind = 'server') => {
  const login = kind === 'server' ? 'app' : 'worker';
  const { rows } = await database
    .pool(login)
    .query('select platform.report_serving($1, $2, $3, $4, $5) as oldest', [
      id,
      kind,
      'v1',
      migration,
      'here',
    ]);
  return rows[0].oldest;
};
const [one, two] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];

const columns = async () => {
  const { rows } = await database
    .pool('admin')
    .query(
      `select attname from pg_attribute where attrelid = 'catalog.plan'::regclass and attnum > 0 and not attisdropped`,
    );
  return rows.map(({ attname }) => attname);
};

const expand = {
  sql: 'alter table catalog.plan add column tagline text;\ncomment on column catalog.plan.tagline is $$A line.$$;',
};
const contract = { phase: 'contract' as const, sql: 'alter table catalog.plan drop column tagline;' };

describe('a migration of phase expand', () => {
  it('runs while older code serves, which goes on, and starts again', async () => {
    commit(expand, contract);
    await report(one, last?.filename);
    expect(await deploy({ expandOnly: true })).toEqual([`${next(1)}.sql`]);
    expect(await columns()).toContain('tagline');
    await checkDatabase(database.pool('app'), 'APP_DATABASE_URL');
    expect(await report(two, last?.filename)).toBe(null);
  });

  it('is refused when it comes after one of phase contract that would have to wait', async () => {
    commit(contract, expand);
    await expect(deploy({ expandOnly: true })).rejects.toMatchObject({ code: 'contract_in_the_way' });
  });
});

describe('a migration of phase contract', () => {
  it('refuses to run while older code serves, and says which; when it is gone, it runs, and older code may not come back', async () => {
    commit(expand, contract);
    await report(one, last?.filename);
    await report(two, `${next(2)}.sql`, 'worker');
    await expect(deploy()).rejects.toMatchObject({
      code: 'older_code_serving',
      message: expect.stringMatching(
        new RegExp(`server v1 at here \\(knows ${last?.filename.replace('.sql', '')}\\)[^,]*Roll`),
      ),
    });
    // what came before it is kept and over, so that newer code starts; and older code may serve still
    expect(await standing()).toBe('awaiting_contract');
    expect(await columns()).toContain('tagline');
    expect(await report(one, last?.filename)).toBe(null);
    await database.pool('app').query('select platform.end_serving($1)', [one]);
    expect(await deploy()).toEqual([`${next(2)}.sql`]);
    expect(await columns()).not.toContain('tagline');
    expect(await report(one, last?.filename)).toBe(`${next(2)}.sql`);
    // and does not migrate either
    await expect(migrate(database.urls.owner, { drafts: false })).rejects.toMatchObject({
      code: 'database_newer',
    });
  });

  it('waits as long as it is told to, for processes that end and for those that were killed', async () => {
    commit(contract, expand);
    await report(one, last?.filename);
    await report(two, last?.filename, 'worker');
    await database
      .pool('admin')
      .query(`update platform.serving_process set beat_at = now() - interval '61 seconds' where id = $1`, [
        two,
      ]);
    await database.pool('admin').query('alter table catalog.plan add column tagline text');
    const deployed = deploy({ waitMs: 60_000 });
    await waitUntil('it waits', () =>
      lines.some((line) => line.includes('waits for older code to go: server v1')),
    );
    await database.pool('app').query('select platform.end_serving($1)', [one]);
    expect(await deployed).toEqual([`${next(1)}.sql`, `${next(2)}.sql`]);
  });

  it('that fails lets older code serve as before, and newer code too', async () => {
    commit({ phase: 'contract', sql: 'alter table catalog.plan drop column there_is_none;' });
    await expect(deploy()).rejects.toMatchObject({ code: 'migration_failed' });
    expect(await report(one, last?.filename)).toBe(null);
    expect(await standing()).toBe('awaiting_contract');
  });

  it('that waits for older code to go keeps newer code from nothing, whatever was run before it', async () => {
    commit(expand, contract);
    await report(one, last?.filename);
    const deployed = deploy({ waitMs: 60_000 });
    await waitUntil('it waits', () => lines.some((line) => line.includes('waits for older code to go')));
    expect(await standing()).toBe('awaiting_contract');
    await database.pool('app').query('select platform.end_serving($1)', [one]);
    expect(await deployed).toEqual([`${next(1)}.sql`, `${next(2)}.sql`]);
    expect(await standing()).toBe('current');
  });
});

describe('a migration that does not get its lock', () => {
  it('gives way after a second, and is tried again until it does', async () => {
    commit(expand);
    const holder = await database.pool('admin').connect();
    await holder.query('begin; lock table catalog.plan in access share mode');
    try {
      const deployed = deploy({ pausesS: [0.05, 0.05, 0.05, 0.05, 0.05, 0.05] });
      await waitUntil('it was refused', () =>
        lines.some((line) => /did not get its locks .*lock timeout/.test(line)),
      );
      await holder.query('rollback');
      expect(await deployed).toEqual([`${next(1)}.sql`]);
    } finally {
      holder.release();
    }
  });

  it('fails in the end, and nothing of it is kept', async () => {
    commit(expand);
    const holder = await database.pool('admin').connect();
    await holder.query('begin; lock table catalog.plan in access share mode');
    await expect(deploy({ pausesS: [0.01] })).rejects.toMatchObject({
      code: 'migration_failed',
      message: expect.stringContaining('failed 2 times'),
    });
    await holder.query('rollback');
    holder.release();
    expect(await columns()).not.toContain('tagline');
  });

  it('leaves no invalid index behind when it builds one concurrently', async () => {
    commit({ sql: '--! no-transaction\ncreate index concurrently plan_tagline on catalog.plan (name);' });
    const holder = await database.pool('admin').connect();
    await holder.query('begin; lock table catalog.plan in row exclusive mode');
    const deployed = deploy({ pausesS: [0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05] });
    try {
      await waitUntil('it was refused', () =>
        lines.some((line) => line.includes('is dropped before the next attempt')),
      );
    } finally {
      await holder.query('rollback');
      holder.release();
    }
    expect(await deployed).toEqual([`${next(1)}.sql`]);
    const { rows } = await database
      .pool('admin')
      .query(`select indisvalid from pg_index where indexrelid = 'catalog.plan_tagline'::regclass`);
    expect(rows).toEqual([{ indisvalid: true }]);
  });
});
