import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Pool } from 'pg';
import { Failure } from '../runtime/failure.ts';
import type { Logger } from '../runtime/log.ts';
import { committedMigrations, requireKnown } from './state.ts';

/** Four beats fall within the minute after which a silent process is taken for dead (platform.serving_processes). */
const BEAT_MS = 15_000;

export interface ServingOptions {
  /** Of freehold_app or freehold_worker. */
  pool: Pool;
  kind: 'server' | 'worker';
  /** Of the code, for people. */
  version: string;
  log: Logger;
  /** Called once when a migration has taken away what this code uses: the process must not go on. */
  onUnfit: (reason: Failure) => void;
}

export interface Serving {
  stop(): Promise<void>;
}

/**
 * Says at once and then regularly that this process serves, until it stops: a migration of phase contract waits for processes that do not know it.
 * Call it after checkDatabase and before anything is served.
 * @throws Failure database_newer when this code must not serve
 */
export async function startServing({ pool, kind, version, log, onUnfit }: ServingOptions): Promise<Serving> {
  const id = randomUUID();
  const code = committedMigrations();
  const beat = async (): Promise<void> => {
    const { rows } = await pool.query<{ oldest: string | null }>({
      name: 'report-serving',
      text: 'select platform.report_serving($1, $2, $3, $4, $5) as oldest',
      values: [id, kind, version, code.at(-1)?.filename ?? '', hostname()],
    });
    requireKnown(rows[0]?.oldest ?? null, code);
  };
  const end = () => pool.query('select platform.end_serving($1)', [id]);
  try {
    await beat();
  } catch (error) {
    if (error instanceof Failure) await end();
    throw error;
  }
  let beating = Promise.resolve();
  const timer = setInterval(() => {
    beating = beating.then(beat).catch((error: unknown) => {
      if (!(error instanceof Failure)) {
        log.warn({ err: error }, 'it could not be said that this process serves');
        return;
      }
      clearInterval(timer);
      onUnfit(error);
    });
  }, BEAT_MS);
  return {
    async stop() {
      clearInterval(timer);
      await beating;
      await end().catch((error: unknown) =>
        log.warn({ err: error }, 'it could not be said that this process has ended'),
      );
    },
  };
}
