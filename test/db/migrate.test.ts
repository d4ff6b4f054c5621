import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Client, type Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import { checkDatabase, checkLogin } from '../../db/check.ts';
import { migrate } from '../../db/migrate.ts';
import type { Phase } from '../../db/state.ts';
import {
  committedMigrations,
  databaseState,
  migratingTo,
  requireCurrent,
  requireKnown,
} from '../../db/state.ts';
import { createTestDatabase } from '../support/database.ts';
import { runNode } from '../support/process.ts';

const empty = await createTestDatabase({ empty: true });
const full = await createTestDatabase();

describe('migrating', () => {
  it('refuses to serve a database that was never migrated', async () => {
    await expect(checkDatabase(empty.pool('app'), 'APP_DATABASE_URL')).rejects.toMatchObject({
      code: 'database_not_migrated',
    });
  });

  it('happens once, though several processes begin at the same time', async () => {
    const ran = await Promise.all([1, 2, 3].map(() => migrate(empty.urls.owner, { drafts: true })));
    expect(ran.flat()).toHaveLength(committedMigrations().length);
    await checkDatabase(empty.pool('app'), 'APP_DATABASE_URL');
    await checkDatabase(empty.pool('worker'), 'WORKER_DATABASE_URL');
  });

  it('in production makes API keys that say so', async () => {
    const prefix = async () => {
      const client = new Client({ connectionString: full.urls.owner });
      await client.connect();
      const { rows } = await client.query('select platform.key_prefix() as prefix');
      await client.end();
      return rows[0].prefix;
    };
    expect(await prefix()).toBe('fh_test_');
    const migrating = runNode(['db/main.ts', 'migrate'], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: {
        NODE_ENV: 'production',
        OWNER_DATABASE_URL: full.urls.owner,
        FREEHOLD_SECRET_KEY: Buffer.alloc(32, 1).toString('base64'),
      },
    });
    expect([await migrating.closed, migrating.output()]).toEqual([0, expect.stringContaining('up to date')]);
    expect(await prefix()).toBe('fh_live_');
  });

  it('gives the worker what it needs of graphile-worker, and nothing to the server', async () => {
    await empty.pool('worker').query(`select graphile_worker.add_job('test', '{}'::json)`);
    const { rows } = await empty
      .pool('worker')
      .query('delete from graphile_worker._private_jobs returning attempts');
    expect(rows).toEqual([{ attempts: 0 }]);
    await expect(empty.pool('app').query('select from graphile_worker._private_jobs')).rejects.toMatchObject({
      code: '42501',
    });
  });

  it('refuses to go through a pooler, which makes up the process that it names to its clients', async () => {
    const { hostname, port } = new URL(empty.urls.owner);
    // As PgBouncer and RDS Proxy do: BackendKeyData holds another process than the one that serves.
    const pooler = createServer((client) => {
      const server = connect(Number(port), hostname);
      client.pipe(server).on('error', () => client.destroy());
      server.on('data', (chunk) => {
        const at = chunk.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
        if (at >= 0) chunk.writeUInt32BE(1, at + 5);
        client.write(chunk);
      });
      server.on('error', () => client.destroy()).on('close', () => client.end());
    }).listen(0, '127.0.0.1');
    await once(pooler, 'listening');
    const url = new URL(empty.urls.owner);
    url.hostname = '127.0.0.1';
    url.port = String((pooler.address() as { port: number }).port);
    await expect(migrate(url.href, { drafts: true })).rejects.toMatchObject({ code: 'connection_pooled' });
    pooler.close();
  });

  it('fails on a table that was never declared, and nothing starts until it is gone', async () => {
    const owner = empty.pool('owner');
    await owner.query('create table app.undeclared (id integer)');
    await expect(migrate(empty.urls.owner, { drafts: true })).rejects.toMatchObject({
      code: 'violations',
      message: expect.stringContaining('undeclared'),
    });
    await owner.query('drop table app.undeclared');
    await migrate(empty.urls.owner, { drafts: true });
  });
});

