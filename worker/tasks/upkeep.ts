import type { Task } from 'graphile-worker';
import { makeWorkerUtils } from 'graphile-worker';
import type { Pool } from 'pg';
import type { Logger } from '../../runtime/log.ts';

/**
 * The task `keep_partitions`: makes this month's and the next three, long before they are needed, and drops those that no plan keeps in
 * sight.
 */
export function keepPartitions(pool: Pool, log: Logger): Task {
  return async () => {
    for (const [does, sql] of [
      ['made', 'select name from platform.make_all_partitions() name'],
      ['dropped', 'select name from platform.drop_old_partitions() name'],
    ] as const) {
      const { rows } = await pool.query<{ name: string }>(sql);
      if (rows.length > 0) log.info({ partitions: rows.map(({ name }) => name) }, `partitions were ${does}`);
    }
  };
}

/** The task `purge`: deletes what is left of closed tenants, part by part. */
export function purge(pool: Pool, log: Logger): Task {
  return async (_payload, { abortSignal }) => {
    const { rows } = await pool.query<{ tenant: string }>(
      'select tenant from platform.closed_tenants() tenant',
    );
    for (const { tenant } of rows) {
      for (let more = true; more; ) {
        if (abortSignal.aborted) return;
        const part = await pool.query<{ more: boolean }>('select platform.purge_tenant($1) as more', [
          tenant,
        ]);
        more = part.rows[0]?.more ?? false;
      }
      log.info({ tenant }, 'a closed tenant was purged');
    }
  };
}

/** The task `clean_up`: jobs that have failed for good, after a day in which they could be looked at; idempotency keys, after a day; sessions and events of the identity provider, after months. */
export function cleanUp(pool: Pool): Task {
  return async (_payload, { abortSignal }) => {
    for (let more = true; more && !abortSignal.aborted; ) {
      const { rows } = await pool.query<{ forgotten: number }>(
        'select identity.forget_ended() + platform.forget_idempotency_keys() as forgotten',
      );
      more = (rows[0]?.forgotten ?? 0) > 0;
    }
    const utils = await makeWorkerUtils({ pgPool: pool });
    try {
      await utils.cleanup({ tasks: ['DELETE_PERMAFAILED_JOBS'] });
    } finally {
      await utils.release();
    }
  };
}
