import type { Pool } from 'pg';
import { Failure } from '../runtime/failure.ts';
import { explainConnection } from './connect.ts';
import { committedMigrations, databaseState, requireCurrent } from './state.ts';

interface LoginFacts {
  login: string;
  superuser: boolean;
  bypassrls: boolean;
  becomes: string | null;
  owns: string | null;
}

/**
 * Refuses a login that row-level security would not bind, now or after a `set role`.
 * @param variable the environment variable of the pool's URL, for the remedy
 * @throws Failure login_bypasses_rls, login_owns_tables, database_unreachable, database_refused
 */
export async function checkLogin(pool: Pool, variable: string): Promise<void> {
  const facts = await loginFacts(pool, variable);
  const remedy = `Give ${variable} the login that db/roles/roles.sql makes for it.`;
  if (facts.superuser || facts.bypassrls) {
    throw new Failure(
      'login_bypasses_rls',
      `Login ${facts.login} ${facts.superuser ? 'is a superuser' : 'has BYPASSRLS'}: row-level security would not bind it.`,
      remedy,
    );
  }
  if (facts.becomes) {
    throw new Failure(
      'login_bypasses_rls',
      `Login ${facts.login} may become ${facts.becomes}, which row-level security does not bind.`,
      remedy,
    );
  }
  if (facts.owns) {
    throw new Failure(
      'login_owns_tables',
      `Login ${facts.login} owns ${facts.owns}, or may become its owner, and could lift its row-level security.`,
      remedy,
    );
  }
}

/**
 * Refuses to work on a database that this code does not fit, or through a login that row-level security would not
 * bind. Server and worker call it at boot, before they listen, with the pools of freehold_app and freehold_worker;
 * freehold_gate may read nothing, so for its pool there is checkLogin.
 * @throws Failure as checkLogin; database_newer, database_older, database_diverged, database_half_migrated,
 *   database_not_migrated
 */
export async function checkDatabase(pool: Pool, variable: string): Promise<void> {
  await checkLogin(pool, variable);
  requireCurrent(await databaseState(pool, committedMigrations()));
}

/** One round trip, from the catalog alone: any login may ask it. */
async function loginFacts(pool: Pool, variable: string): Promise<LoginFacts> {
  try {
    const { rows } = await pool.query<LoginFacts>(`
      select session_user as login,
             me.rolsuper as superuser,
             me.rolbypassrls as bypassrls,
             (select pg_catalog.min(r.rolname::text)
                from pg_catalog.pg_roles r
               where (r.rolsuper or r.rolbypassrls) and pg_catalog.pg_has_role(me.oid, r.oid, 'member')) as becomes,
             (select pg_catalog.min(c.oid::pg_catalog.regclass::text)
                from pg_catalog.pg_class c
               where c.relnamespace = pg_catalog.to_regnamespace('app')
                 and pg_catalog.pg_has_role(me.oid, c.relowner, 'member')) as owns
        from pg_catalog.pg_roles me
       where me.rolname = session_user`);
    return rows[0] as LoginFacts;
  } catch (error) {
    throw explainConnection(
      error,
      (pool.options as { connectionString?: string }).connectionString ?? '',
      variable,
    );
  }
}
