import type { RequestHandler } from 'express';
import type { Pool } from 'pg';

/** What the probes say. */
export interface Health {
  /** Set when the process has begun to stop: no new traffic, please. */
  draining: boolean;
}

/** GET /livez: the process runs. Restart it when this fails. */
export const livez: RequestHandler = (_request, response) => {
  response.type('text/plain').send('ok\n');
};

/** GET /readyz: the process can serve. Send it traffic only while this is 200. */
export function readyz(health: Health, pools: readonly Pool[]): RequestHandler {
  return async (_request, response) => {
    response.type('text/plain').set('cache-control', 'no-store');
    if (health.draining) {
      response.status(503).send('draining\n');
      return;
    }
    try {
      await Promise.all(pools.map((pool) => pool.query('select')));
      response.send('ok\n');
    } catch {
      response.status(503).send('the database does not answer\n');
    }
  };
}
