import { readFileSync } from 'node:fs';
import { type Client, escapeIdentifier } from 'pg';
import type { Login } from '../runtime/config.ts';
import { logins } from '../runtime/config.ts';
import { Failure } from '../runtime/failure.ts';
import { connectOrExplain } from './connect.ts';
import type { LoginUrls } from './urls.ts';
import { databaseOf, loginUrls, passwordOf, scramVerifier, withDatabase } from './urls.ts';

// Taken in the maintenance database by everyone who changes roles: concurrent ALTER ROLEs fail otherwise.
const ROLES_LOCK = 7_100_010;

export interface ClusterOptions {
  /** Seed of the logins' passwords. */
  secret: string;
  /** Passwords of logins whose URL was given. */
  passwords?: Partial<Record<Login, string>>;
  appStatementTimeoutMs?: number;
  workerStatementTimeoutMs?: number;
}

/**
 * Brings a server to the point where migrations can run: roles, and the database that `adminUrl` names, owned by
 * freehold_owner and closed to everyone but Freehold's logins. Idempotent; 20 ms when nothing is to do.
 * @param adminUrl a superuser, or a role with CREATEROLE and CREATEDB; or freehold_owner, where an administrator has
 *   prepared everything already
 * @throws Failure database_unreachable, server_too_old, roles_missing, roles_refused, database_missing
 */
export async function prepareCluster(adminUrl: string, options: ClusterOptions): Promise<LoginUrls> {
  const urls = loginUrls(adminUrl, options.secret, options.passwords);
  const admin = await connectForMaintenance(adminUrl);
  try {
    const { superuser, createRole } = await privileges(admin);
    if (!superuser && !createRole) {
      await requireRoles(admin);
      await requireDatabase(admin, databaseOf(adminUrl));
      return urls;
    }
    await requireOurs(admin, adminUrl);
    await createRoles(admin, urls, options, superuser);
    await createDatabase(admin, databaseOf(adminUrl));
  } finally {
    await admin.end();
  }
  await closeDatabase(urls.owner);
  return urls;
}

/** Who owns a database; undefined when there is none of that name. */
async function ownerOf(admin: Client, name: string): Promise<string | undefined> {
  const { rows } = await admin.query<{ owner: string }>(
    'select pg_catalog.pg_get_userbyid(datdba) as owner from pg_catalog.pg_database where datname = $1',
    [name],
  );
  return rows[0]?.owner;
}

/** What holds somebody else's tables is never taken over: rights would be revoked in it, and `db reset` would drop it. */
async function requireOurs(admin: Client, adminUrl: string): Promise<void> {
  const name = databaseOf(adminUrl);
  const owner = await ownerOf(admin, name);
  if (owner === undefined || owner === 'freehold_owner') return;
  const inside = await connectOrExplain(adminUrl, 'DATABASE_URL');
  try {
    const { rowCount } = await inside.query(
      `select from pg_catalog.pg_class c
       where c.relnamespace::pg_catalog.regnamespace::text !~ '^(pg_|information_schema$)'
         and not exists (
           select from pg_catalog.pg_depend d
           where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e')
       limit 1`,
    );
    if (!rowCount) return;
  } finally {
    await inside.end();
  }
  throw new Failure(
    'database_foreign',
    `Database "${name}" holds tables that are not Freehold's.`,
    'Name another in DATABASE_URL, such as /freehold: it is created.',
  );
}

/** Makes a database owned by freehold_owner if it does not exist yet. */
async function createDatabase(admin: Client, name: string): Promise<void> {
  const owner = await ownerOf(admin, name);
  if (owner === 'freehold_owner') return;
  try {
    if (owner === undefined) {
      await admin.query(`create database ${escapeIdentifier(name)} owner freehold_owner`);
    } else {
      // Made by an image or a service for its own administrator, such as POSTGRES_DB of the Docker image.
      await admin.query(`alter database ${escapeIdentifier(name)} owner to freehold_owner`);
    }
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // Another start was faster.
    if (code === '42P04' || code === '23505') return;
    throw new Failure(
      'database_not_created',
      `The administrator could not create database "${name}" for freehold_owner: ${message}.`,
      'Give it CREATEDB, or create the database with freehold_owner as its owner.',
      { cause: error },
    );
  }
}

