import type { PoolClient } from 'pg';
import type { TestDatabase } from './database.ts';
import { sha256 } from './sha256.ts';
import type { Role, TestTenant } from './tenants.ts';

/** What identity.resolve gave: the three settings that prove who is calling. */
export interface TestContext {
  tenantId: string;
  claims: string;
  signature: string;
}

export interface ActOptions {
  /** Rolls back at the end: for what a test only wants to see refused or counted. */
  rollback?: boolean;
  requestId?: string;
  traceparent?: string;
}

export type Work<T> = (client: PoolClient) => Promise<T>;

/** Turns a secret into a context as the server does: by the login freehold_gate, which can do nothing else. */
export async function resolveContext(
  database: TestDatabase,
  kind: 'session' | 'api_key',
  secret: string,
): Promise<TestContext> {
  const { rows } = await database
    .pool('gate')
    .query('select tenant_id, claims, signature from identity.resolve($1, $2)', [kind, sha256(secret)]);
  return { tenantId: rows[0].tenant_id, claims: rows[0].claims, signature: rows[0].signature };
}

/** Takes an open transaction of freehold_app or freehold_worker into a context, as the server's first statement does. */
export async function enter(
  client: PoolClient,
  context?: TestContext,
  options: ActOptions = {},
): Promise<void> {
  await client.query(
    `select set_config('role', 'freehold_user', true), set_config('freehold.tenant_id', $1, true),
       set_config('freehold.claims', $2, true), set_config('freehold.signature', $3, true),
       set_config('freehold.request_id', $4, true), set_config('freehold.traceparent', $5, true)`,
    [
      context?.tenantId ?? '',
      context?.claims ?? '',
      context?.signature ?? '',
      options.requestId ?? '',
      options.traceparent ?? '',
    ],
  );
}

/** One transaction of the login freehold_app in a context; without one, nothing says who is calling. */
export function asContext<T>(
  database: TestDatabase,
  context: TestContext | undefined,
  work: Work<T>,
  options: ActOptions = {},
): Promise<T> {
  return transaction(database, 'app', (client) => enter(client, context, options), work, options);
}

/** As an active member of the role. The tenant was made with one: see createTenant. */
export async function asMember<T>(
  database: TestDatabase,
  tenant: TestTenant,
  role: Role,
  work: Work<T>,
  options?: ActOptions,
): Promise<T> {
  const session = tenant.members.get(role)?.session;
  if (!session) throw new Error(`the tenant was made without a ${role}`);
  return asContext(database, await resolveContext(database, 'session', session), work, options);
}

/** As the owner of the tenant: who may do whatever a person may. */
export function asTenant<T>(
  database: TestDatabase,
  tenant: TestTenant,
  work: Work<T>,
  options?: ActOptions,
): Promise<T> {
  return asMember(database, tenant, 'owner', work, options);
}

/** As the holder of an API key. */
export async function asApiKey<T>(
  database: TestDatabase,
  secret: string,
  work: Work<T>,
  options?: ActOptions,
): Promise<T> {
  return asContext(database, await resolveContext(database, 'api_key', secret), work, options);
}

/** As freehold_user without a context. */
export function asAnonymous<T>(database: TestDatabase, work: Work<T>, options?: ActOptions): Promise<T> {
  return asContext(database, undefined, work, options);
}

/** As the system inside a tenant, by the worker's login. */
export function asSystem<T>(
  database: TestDatabase,
  tenantId: string,
  work: Work<T>,
  options: ActOptions = {},
): Promise<T> {
  const begin = async (client: PoolClient) => {
    await client.query(
      `select platform.enter_as_system($1, 'test'), set_config('freehold.request_id', $2, true),
         set_config('freehold.traceparent', $3, true), set_config('role', 'freehold_user', true)`,
      [tenantId, options.requestId ?? '', options.traceparent ?? ''],
    );
  };
  return transaction(database, 'worker', begin, work, options);
}

/**
 * As a superuser who entered the tenant: psql at its most powerful, past row-level security, grants and roles. What is
 * refused here is refused on every path.
 */
export function asOperator<T>(
  database: TestDatabase,
  tenantId: string,
  work: Work<T>,
  options: ActOptions = {},
): Promise<T> {
  const begin = async (client: PoolClient) => {
    await client.query(`select platform.enter_as_system($1, 'test')`, [tenantId]);
  };
  return transaction(database, 'admin', begin, work, options);
}

async function transaction<T>(
  database: TestDatabase,
  login: 'app' | 'worker' | 'admin',
  begin: (client: PoolClient) => Promise<void>,
  work: Work<T>,
  { rollback = false }: ActOptions,
): Promise<T> {
  const client = await database.pool(login).connect();
  try {
    await client.query('begin');
    await begin(client);
    const result = await work(client);
    await client.query(rollback ? 'rollback' : 'commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

/** What a refused statement told: the fields of an error that clients see. */
export interface Refusal {
  code: string;
  message: string;
  detail: string | undefined;
  constraint: string | undefined;
}

/** The refusal of `work`, in a savepoint, so that the transaction goes on. @throws when it was not refused */
export async function refusal(client: PoolClient, sql: string, values: unknown[] = []): Promise<Refusal> {
  await client.query('savepoint refusal');
  let result: unknown;
  try {
    result = (await client.query(sql, values)).rows;
  } catch (error) {
    await client.query('rollback to savepoint refusal');
    const { code = '', message, detail, constraint } = error as Refusal;
    return { code, message, detail, constraint };
  }
  throw new Error(`not refused: ${sql} gave ${JSON.stringify(result).slice(0, 500)}`);
}

/** The refusal of a whole transaction. @throws when it was not refused */
export async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  try {
    await work;
  } catch (error) {
    const { code = '', message, detail, constraint } = error as Refusal;
    return { code, message, detail, constraint };
  }
  throw new Error('not refused');
}
