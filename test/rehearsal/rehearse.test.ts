import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { connected } from '../../db/connect.ts';
import { committedFiles } from '../../db/migration-files.ts';
import { ensureBase } from '../../db/rehearsal/base.ts';
import { lintDynamically } from '../../db/rehearsal/lint.ts';
import { migrateLive } from '../../db/rehearsal/live.ts';
import { readMigration } from '../../db/rehearsal/migrations.ts';
import { cloneDatabase, dropDatabase, takePlace } from '../../db/rehearsal/place.ts';
import { rehearse } from '../../db/rehearsal/rehearse.ts';
import type { Report } from '../../db/rehearsal/report.ts';
import { steps } from '../../db/rehearsal/steps.ts';
import { watchWaits } from '../../db/rehearsal/waits.ts';
import { loginUrls, withDatabase } from '../../db/urls.ts';
import { runNode } from '../support/process.ts';
import { dropBasesAfterwards, folderWith, patientProfile, testPlace } from '../support/rehearsal.ts';
import { waitUntil } from '../support/wait.ts';
import { codesByDraft, drafts } from './drafts.ts';

// Many steps, so that the first run can be killed between two of them.
const profile = patientProfile({ batchRows: 400 });
const place = testPlace();
const root = fileURLToPath(new URL('../..', import.meta.url));

const harmless = folderWith({
  '010-note.sql': `alter table app.invoice add column note text not null default 'none';`,
});
const harmful = folderWith({
  '010-token.sql': 'alter table app.invoice add column token uuid not null default gen_random_uuid();',
});
writeFileSync(join(harmless.folder, 'profile.json'), JSON.stringify(profile));

dropBasesAfterwards();

/** A command, as a DBA runs it. */
const command = (folder: string, ...words: string[]) =>
  runNode(
    [
      join(root, 'db/main.ts'),
      ...(words.length > 0 ? words : ['rehearse', '--json']),
      ...['--profile', join(harmless.folder, 'profile.json'), '--migrations', folder],
    ],
    {
      cwd: root,
      env: {
        DATABASE_URL: withDatabase(place.adminUrl, 'freehold'),
        FREEHOLD_ROLE_SECRET: place.roles.secret,
      },
    },
  );

/** The only base there is. */
async function baseName(admin: Client): Promise<string | undefined> {
  const { rows } = await admin.query(
    `select datname as name from pg_database where datname like 'freehold\\_rehearsal\\_%'`,
  );
  return rows[0]?.name;
}

const onBase = <T>(work: (client: Client) => Promise<T>): Promise<T> =>
  connected(place.adminUrl, async (admin) =>
    connected(withDatabase(place.adminUrl, (await baseName(admin)) as string), work),
  );

/** What a process that was killed while it generated has left. */
let left: { name: string; seconds: number }[] = [];

beforeAll(async () => {
  const killed = command(harmless.folder);
  await killed.printed(/: migrating to /);
  await waitUntil(
    'some of the data is there',
    () =>
      onBase(async (client) => {
        const { rows } = await client.query(`select to_regclass('rehearsal.step') is not null as begun`);
        if (!rows[0].begun) return false;
        left = (await client.query('select name, seconds from rehearsal.step')).rows;
        return left.length >= 3;
      }).catch(() => false), // the database is still to be made
    90_000,
  );
  killed.signal('SIGKILL');
  expect(await killed.ended).toBe('SIGKILL');
  await connected(place.adminUrl, async (admin) => {
    await takePlace(admin);
    await ensureBase(place, admin, committedFiles(harmless.folder), profile, () => {});
  });
}, 120_000);

describe('data by a profile', () => {
  it('is completed after a kill, and what was there is kept', async () => {
    await onBase(async (client) => {
      const { rows } = await client.query('select name, seconds from rehearsal.step');
      expect(left.length).toBeLessThan(rows.length - 1);
      expect(rows).toEqual(expect.arrayContaining(left));
      expect(rows.map(({ name }) => name).sort()).toEqual(
        [...steps(profile).map(({ name }) => name), 'complete'].sort(),
      );
      const { rowCount } = await client.query(
        `select from pg_class where array_to_string(reloptions, ' ') like '%autovacuum_enabled%'`,
      );
      expect(rowCount, 'tables that are not vacuumed').toBe(0);
    });
  });

  it('fulfils every foreign key, the rules of invoices, and platform.violations()', async () => {
    await onBase(async (client) => {
      expect((await client.query('select * from platform.violations()')).rows).toEqual([]);
      await client.query('begin');
      // checks hold without triggers too; foreign keys were not looked at, and are all of them now
      await client.query(
        `update pg_constraint set convalidated = false where contype = 'f' and oid >= 16384`,
      );
      const { rows: keys } = await client.query(
        `select format('alter table %s validate constraint %I', conrelid::regclass, conname) as sql
         from pg_constraint where contype = 'f' and oid >= 16384 and conparentid = 0`,
      );
      expect(keys.length).toBeGreaterThan(30);
      for (const { sql } of keys) await client.query(sql);
      await client.query('rollback');
      const { rows: wrong } = await client.query(
        `select i.id
         from app.invoice i
         left join app.invoice_line l using (tenant_id)
         where l.invoice_id = i.id
         group by i.tenant_id, i.id
         having i.total <> sum(l.amount)
         union all
         select c.tenant_id
         from platform.counter c
         where c.value <> (select count(i.number) from app.invoice i where i.tenant_id = c.tenant_id)
           or c.value <> (select coalesce(max(right(i.number, 6)::integer), 0) from app.invoice i where i.tenant_id = c.tenant_id)`,
      );
      expect(wrong).toEqual([]);
    });
  });

  it('is of tenants whose size falls with their rank', async () => {
    const { rows } = await onBase((client) =>
      client.query(
        `select t.rank, count(*)::int as rows from rehearsal.tenant t join app.invoice i using (tenant_id)
         where t.rank in (1, 2, 10) group by t.rank order by t.rank`,
      ),
    );
    const [first, second, tenth] = rows.map(({ rows: count }) => count);
    expect([first / second, first / tenth].map(Math.round)).toEqual([2, 10]);
  });
});

