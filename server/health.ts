import type { RequestHandler } from 'express';
import type { Pool } from 'pg';
import { committedMigrations } from '../db/state.ts';

/** What the probes say. */
export interface Health {
  /** Set when the process has begun to stop: no new traffic, please. */
  draining: boolean;
  /** Why this process must not serve, when a migration took away what its code uses. */
  unfit?: string;
}

/** GET /livez: the process runs. Restart it when this fails. */
export const livez: RequestHandler = (_request, response) => {
  response.type('text/plain').send('ok\n');
};

/**
 * GET /readyz: the process can serve: it is not stopping, its logins get an answer, and the database has the migration that this code needs, by its
 * hash. Send it traffic only while this is 200; 503 says why in a line. The probe of a load balancer; to know whether to restart, ask /livez.
 */
export function readyz(health: Health, { gate, app }: { gate: Pool; app: Pool }): RequestHandler {
  // Those of phase contract run when this code serves already.
  const needed = committedMigrations().findLast(({ phase }) => phase === 'expand');
  return async (_request, response) => {
    response.type('text/plain').set('cache-control', 'no-store');
    if (health.draining) {
      response.status(503).send('draining\n');
      return;
    }
    if (health.unfit) {
      response.status(503).send(`${health.unfit}\n`);
      return;
    }
    try {
      const [{ rowCount: migrated }] = await Promise.all([
        app.query('select from graphile_migrate.migrations where hash = $1', [needed?.hash]),
        gate.query('select'),
      ]);
      if (migrated) response.send('ok\n');
      else response.status(503).send(`migration ${needed?.file} is missing\n`);
    } catch {
      response.status(503).send('the database does not answer\n');
    }
  };
}
