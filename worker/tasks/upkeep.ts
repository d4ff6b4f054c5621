import type { Task } from 'graphile-worker';
import { makeWorkerUtils } from 'graphile-worker';
import type { Pool } from 'pg';
import type { Logger } from '../../runtime/log.ts';

/** The task `make_partitions`: this month's and the next three, long before they are needed. */
export function makePartitions(pool: Pool, log: Logger): Task {
  return async () => {
    const { rows } = await pool.query<{ partition: string }>(
      'select made as partition from platform.make_all_partitions() made',
    );
    if (rows.length > 0) log.info({ partitions: rows.map((row) => row.partition) }, 'partitions were made');
  };
}

/** The task `clean_up`: jobs that have failed for good, after a day in which they could be looked at. */
export function cleanUp(pool: Pool): Task {
  return async () => {
    const utils = await makeWorkerUtils({ pgPool: pool });
    try {
      await utils.cleanup({ tasks: ['DELETE_PERMAFAILED_JOBS'] });
    } finally {
      await utils.release();
    }
  };
}
