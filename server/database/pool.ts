import { Pool } from 'pg';
import type { Logger } from '../../runtime/log.ts';
import { observePool } from '../../runtime/telemetry/pool.ts';

export interface PoolOptions {
  /** Whose pool it is, for metrics and pg_stat_activity: gate or app. */
  name: string;
  connectionString: string;
  /** Connections at most. */
  max: number;
  statementTimeoutMs: number;
}

/**
 * A pool for one login. Connections stay: pg-pool's idle timeout would arm a timer at each release of a
 * connection, with each request. They are renewed each half hour instead, so that a failover or a new
 * password is noticed.
 */
export function createPool(options: PoolOptions, log: Logger): Pool {
  const pool = new Pool({
    connectionString: options.connectionString,
    application_name: `freehold ${options.name}`,
    max: options.max,
    idleTimeoutMillis: 0,
    maxLifetimeSeconds: 1_800,
    // Waiting for a free connection longer than a statement may take helps nobody.
    connectionTimeoutMillis: options.statementTimeoutMs,
    statement_timeout: options.statementTimeoutMs,
    idle_in_transaction_session_timeout: options.statementTimeoutMs,
    keepAlive: true,
    // JIT compiles what is estimated as expensive, and takes longer over it than such a statement runs. The
    // others fix how times are written, whatever the database's or login's defaults
    // (server/graphql/scalars.ts).
    options: '-c jit=off -c timezone=UTC -c datestyle=ISO',
  });
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection was lost'));
  // Without a listener of its own, a connection that breaks while in use would end the process.
  pool.on('connect', (client) => {
    client.on('error', (error) => log.warn({ err: error }, 'a database connection was lost'));
  });
  return observePool(pool, options.name);
}