describe('a migration that is linted at work', () => {
  it('is reported for what it does to tables with rows, and its safe form is not', async () => {
    const { folder, files } = folderWith(
      Object.fromEntries(Object.entries(drafts).map(([name, { sql }]) => [name, sql])),
    );
    const problems = await lintDynamically(files, { place, folder, profile });
    expect(codesByDraft(problems)).toEqual(
      Object.fromEntries(Object.entries(drafts).map(([name, { codes }]) => [name, codes])),
    );
    const messages = problems.map(({ message }) => message);
    expect(messages[0]).toMatch(/^writes app.invoice anew, [45],\d\d\d rows$/);
    expect(messages).toContainEqual(
      expect.stringMatching(
        /^reads [45],\d\d\d rows of app.invoice while SHARE on app.invoice keeps writers waiting$/,
      ),
    );
  });
});

describe('a rehearsal', () => {
  it('calls a column with a constant default safe, under traffic of signed contexts', async () => {
    const report = await rehearse({
      place,
      folder: harmless.folder,
      profile,
      profileName: 'patient',
      say: () => {},
    });
    expect(report).toMatchObject({ verdict: 'safe', findings: [], traffic: { failed: 0 } });
    expect(report.traffic.count).toBeGreaterThan(0);
    expect(report.migrations[0]).toMatchObject({ live: { attempts: 1 } });
    expect(report.migrations[0]?.statements[0]).toMatchObject({
      line: 1,
      rewritten: [],
      rowsRead: 0,
      lock: { mode: 'ACCESS EXCLUSIVE', relation: 'app.invoice' },
    });
  });

  it('says that a volatile default blocks, in JSON and by its exit code', async () => {
    const ran = command(harmful.folder);
    expect(await ran.closed).toBe(1);
    const report: Report = JSON.parse(ran.output().slice(ran.output().indexOf('{\n')));
    expect(report.verdict).toBe('blocks');
    expect(report.migrations[0]?.statements[0]).toMatchObject({
      verdict: 'blocks',
      rewritten: ['app.invoice'],
      lock: { mode: 'ACCESS EXCLUSIVE', relation: 'app.invoice' },
      findings: [{ code: 'table-rewrite' }],
    });
    expect(report.migrations[0]?.statements[0]?.walBytes).toBeGreaterThan(0);
  });

  it('is half of db lint, which reads the draft first', async () => {
    const ran = command(harmful.folder, 'lint');
    expect(await ran.closed).toBe(1);
    expect(ran.output()).toMatch(
      /── as they are written\n\S*010-token\.sql:1: volatile-default: [\s\S]*── as they run on a populated copy\n[\s\S]*010-token\.sql:1: table-rewrite: /,
    );
  });

  it('tries again when it does not get a lock in time, and notes who waits meanwhile', async () => {
    const { folder, files } = folderWith({
      '010-locked.sql': `set local lock_timeout = '3s'; alter table app.invoice add column note text;`,
    });
    await connected(place.adminUrl, async (admin) => {
      const copy = `${await baseName(admin)}_live`;
      await cloneDatabase(admin, copy, copy.replace('_live', ''));
      const url = withDatabase(place.adminUrl, copy);
      const urls = { ...loginUrls(url, place.roles.secret), admin: url };
      const migration = await readMigration(files[0] as string, folder, urls.owner);
      const said: string[] = [];
      const live = await connected(url, async (holder) => {
        await holder.query('begin; lock table app.invoice in access share mode');
        return await migrateLive(urls, [migration], profile, (line) => {
          said.push(line);
          void holder.query('rollback');
        });
      });
      await dropDatabase(admin, copy);
      expect(said).toEqual(['010-locked.sql: the lock was not to be had; attempt 2 in 1 s']);
      expect(live.migrations).toMatchObject([{ attempts: 2, statements: [{}, {}] }]);
      expect(live.migrations[0]?.error).toBeUndefined();
      expect(live.violations).toEqual([]);
    });
  });

  it('sees those who wait for the migration, for how long, and for what', async () => {
    await onBase(async (migrator) => {
      const url = withDatabase(
        place.adminUrl,
        (await migrator.query('select current_database() as name')).rows[0].name,
      );
      const { pid } = (await migrator.query('select pg_backend_pid() as pid')).rows[0];
      await migrator.query('begin; lock table app.invoice');
      const waits = await connected(url, (watcher) =>
        connected(url, async (reader) => {
          const watch = watchWaits(watcher, pid);
          const reading = reader.query('select count(*) from app.invoice where tenant_id is null');
          await waitUntil('the wait was seen', () => watch.seen().length > 0);
          await migrator.query('rollback');
          await reading;
          return await watch.stop();
        }),
      );
      expect(waits).toMatchObject([{ relation: 'app.invoice' }]);
      expect(waits[0]?.milliseconds).toBeGreaterThan(0);
    });
  });

  it('leaves no copy behind', async () => {
    const { rows } = await connected(place.adminUrl, (admin) =>
      admin.query(`select datname from pg_database where datname ~ '^freehold_rehearsal_.*_(quiet|live)$'`),
    );
    expect(rows).toEqual([]);
  });
});
