import type { Pool, PoolClient } from 'pg';

/**
 * Runs `work` in one transaction on one connection, which goes back to the pool.
 * @throws what `work` or the connection throws, after the rollback
 */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    // A connection that cannot even roll back is in an unknown state: the pool must not hand it out again.
    await client.query('rollback').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
