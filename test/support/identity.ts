import type { Pool, PoolClient } from 'pg';

/** What the worker's task follow_people does, for everybody who waits and whenever they are due. */
export async function followEverybody(admin: Pool | PoolClient): Promise<void> {
  await admin.query('update identity.waiting_person set next_attempt_at = statement_timestamp()');
  await admin.query(
    'select identity.follow_person(issuer, subject) from (select * from identity.due_people(1000) offset 0) due',
  );
}
