import type { Pool } from 'pg';
import type { TaskWork } from './internal.ts';

/** The task `follow_groups`, when a group of a directory gives another role: the people of the tenant's directories have the roles that follow (follow_people). */
export function followGroups(pool: Pool): TaskWork {
  return async (event) => {
    await pool.query('select identity.follow_directories($1)', [event.tenant_id]);
  };
}
