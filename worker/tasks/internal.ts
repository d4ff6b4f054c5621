import type { JobHelpers, Task } from 'graphile-worker';
import type { Pool } from 'pg';
import type { Logger } from '../../runtime/log.ts';
import { inJob, tellFailure, tellWait } from '../job.ts';

/** The event that an internal task answers; see platform.load_task. */
export interface TaskEvent {
  tenant_id: string;
  event_id: string;
  type: string;
  entity: string;
  entity_id: string;
  /** JSON. */
  data: string;
  /** member, api_key, system or operator. */
  actor_type: string;
  occurred_at: Date;
  request_id: string | null;
  traceparent: string | null;
}

export interface TaskAttempt {
  /** No further attempt follows this one. */
  final: boolean;
  signal: AbortSignal;
}

/** Thrown by work that a repetition would not help: its delivery has failed, and it is not tried again. */
export class GaveUp extends Error {}

export type TaskWork = (event: TaskEvent, attempt: TaskAttempt) => Promise<void>;

/**
 * Wraps the work of an internal subscriber (platform.event_task): it runs for each event until it has succeeded once, and
 * its delivery shows how it went. Work is repeated when a worker dies in it, so it must stand being repeated.
 */
export function internalTask(pool: Pool, log: Logger, work: TaskWork): Task {
  return async (payload, helpers) => {
    const { tenant, delivery } = payload as { tenant: string; delivery: string };
    const { rows } = await pool.query<Omit<TaskEvent, 'tenant_id'>>(
      'select * from platform.load_task($1, $2)',
      [tenant, delivery],
    );
    const event = rows[0];
    if (!event) return;
    const { traceparent } = event;
    const again = helpers.job.attempts > 1;
    const cause = {
      tenantId: tenant,
      requestId: event.request_id,
      entity: event.entity,
      entityId: event.entity_id,
      traceparents: again ? [] : [traceparent],
      former: again ? [traceparent] : [],
    };
    if (!again) tellWait(traceparent, event.occurred_at.getTime(), helpers.job.created_at.getTime());
    const began = performance.now();
    const finish = (error: string | null, final: boolean) =>
      pool.query('select platform.finish_task($1, $2, $3, $4, $5)', [
        tenant,
        delivery,
        error,
        final,
        Math.round(performance.now() - began),
      ]);
    const final = isLast(helpers);
    try {
      await inJob(cause, () => work({ tenant_id: tenant, ...event }, { final, signal: helpers.abortSignal }));
    } catch (error) {
      const { message } = error as Error;
      const gaveUp = error instanceof GaveUp;
      log.warn(
        { err: error, task: helpers.job.task_identifier, tenant_id: tenant, event_id: event.event_id },
        'a task failed',
      );
      await finish(message, final || gaveUp);
      if (gaveUp) return tellFailure('gave_up');
      throw error;
    }
    await finish(null, false);
  };
}

function isLast({ job }: JobHelpers): boolean {
  return job.attempts >= job.max_attempts;
}
