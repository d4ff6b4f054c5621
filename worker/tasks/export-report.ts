import type { Pool } from 'pg';
import { asSystem } from '../context.ts';
import type { TaskWork } from './internal.ts';

/** Rows of the export are gathered and written by one statement in the database. */
const LONGEST_EXPORT = '10min';

/** The task `export_report`, on report.requested: makes the export, or records why it could not be made. */
export function exportReport(pool: Pool): TaskWork {
  return async (event, { final }) => {
    const inTenant = (reason: string, sql: string, values: unknown[]) =>
      asSystem(
        pool,
        event.tenant_id,
        reason,
        async (client) => {
          await client.query(`select set_config('statement_timeout', $1, true)`, [LONGEST_EXPORT]);
          return (await client.query<{ id: string | null }>(sql, values)).rows[0];
        },
        { requestId: event.request_id, traceparent: event.traceparent },
      );
    const report = event.entity_id;
    try {
      // Committed on its own, so that the tenant sees it running.
      const started = await inTenant('start a report', 'select (app.start_report($1)).id', [report]);
      if (!started?.id) return;
      await inTenant('export a report', 'select (app.finish_report($1)).id', [report]);
    } catch (error) {
      if (final) {
        const { message } = error as Error;
        await inTenant('give up a report', 'select (app.fail_report($1, $2)).id', [report, message]);
      }
      throw error;
    }
  };
}