describe('a process at boot', () => {
  const code = [
    { filename: '000001.sql', hash: 'sha1:one', phase: 'expand' as Phase },
    { filename: '000002.sql', hash: 'sha1:two', phase: 'expand' as Phase },
  ];

  /** How `done` stands to `code`, in a transaction that leaves no trace. */
  async function state(
    done: readonly { filename: string; hash: string }[],
    comment?: string,
    built = code,
  ): Promise<string> {
    const client = await full.pool('owner').connect();
    try {
      await client.query('begin');
      await client.query('delete from graphile_migrate.migrations');
      for (const { filename, hash } of done) {
        await client.query('insert into graphile_migrate.migrations (filename, hash) values ($1, $2)', [
          filename,
          hash,
        ]);
      }
      if (comment) await client.query(`comment on schema graphile_migrate is '${comment}'`);
      const found = await databaseState(client, built);
      try {
        requireCurrent(found);
      } catch (error) {
        return (error as { code: string }).code;
      }
      return found.state;
    } finally {
      await client.query('rollback');
      client.release();
    }
  }

  it('accepts exactly the migrations it was built for', async () => {
    expect(await state(code)).toBe('current');
  });

  it('accepts a database that newer code has expanded, also while it is being expanded', async () => {
    expect(await state([...code, { filename: '000003.sql', hash: 'sha1:three' }])).toBe('ahead');
    expect(await state(code, migratingTo('000003.sql'))).toBe('current');
    expect(() => requireKnown(null, code)).not.toThrow();
    expect(() => requireKnown('000002.sql', code)).not.toThrow();
  });

  it('refuses a database from which newer code has taken something away', () => {
    expect(() => requireKnown('000003.sql', code)).toThrow(/000003\.sql, which this code does not know/);
  });

  it('serves before its migrations of phase contract, and not before one of phase expand', async () => {
    const contract = { filename: '000003.sql', hash: 'sha1:three', phase: 'contract' as Phase };
    expect(await state(code, undefined, [...code, contract])).toBe('awaiting_contract');
    const last = { filename: '000004.sql', hash: 'sha1:four', phase: 'expand' as Phase };
    expect(await state(code, undefined, [...code, contract, last])).toBe('database_older');
  });

  it('refuses a database that is older than its code', async () => {
    expect(await state(code.slice(0, 1))).toBe('database_older');
  });

  it('refuses a database of another history', async () => {
    expect(await state([{ filename: '000001.sql', hash: 'sha1:other' }])).toBe('database_diverged');
  });

  it('refuses a database whose migration has not ended', async () => {
    expect(await state(code, migratingTo('000002.sql'))).toBe('database_half_migrated');
  });

  it('refuses a superuser', async () => {
    await expect(checkDatabase(full.pool('admin'), 'APP_DATABASE_URL')).rejects.toMatchObject({
      code: 'login_bypasses_rls',
      message: expect.stringContaining('APP_DATABASE_URL'),
    });
  });

  it('refuses the owner of the tables', async () => {
    await expect(checkDatabase(full.pool('owner'), 'APP_DATABASE_URL')).rejects.toMatchObject({
      code: 'login_owns_tables',
    });
  });

  it('refuses a login that could become the owner or a superuser', async () => {
    const name = `${full.name}_climber`;
    const client = await full.pool('admin').connect();
    // As this login, and in one transaction that is rolled back: other files find roles of the server that break a rule, too.
    const check = async () => {
      await client.query(`set local session authorization ${name}`);
      try {
        await checkLogin(client as unknown as Pool, 'APP_DATABASE_URL');
      } finally {
        await client.query('set local session authorization default');
      }
    };
    try {
      await client.query(`begin; create role ${name} login`);
      await check();
      await client.query(`grant freehold_owner to ${name} with inherit false`);
      await expect(check()).rejects.toMatchObject({ code: 'login_owns_tables' });
      await client.query(`revoke freehold_owner from ${name}; alter role ${name} bypassrls`);
      await expect(check()).rejects.toMatchObject({ code: 'login_bypasses_rls' });
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('accepts the gate by its login alone, for it may read nothing', async () => {
    await checkLogin(full.pool('gate'), 'GATE_DATABASE_URL');
  });

  it('explains a server that does not answer', async () => {
    const pool = full.poolOf('postgres://a:b@127.0.0.1:1/freehold');
    await expect(checkDatabase(pool, 'APP_DATABASE_URL')).rejects.toMatchObject({
      code: 'database_unreachable',
    });
  });
});
