import type { Pool, PoolClient } from 'pg';
import { inRecordedTransaction } from '../runtime/telemetry/recorded.ts';
import { activeTraceparent } from '../runtime/telemetry/trace.ts';

/** What the work is an answer to, so that its events show in the same trace. */
export interface Cause {
  requestId?: string | null;
  traceparent?: string | null;
}

/**
 * Runs `work` in one transaction inside a tenant, as the system. The entry is recorded with its reason, and the
 * transaction has the rights of a request with every permission: row-level security holds it to that tenant.
 * The context lasts 60 s; a statement that began in time may run longer.
 * @throws what `work` throws, after the rollback; ZF004 when there is no such tenant
 */
export function asSystem<T>(
  pool: Pool,
  tenant: string,
  reason: string,
  work: (client: PoolClient) => Promise<T>,
  cause: Cause = {},
): Promise<T> {
  return inRecordedTransaction(pool, async (client) => {
    await client.query('select platform.enter_as_system($1, $2)', [tenant, reason]);
    await client.query(
      `select set_config('role', 'freehold_user', true),
              set_config('freehold.request_id', $1, true),
              set_config('freehold.traceparent', $2, true),
              set_config('synchronous_commit', 'on', true)`,
      [cause.requestId ?? '', activeTraceparent() || (cause.traceparent ?? '')],
    );
    return work(client);
  });
}

/** illegal_transition, not_found, stale_version. */
const overtaken = ['ZF004', 'ZF005', 'ZF006'];

/** Whether the database refused work because somebody else was faster: the row has gone on, or is gone. */
export function isOvertaken(error: unknown): boolean {
  return overtaken.includes((error as { code?: string }).code ?? '');
}