/** As the owner, because an administrator may be shut out too. Nobody connects but our logins, and nobody finds or makes anything in schema public. */
async function closeDatabase(ownerUrl: string): Promise<void> {
  const client = await connectOrExplain(ownerUrl, 'OWNER_DATABASE_URL');
  const database = escapeIdentifier(databaseOf(ownerUrl));
  try {
    await client.query(`
      begin;
      select pg_catalog.pg_advisory_xact_lock(${ROLES_LOCK});
      revoke all on database ${database} from public;
      grant connect on database ${database} to freehold_gate, freehold_app, freehold_worker;
      do $$
      begin
        if pg_catalog.to_regnamespace('public') is not null then
          revoke all on schema public from public;
        end if;
      end
      $$;
      commit`);
  } finally {
    await client.end();
  }
}

async function createRoles(
  admin: Client,
  urls: LoginUrls,
  options: ClusterOptions,
  superuser: boolean,
): Promise<void> {
  const sql = readFileSync(new URL('./roles/roles.sql', import.meta.url), 'utf8');
  const settings: [string, string][] = logins.map((login) => {
    const role = `freehold_${login}`;
    return [role, scramVerifier(passwordOf(urls[login]), role)];
  });
  settings.push(['app_statement_timeout_ms', String(options.appStatementTimeoutMs ?? 10_000)]);
  settings.push(['worker_statement_timeout_ms', String(options.workerStatementTimeoutMs ?? 60_000)]);
  try {
    await admin.query('begin');
    await admin.query('select pg_catalog.pg_advisory_xact_lock($1)', [ROLES_LOCK]);
    for (const [name, value] of settings) {
      await admin.query('select pg_catalog.set_config($1, $2, true)', [`freehold_setup.${name}`, value]);
    }
    await admin.query(sql);
    if (!superuser) {
      // A superuser can become anyone; an administrator must be a member to create what freehold_owner owns.
      await admin.query('grant freehold_owner to current_user with inherit false, set true');
    }
    await admin.query('commit');
  } catch (error) {
    await admin.query('rollback').catch(() => {});
    const { message, hint } = error as { message: string; hint?: string };
    throw new Failure(
      'roles_refused',
      `The roles of Freehold could not be set up: ${message}.`,
      hint
        ? `Run: ${hint};`
        : 'Give DATABASE_URL a superuser, or the role that created them, with CREATEROLE.',
      { cause: error },
    );
  }
}

async function privileges(client: Client): Promise<{ superuser: boolean; createRole: boolean }> {
  const { rows } = await client.query<{ superuser: boolean; createRole: boolean }>(
    'select rolsuper as superuser, rolcreaterole as "createRole" from pg_catalog.pg_roles where rolname = current_user',
  );
  return rows[0] as { superuser: boolean; createRole: boolean };
}

async function requireRoles(client: Client): Promise<void> {
  const { rows } = await client.query<{ missing: string | null }>(
    `select pg_catalog.string_agg(name, ', ') as missing
       from pg_catalog.unnest($1::text[]) as name
      where not exists (select from pg_catalog.pg_roles where rolname = name)`,
    [[...logins.map((login) => `freehold_${login}`), 'freehold_user']],
  );
  if (!rows[0]?.missing) return;
  throw new Failure(
    'roles_missing',
    `The user of DATABASE_URL may not create roles, and these do not exist: ${rows[0].missing}.`,
    'Start once with an administrator (CREATEROLE and CREATEDB), or run db/roles/roles.sql as one.',
  );
}

async function requireDatabase(client: Client, name: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_catalog.pg_database where datname = $1', [name]);
  if (rowCount) return;
  throw new Failure(
    'database_missing',
    `Database "${name}" does not exist, and the user of DATABASE_URL may not create it.`,
    `As an administrator: create database "${name}" owner freehold_owner;`,
  );
}

/** Roles belong to the cluster: `postgres` is where all starts meet at one lock. Some services hide it. */
async function connectForMaintenance(adminUrl: string): Promise<Client> {
  try {
    return await connectOrExplain(withDatabase(adminUrl, 'postgres'), 'DATABASE_URL');
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'database_refused') throw error;
    return connectOrExplain(adminUrl, 'DATABASE_URL');
  }
}
