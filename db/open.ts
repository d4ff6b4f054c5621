import type { Config } from '../runtime/config.ts';
import { serverOf } from '../runtime/config.ts';
import { prepareCluster } from './cluster.ts';
import { startEmbedded } from './embedded.ts';
import type { LoginUrls } from './urls.ts';
import { withDatabase } from './urls.ts';

/** A prepared database: roles exist, and the database, but migrations may be missing. */
export interface OpenDatabase {
  /** Administrator's URL of Freehold's database. */
  adminUrl: string;
  urls: LoginUrls;
  /** One line for people: which server this is. */
  description: string;
  /** Resolves when the embedded server is gone although it was not stopped; never for DATABASE_URL. */
  lost: Promise<void>;
  /** Lets go of it; the embedded server stops with its last user. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Refuses when another `npm start` holds the embedded server. */
  exclusive?: boolean;
  onProgress?: (line: string) => void;
}

/**
 * The server of DATABASE_URL, or else the embedded one in .freehold/postgres, with roles and database prepared.
 * A server that already runs there is shared.
 * @throws Failure
 */
export async function openDatabase(config: Config, options: OpenOptions = {}): Promise<OpenDatabase> {
  const { admin, roleSecret, passwords, appStatementTimeoutMs, workerStatementTimeoutMs } = config.database;
  const roles = { passwords, appStatementTimeoutMs, workerStatementTimeoutMs };
  if (admin) {
    const urls = await prepareCluster(admin, { secret: roleSecret ?? serverOf(admin), ...roles });
    const { host, pathname } = new URL(admin);
    return {
      adminUrl: admin,
      urls,
      description: `PostgreSQL of DATABASE_URL (${host}${pathname})`,
      lost: new Promise(() => {}),
      close: async () => {},
    };
  }
  const server = await startEmbedded({ directory: `${config.stateDirectory}/postgres`, ...options });
  try {
    const adminUrl = withDatabase(server.url, 'freehold');
    const urls = await prepareCluster(adminUrl, {
      secret: roleSecret ?? new URL(server.url).password,
      ...roles,
    });
    return {
      adminUrl,
      urls,
      description: `embedded PostgreSQL on port ${server.port}${server.adopted ? ' (it was running)' : ''}`,
      lost: server.lost,
      close: async () => {
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
