import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Logger } from '../runtime/log.ts';

export interface HeartbeatOptions {
  pool: Pool;
  log: Logger;
  /** A process that has not been heard of for so long is dead. Four beats fall within it. */
  deadAfterMs: number;
  /** Names under which this process has locked jobs. */
  poolIds: () => string[];
}

export interface Heartbeat {
  /** No beat has been under way for longer than deadAfterMs, whether it was written or not. */
  turning(): boolean;
  /** The last beat that was written is younger than deadAfterMs: to the others, this process lives. */
  beating(): boolean;
  /** Ends it and gives back whatever this process still had locked. */
  stop(): Promise<void>;
}

// A dead worker's jobs would stay locked for four hours. Both in one statement: who finds the dead also frees their jobs.
const BEAT = `
  with beat as (
    insert into platform.worker_process (id, pool_ids)
    values ($1, $2)
    on conflict (id) do update
      set pool_ids = excluded.pool_ids, beat_at = excluded.beat_at
  ),
  dead as (
    delete from platform.worker_process p
    where p.id <> $1
      and p.beat_at < statement_timestamp() - $3::interval
    returning p.pool_ids
  ),
  freed as (
    select array_agg(p) as pool_ids
    from dead, unnest(dead.pool_ids) p
  )
  select f.pool_ids as dead, graphile_worker.force_unlock_workers(f.pool_ids) as unlocked
  from freed f
  where f.pool_ids is not null`;

/** Says regularly that this process lives, and frees the jobs of those that no longer do. */
export async function startHeartbeat(options: HeartbeatOptions): Promise<Heartbeat> {
  const { pool, log, deadAfterMs } = options;
  const id = randomUUID();
  let beating: Promise<void> = Promise.resolve();
  const beat = async () => {
    const { rows } = await pool.query<{ dead: string[] }>({
      name: 'heartbeat',
      text: BEAT,
      values: [id, options.poolIds(), `${deadAfterMs} ms`],
    });
    if (rows[0]) log.warn({ pools: rows[0].dead }, 'a worker process died: its jobs are free again');
  };
  await beat();
  let writtenAt = Date.now();
  let endedAt = writtenAt;
  const timer = setInterval(() => {
    beating = beating
      .then(beat)
      .then(() => {
        writtenAt = Date.now();
      })
      .catch((error: unknown) => log.warn({ err: error }, 'a heartbeat failed'))
      .finally(() => {
        endedAt = Date.now();
      });
  }, deadAfterMs / 4);
  return {
    turning: () => Date.now() - endedAt < deadAfterMs + deadAfterMs / 4,
    beating: () => Date.now() - writtenAt < deadAfterMs,
    async stop() {
      clearInterval(timer);
      await beating;
      await pool.query(
        `with gone as (delete from platform.worker_process where id = $1)
         select graphile_worker.force_unlock_workers($2)`,
        [id, options.poolIds()],
      );
    },
  };
}
