import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';

/** One who waited for the migration, as long as it was seen: up to 20 ms more than it tells. */
export interface Wait {
  /** The relation that it wants, or wanted a row of; empty for other locks. */
  relation: string;
  /** performance.now() when it was first seen. */
  from: number;
  milliseconds: number;
}

/**
 * Looks every 20 ms at who waits for a lock behind this session: it holds it, or stands before them in the queue.
 * @param watcher a superuser, with nothing else to do
 */
export function watchWaits(watcher: Client, pid: number): { seen(): Wait[]; stop(): Promise<Wait[]> } {
  const waits = new Map<string, Wait>();
  let over = false;
  const look = async (): Promise<void> => {
    while (!over) {
      const { rows } = await watcher.query<{ pid: number; since: string; relation: string; waited: number }>({
        name: 'watch waits',
        text: `select l.pid, l.waitstart::text as since,
            coalesce(n.nspname || '.' || r.relname, '') as relation,
            extract(epoch from clock_timestamp() - l.waitstart)::float8 * 1000 as waited
          from pg_catalog.pg_locks l
          left join pg_catalog.pg_class c on c.oid = l.relation
          left join pg_catalog.pg_class r on r.oid = coalesce(pg_catalog.pg_partition_root(c.oid), c.oid)
          left join pg_catalog.pg_namespace n on n.oid = r.relnamespace
          where not l.granted
            and l.waitstart is not null
            and l.pid <> $1
            and $1 = any (pg_catalog.pg_blocking_pids(l.pid))`,
        values: [pid],
      });
      const now = performance.now();
      for (const { pid: who, since, relation, waited } of rows) {
        const key = `${who} ${since}`;
        const from = waits.get(key)?.from ?? now - waited;
        waits.set(key, { relation, from, milliseconds: waited });
      }
      await pause(20);
    }
  };
  const looking = look();
  return {
    seen: () => [...waits.values()],
    async stop() {
      over = true;
      await looking;
      return [...waits.values()];
    },
  };
}
