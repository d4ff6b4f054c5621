import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { asSystem } from '../context.ts';
import type { TaskWork } from './internal.ts';

/** Events that one transaction looks at. */
const AT_A_TIME = 1_000;
/** While the endpoint has enough to receive. */
const PAUSE_MS = 500;

/**
 * The task `replay_events`, on webhook_replay.requested: takes the replay on, part by part, until it is over. The database keeps its place:
 * a job that ends half-way, because the worker stops or dies, is repeated and goes on from there.
 */
export function replayEvents(pool: Pool): TaskWork {
  return async (event, { final, signal }) => {
    const inTenant = async (sql: string, values: unknown[]) =>
      asSystem(
        pool,
        event.tenant_id,
        'replay events',
        async (client) => (await client.query<{ answer: string }>(sql, values)).rows[0]?.answer,
        { requestId: event.request_id, traceparent: event.traceparent },
      );
    const replay = event.entity_id;
    try {
      for (;;) {
        signal.throwIfAborted();
        const answer = await inTenant('select app.advance_webhook_replay($1, $2) as answer', [
          replay,
          AT_A_TIME,
        ]);
        if (answer === 'over') return;
        if (answer === 'full') await pause(PAUSE_MS, undefined, { signal });
      }
    } catch (error) {
      if (final) await inTenant('select (app.fail_webhook_replay($1)).id as answer', [replay]);
      throw error;
    }
  };
}
