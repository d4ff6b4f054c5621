import { type Span, SpanKind } from '@opentelemetry/api';
import { DatabaseError, type Pool, type PoolClient } from 'pg';
import { countRefusal } from '../../runtime/telemetry/instruments.ts';
import { beginSpan, failSpan, isTraced } from '../../runtime/telemetry/trace.ts';
import { currentWork } from '../../runtime/telemetry/work.ts';
import { requestCancel, spendCancel } from './cancel.ts';
import type { Caller, Gone } from './context.ts';
import { isStale, type QueryResult, type Sql, sendOneSync } from './one-sync.ts';

/** The client went away before the answer was known. Nobody reads this; the log tells it from failures. */
export class ClientGoneError extends Error {
  constructor() {
    super('the client closed the connection');
    this.name = 'ClientGoneError';
  }
}

/** A connection of the pool. Rejects with ClientGoneError when `signal` is aborted first. */
export function acquire(pool: Pool, signal?: Gone): Promise<PoolClient> {
  return new Promise((resolve, reject) => {
    pool.connect((error, client) => {
      if (error || !client) return reject(error);
      if (signal?.aborted) {
        client.release();
        return reject(new ClientGoneError());
      }
      resolve(client);
    });
  });
}

/**
 * Whether the connection cannot be used again after this error: everything that is not an answer of a living
 * server.
 */
function breaksConnection(error: unknown): boolean {
  return !(error instanceof DatabaseError) || error.severity === 'FATAL' || error.severity === 'PANIC';
}

/** Connections of a pool that can all be stale at once: each refuses a statement only once. */
const maximumResends = 50;

/** Of one statement: each time PostgreSQL has waited for a second, and undone it. */
const maximumDeadlocks = 5;

/**
 * Who reads a view of the contract locks first the view and then its table; a migration that changes the table and then its view locks them in the other order. PostgreSQL
 * ends one of the two, and that may be the request.
 */
const isDeadlock = (error: unknown): boolean => error instanceof DatabaseError && error.code === '40P01';

const isRefusal = (error: unknown): boolean =>
  error instanceof DatabaseError && (error.code === 'ZF001' || error.code === 'ZF002');

/**
 * Runs one statement as the caller, in a transaction of its own. `reads` says that it changes nothing: it is
 * then cancelled when the client goes.
 *
 * Policies show a caller whose context no longer holds no row, and let none be written. So where a statement
 * did nothing, the database is asked whether that is the reason; a refused context is renewed once, and the
 * statement sent again. So is one that went stale, and one that PostgreSQL ended to resolve a deadlock: nothing of it is kept.
 *
 * `permission`: what the caller must hold, for the answer to one that did nothing; that of an insert or update of a table of app is
 * known by convention. `before`: a statement that runs first in the same transaction, and may refuse.
 *
 * Rejects with DatabaseError, ClientGoneError, what `caller.renew` rejects with, or an error of the
 * connection.
 */
export async function runStatement(
  pool: Pool,
  caller: Caller,
  text: string,
  values: readonly unknown[],
  reads: boolean,
  permission: string | null = permissionOf(text),
  before?: Sql,
): Promise<QueryResult> {
  let current = caller;
  let renewed = false;
  let resent = 0;
  let deadlocks = 0;
  for (;;) {
    try {
      return await attempt(pool, current, { text, values }, reads, permission, before);
    } catch (error) {
      // Each connection finds out for itself, and another one may be the next.
      if (resent < maximumResends && isStale(error)) {
        resent += 1;
      } else if (deadlocks < maximumDeadlocks && isDeadlock(error)) {
        deadlocks += 1;
      } else if (!renewed && current.renew && isRefusal(error)) {
        renewed = true;
        current = { ...current, context: await current.renew() };
      } else {
        throw error;
      }
    }
  }
}

async function attempt(
  pool: Pool,
  caller: Caller,
  { text, values }: Sql,
  reads: boolean,
  permission: string | null,
  before: Sql | undefined,
): Promise<QueryResult> {
  const { signal } = caller;
  if (signal?.aborted) throw new ClientGoneError();
  const client = await acquire(pool, signal);
  let cancelling: Promise<void> | undefined;
  const cancel = (): void => {
    cancelling = requestCancel(client);
  };
  if (reads) signal?.addEventListener('abort', cancel, { once: true });
  let broken = false;
  const span = isTraced() ? beginStatement(text) : undefined;
  try {
    const result = await sendOneSync(client, caller, text, values, reads ? undefined : currentWork(), before);
    span?.end();
    if (didNothing(result, reads)) await requirePermission(client, caller, permission);
    return result;
  } catch (error) {
    if (span) {
      failSpan(span, error);
      span.end();
    }
    broken = breaksConnection(error);
    if (signal?.aborted && !broken) throw new ClientGoneError();
    if (isWriteDenied(error)) {
      await requirePermission(client, caller, permission);
      countRefusal('policy');
    }
    throw error;
  } finally {
    if (reads) signal?.removeEventListener('abort', cancel);
    if (cancelling) void settleCancel(client, cancelling, broken);
    else client.release(broken);
  }
}

/** A span as OpenTelemetry describes them for databases. The text holds no values: they are parameters. */
function beginStatement(text: string): Span {
  const [operation = ''] = /^\w+/.exec(text) ?? [];
  const [, schema, name] = /(?:from|into|update)\s+"(\w+)"\."(\w+)"/.exec(text) ?? [];
  const summary = name ? `${operation} ${schema}.${name}` : operation;
  return beginSpan(summary, {
    kind: SpanKind.CLIENT,
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': operation,
      'db.query.summary': summary,
      'db.query.text': text.slice(0, 4_000),
    },
  });
}

/** Row-level security refused a new row: without permission, or because of the context. */
const isWriteDenied = (error: unknown): boolean => error instanceof DatabaseError && error.code === '42501';

const permissions: Record<string, string> = { insert: 'create', update: 'update' };

/** The permission that an insert or update of a table asks for, by convention. */
function permissionOf(text: string): string | null {
  const [, verb, table] = /^(insert into|update) "app"\."(\w+)"/.exec(text) ?? [];
  return verb ? `${table}:${permissions[verb.slice(0, 6)]}` : null;
}

/** Raises why the caller may not do what the statement wanted: the context, or the permission. */
async function requirePermission(
  client: PoolClient,
  caller: Caller,
  permission: string | null,
): Promise<void> {
  try {
    await sendOneSync(client, caller, 'select platform.require($1)', [permission]);
  } catch (error) {
    if (error instanceof DatabaseError) countRefusal(isRefusal(error) ? 'context' : 'permission');
    throw error;
  }
}

async function settleCancel(client: PoolClient, cancelling: Promise<void>, broken: boolean): Promise<void> {
  try {
    await cancelling;
    if (!broken) await spendCancel(client);
    client.release(broken);
  } catch {
    client.release(true);
  }
}

/** A write of no row; a read of none, or of the one row of an aggregate over none. */
function didNothing({ rows, rowCount }: QueryResult, reads: boolean): boolean {
  if (!reads) return rowCount === 0;
  const row = rows[0];
  return (
    row === undefined ||
    (rows.length === 1 && row.every((value) => value === null || value === '0' || value === 0))
  );
}
