import type { Task } from 'graphile-worker';
import type { Pool } from 'pg';
import type { Logger } from '../../runtime/log.ts';
import { asSystem, isOvertaken } from '../context.ts';

interface Failing {
  tenant_id: string;
  endpoint_id: string;
  verdict: 'gone' | 'failing' | 'warning';
  failing_since: Date;
  disables_at: Date;
}

/** When an endpoint is given up: after so long of nothing but failures, and so many at least. */
export interface DisableRule {
  disableAfterMs: number;
  leastFailures: number;
}

/**
 * The task `judge_endpoints`: disables the endpoints that are gone or have failed for too long, and warns of those that have failed for half
 * of it. The events tell their owners (tasks of webhook_endpoint).
 */
export function judgeEndpoints(
  pool: Pool,
  log: Logger,
  { disableAfterMs, leastFailures }: DisableRule,
): Task {
  return async (_payload, { abortSignal }) => {
    const { rows } = await pool.query<Failing>('select * from platform.failing_endpoints($1::interval, $2)', [
      `${disableAfterMs} ms`,
      leastFailures,
    ]);
    for (const { tenant_id, endpoint_id, verdict, failing_since, disables_at } of rows) {
      if (abortSignal.aborted) return;
      const about = { tenant: tenant_id, endpoint: endpoint_id, verdict, since: failing_since };
      const judged = asSystem(pool, tenant_id, `webhook endpoint: ${verdict}`, async (client) => {
        if (verdict === 'warning') {
          await client.query('select app.warn_of_webhook_endpoint($1, $2, $3)', [
            endpoint_id,
            failing_since,
            disables_at,
          ]);
        } else {
          await client.query('select app.give_up_webhook_endpoint($1, $2)', [endpoint_id, verdict]);
        }
      });
      try {
        await judged;
        log.warn(
          about,
          verdict === 'warning' ? 'a webhook endpoint fails' : 'a webhook endpoint was disabled',
        );
      } catch (error) {
        // Its owner was faster; the tenant is being closed.
        if (!isOvertaken(error)) throw error;
      }
    }
  };
}
