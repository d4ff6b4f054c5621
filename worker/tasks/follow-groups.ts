import type { Pool } from 'pg';
import type { TaskWork } from './internal.ts';

/** The task `follow_groups`, when a group of a directory gives another role: the people of the tenant's directories have the roles that follow, one transaction each. */
export function followGroups(pool: Pool): TaskWork {
  return async (event, { signal }) => {
    const { rows } = await pool.query<{ issuer: string; subject: string }>(
      'select issuer, subject from identity.people_of_directories($1)',
      [event.tenant_id],
    );
    for (const { issuer, subject } of rows) {
      // It begins anew with the next attempt, and what was done stays.
      signal.throwIfAborted();
      await pool.query('select identity.follow_person($1, $2)', [issuer, subject]);
    }
  };
}
