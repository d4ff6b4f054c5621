import type { Sizes } from '../sizes.ts';

/** The product's own defaults (runtime/variables.ts), said here so that a sum can be made of them. */
export const gatePool = 4;
export const appPool = 10;

/**
 * Connections that PostgreSQL must have for everybody at once, in the worst minute: all tasks at their most, and during a deployment old
 * and new beside each other.
 */
export function connectionsNeeded(sizes: Sizes): Record<string, number> {
  return {
    // A pool each for freehold_gate and freehold_app; a pooler that is replaced runs beside its successor.
    poolers: 2 * sizes.poolers * 2 * sizes.poolSize,
    // LISTEN needs a session of its own: one a server, blue and green.
    listeners: 2 * sizes.serversMost,
    // As many as jobs, one that listens, one for the heartbeat (worker/start.ts); old and new beside each other.
    workers: 2 * sizes.workersMost * (workerPool(sizes) + 1),
    migration: 3,
    // superuser_reserved_connections and rds.rds_superuser_reserved_connections, replication, and somebody with psql
    administrators: 10,
  };
}

export const workerPool = (sizes: Sizes): number => sizes.workerConcurrency + 2;
