import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../../db/transaction.ts';
import { addRecorded, currentWork } from './work.ts';

/** What the transaction has recorded (db/delivery/fan_out.sql); asked last. */
export const recordedSql = `select current_setting('freehold.recorded', true) as recorded`;

/**
 * As inTransaction: and once it is committed, the events that it recorded are told of in the line of the request or job.
 * @throws what `work` or the connection throws, after the rollback
 */
export async function inRecordedTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  let recorded: string | null | undefined;
  const result = await inTransaction(pool, async (client) => {
    const answer = await work(client);
    recorded = (await client.query<{ recorded: string | null }>(recordedSql)).rows[0]?.recorded;
    return answer;
  });
  addRecorded(currentWork(), recorded);
  return result;
}
