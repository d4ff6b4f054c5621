/**
 * A database of a test file's own, cloned from the migrated template in 40 ms and dropped when the file ends.
 *
 *   import { createTestDatabase } from '../support/database.ts';
 *
 *   const database = await createTestDatabase();      // at the top of the file, or in beforeAll
 *
 *   it('hides the rows of other tenants', async () => {
 *     const app = database.pool('app');              // the real login freehold_app, as the server uses it
 *     const { rows } = await app.query('select ...');
 *   });
 *
 * Pools are made on first use, kept, and ended with the database. `admin` is a superuser (or the administrator of
 * DATABASE_URL) and steps over row-level security: for fixtures and for looking at what was written, never as the
 * subject of a test. URLs are for processes that a test starts: `database.urls.app` is APP_DATABASE_URL.
 * `database.environment` holds all the variables that server and worker need.
 */
import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier, Pool } from 'pg';
import { afterAll, inject } from 'vitest';
import type { LoginUrls } from '../../db/urls.ts';
import { databaseOf, loginUrls, withDatabase } from '../../db/urls.ts';
import { eventCheck } from './event-check.ts';
import { secretKey } from './keyring.ts';
import { plant } from './leaks.ts';
import { lockKey, TEMPLATE_LOCK } from './lock.ts';

export type TestLogin = keyof LoginUrls | 'admin';

export interface TestDatabase {
  name: string;
  /** One URL a login, all of this database. */
  urls: LoginUrls & { admin: string };
  /** Variables for processes that work on this database. */
  environment: Record<string, string>;
  /** A pool of at most ten connections as this login. The same one each time. */
  pool(login: TestLogin): Pool;
  /** A pool of at most ten connections through any other URL: a login that the test made, a server that is not there. */
  poolOf(url: string): Pool;
  /**
   * Holds each event that was recorded since the last call against the schema of its type. `drop` does; a test that changes the catalogue,
   * or deletes events, does it before. Resolves to how many there were; rejects with the type, the id and the mistakes.
   */
  checkEvents(): Promise<number>;
  /** Ends the pools, checks the events and drops the database. Called by afterAll, so that a wrong event fails the file. */
  drop(): Promise<void>;
}

/**
 * @param options.empty begins with an empty database, for tests of migrations; roles exist all the same
 * @param options.eventsChange what events carry changes meanwhile: they are not held against the schemas that are there in the end
 */
export async function createTestDatabase(
  options: { empty?: boolean; eventsChange?: boolean } = {},
): Promise<TestDatabase> {
  const { adminUrl, secret, template } = inject('testCluster');
  const name = `freehold_test_${randomBytes(6).toString('hex')}`;
  const admin = new Client({ connectionString: adminUrl });
  admin.on('error', () => {});
  await admin.connect();
  // Held while the file runs: the clean-up of another run leaves what is locked.
  await admin.query('select pg_advisory_lock_shared($1, $2)', [TEMPLATE_LOCK, lockKey(name)]);
  // file_copy: 40 ms for 11 MB without fsync, where wal_log takes 100.
  const source = options.empty ? '' : `template ${escapeIdentifier(template)} strategy file_copy`;
  await admin.query(`create database ${name} ${source} owner freehold_owner`);
  // Grants on a database are not copied with it.
  await admin.query(`revoke all on database ${name} from public`);
  await admin.query(`grant connect on database ${name} to freehold_gate, freehold_app, freehold_worker`);

  const remove = async () => {
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.end();
  };
  return openTestDatabase(withDatabase(adminUrl, name), secret, remove, options.eventsChange);
}

/**
 * A database that is there, for the tests of a file.
 * @param url as an administrator
 * @param secret seed of the logins' passwords
 * @param remove called when the file ends, after its pools
 */
export function openTestDatabase(
  url: string,
  secret: string,
  remove: () => Promise<void>,
  eventsChange = false,
): TestDatabase {
  const urls = { ...loginUrls(url, secret), admin: url };
  for (const [login, its] of Object.entries(urls)) plant(new URL(its).password, `the password of ${login}`);
  const pools = new Map<string, Pool>();
  let dropped: Promise<void> | undefined;

  const checkEvents = eventCheck(url);
  const drop = async () => {
    await Promise.all([...pools.values()].map((pool) => pool.end()));
    try {
      if (!eventsChange) await checkEvents();
    } finally {
      await remove();
    }
  };
  const database: TestDatabase = {
    name: databaseOf(url),
    urls,
    environment: {
      NODE_ENV: 'test',
      FREEHOLD_SECRET_KEY: secretKey.toString('base64'),
      OWNER_DATABASE_URL: urls.owner,
      GATE_DATABASE_URL: urls.gate,
      APP_DATABASE_URL: urls.app,
      WORKER_DATABASE_URL: urls.worker,
    },
    pool: (login) => database.poolOf(urls[login]),
    poolOf(url) {
      const known = pools.get(url);
      if (known) return known;
      const application_name = `test ${new URL(url).username}`;
      const pool = new Pool({ connectionString: url, max: 10, application_name });
      // Dropping a database by force ends connections, those too that end() has said good-bye to and does not await.
      pool.on('error', () => {});
      // nor those that are in use when a test stops PostgreSQL: their query fails, and says so
      pool.on('connect', (client) => client.on('error', () => {}));
      pools.set(url, pool);
      return pool;
    },
    checkEvents,
    drop() {
      const ended = dropped ?? drop();
      // what was wrong is told once
      dropped = ended.catch(() => {});
      return ended;
    },
  };
  afterAll(() => database.drop());
  return database;
}
