import { Pool } from 'pg';
import { openDatabase } from '../../db/open.ts';
import type { Config } from '../config.ts';
import { ConfigError, loadConfig } from '../config.ts';
import { explain } from '../failure.ts';
import type { Workos } from '../identity-provider.ts';
import { planStandIn } from '../stand-in.ts';
import { createWorkos } from '../workos.ts';

/** What a command needs of the environment. */
export interface Access {
  /** Connections as freehold_worker. */
  worker: Pool;
  workos: Workos;
  config: Config;
  /** Seconds since the command began. */
  seconds(): string;
  /** A line with the time. */
  say(line: string): void;
}

/** Runs a command with the database and the identity provider of the environment, or of a running npm start; says what went wrong. */
export async function withAccess(work: (access: Access) => Promise<void>): Promise<void> {
  const began = performance.now();
  const seconds = () => ((performance.now() - began) / 1_000).toFixed(1);
  const say = (line: string) => console.log(`  ${seconds().padStart(4)} s  ${line}`);
  try {
    const config = loadConfig('seed');
    const workos = workosOf(config);
    const database = config.database.worker ? undefined : await openDatabase(config, { onProgress: say });
    const worker = new Pool({ connectionString: config.database.worker ?? database?.urls.worker, max: 1 });
    try {
      await work({ worker, workos, config, seconds, say });
    } finally {
      await worker.end();
      await database?.close();
    }
  } catch (error) {
    console.error(explain(error));
    process.exitCode = 1;
  }
}

/** Who signs people in: as configured, or in development the stand-in of a running npm start. */
function workosOf(config: Config): Workos {
  if (config.workos) return createWorkos(config.workos);
  if (config.production)
    throw new ConfigError([
      'WORKOS_API_KEY and WORKOS_CLIENT_ID are required: they are in the dashboard of WorkOS',
    ]);
  const { WORKOS_API_KEY, WORKOS_CLIENT_ID, WORKOS_ISSUER, WORKOS_API_URL } = planStandIn(config).clients;
  return createWorkos({
    apiKey: WORKOS_API_KEY as string,
    clientId: WORKOS_CLIENT_ID as string,
    issuer: WORKOS_ISSUER as string,
    apiUrl: WORKOS_API_URL as string,
  });
}
