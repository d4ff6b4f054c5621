import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareCluster } from '../../db/cluster.ts';
import type { EmbeddedServer } from '../../db/embedded.ts';
import { startEmbedded } from '../../db/embedded.ts';
import type { LoginUrls } from '../../db/urls.ts';
import { withDatabase } from '../../db/urls.ts';

// Roles belong to a whole cluster, so these tests have one of their own. They build on each other: first nothing is
// there, then an administrator prepares it.
const secret = 'a secret of at least thirty-two characters';
let directory: string;
let server: EmbeddedServer;
let administrator: string;
let urls: LoginUrls;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'freehold-cluster-'));
  chmodSync(directory, 0o755);
  server = await startEmbedded({ directory, durable: false });
  await run(server.url, `create role managed login createrole createdb password 'managed'`);
  await run(server.url, `create role stranger login password 'stranger'`);
  administrator = asUser('managed', 'freehold');
});

afterAll(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function asUser(user: string, database: string): string {
  const url = new URL(withDatabase(server.url, database));
  url.username = user;
  url.password = user;
  return url.href;
}

async function run(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('preparing a cluster', () => {
  it('tells a user who may not create roles which ones are missing', async () => {
    await expect(prepareCluster(asUser('stranger', 'freehold'), { secret })).rejects.toMatchObject({
      code: 'roles_missing',
      message: expect.stringContaining('freehold_owner'),
    });
  });

  it('needs no superuser: CREATEROLE and CREATEDB are enough', async () => {
    urls = await prepareCluster(administrator, { secret });
    const [row] = await run(
      server.url,
      `select pg_get_userbyid(datdba) as owner from pg_database where datname = 'freehold'`,
    );
    expect(row).toEqual({ owner: 'freehold_owner' });
  });

  it('can be repeated, also by several at once', async () => {
    const again = await Promise.all([1, 2, 3].map(() => prepareCluster(administrator, { secret })));
    expect(again).toEqual([urls, urls, urls]);
  });

  it.each(['owner', 'gate', 'app', 'worker'] as const)(
    'lets freehold_%s in with its derived password only',
    async (login) => {
      const [row] = await run(urls[login], 'select session_user as me');
      expect(row).toEqual({ me: `freehold_${login}` });
      const wrong = new URL(urls[login]);
      wrong.password = '0'.repeat(64);
      await expect(run(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    },
  );

  it('gives no role a way around row-level security', async () => {
    const rows = await run(
      server.url,
      `select rolname from pg_roles
        where rolname like 'freehold\\_%' and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)`,
    );
    expect(rows).toEqual([]);
  });

  it('lets logins become other roles, but never act as them unasked', async () => {
    const rows = await run(
      server.url,
      `select m.rolname as member, r.rolname as role, a.inherit_option as inherits, a.set_option as may_set
         from pg_auth_members a join pg_roles r on r.oid = a.roleid join pg_roles m on m.oid = a.member
        where m.rolname in ('freehold_app', 'freehold_worker', 'freehold_gate') order by 1`,
    );
    expect(rows).toEqual([
      { member: 'freehold_app', role: 'freehold_user', inherits: false, may_set: true },
      { member: 'freehold_worker', role: 'freehold_user', inherits: false, may_set: true },
    ]);
  });

  it('limits how long a request may run, and sets no search path', async () => {
    const [app] = await run(
      urls.app,
      `select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
              current_setting('search_path') as path`,
    );
    expect(app).toEqual({ statement: '10s', lock: '5s', path: '""' });
  });

  it('closes the database to everyone else, and schema public to all', async () => {
    await expect(run(asUser('stranger', 'freehold'), 'select 1')).rejects.toMatchObject({ code: '42501' });
    const [row] = await run(
      withDatabase(server.url, 'freehold'),
      `select has_schema_privilege('freehold_app', 'public', 'usage') as usage,
              has_database_privilege('freehold_app', 'freehold', 'temp') as temp`,
    );
    expect(row).toEqual({ usage: false, temp: false });
  });

  it('is content with the owner once all is prepared', async () => {
    expect(await prepareCluster(urls.owner, { secret })).toEqual(urls);
    await expect(prepareCluster(withDatabase(urls.owner, 'elsewhere'), { secret })).rejects.toMatchObject({
      code: 'database_missing',
    });
  });

  it('leaves alone a database that holds somebody else’s tables', async () => {
    await run(server.url, 'create database legacy');
    const legacy = withDatabase(server.url, 'legacy');
    await run(legacy, 'create table public.customers (id int)');
    const rights = () =>
      run(
        server.url,
        `select datacl::text, pg_get_userbyid(datdba) as owner from pg_database where datname = 'legacy'`,
      );
    const before = await rights();
    await expect(prepareCluster(legacy, { secret })).rejects.toMatchObject({
      code: 'database_foreign',
      message: expect.stringContaining('legacy'),
    });
    expect(await rights()).toEqual(before);
  });

  it('takes over a database that an image made for its own administrator', async () => {
    await run(server.url, 'create database made_by_image');
    await prepareCluster(withDatabase(server.url, 'made_by_image'), { secret });
    const [row] = await run(
      server.url,
      `select pg_get_userbyid(datdba) as owner from pg_database where datname = 'made_by_image'`,
    );
    expect(row).toEqual({ owner: 'freehold_owner' });
  });

  it('refuses a role that someone let bypass row-level security, and says how to mend it', async () => {
    await run(server.url, 'alter role freehold_app bypassrls');
    await expect(prepareCluster(administrator, { secret })).rejects.toMatchObject({
      code: 'roles_refused',
      message: expect.stringMatching(/freehold_app.*alter role freehold_app nosuperuser nobypassrls/),
    });
    await run(server.url, 'alter role freehold_app nobypassrls');
  });

  it.each([
    ['a closed port', 'postgres://a:b@127.0.0.1:1/freehold', 'database_unreachable'],
    ['an unknown host', 'postgres://a:b@no-such-host.invalid/freehold', 'database_unreachable'],
  ])('explains %s in one line', async (_, url, code) => {
    await expect(prepareCluster(url, { secret })).rejects.toMatchObject({
      code,
      message: expect.not.stringContaining('\n'),
    });
  });

  it('explains a wrong password without repeating it', async () => {
    const url = new URL(administrator);
    url.password = 'guessed-wrongly';
    await expect(prepareCluster(url.href, { secret })).rejects.toMatchObject({
      code: 'database_refused',
      message: expect.not.stringContaining('guessed-wrongly'),
    });
  });
});
