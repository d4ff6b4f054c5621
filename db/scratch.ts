import { randomBytes } from 'node:crypto';
import { escapeIdentifier } from 'pg';
import type { Config } from '../runtime/config.ts';
import { prepareCluster } from './cluster.ts';
import { connectOrExplain } from './connect.ts';
import { openDatabase } from './open.ts';
import type { LoginUrls } from './urls.ts';
import { withDatabase } from './urls.ts';

/** An empty database that lasts as long as `work`, beside the real one and with the same logins. */
export async function withScratchDatabase<T>(
  config: Config,
  work: (scratch: { adminUrl: string; urls: LoginUrls }) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(config, { onProgress: (line) => console.error(line) });
  try {
    const name = `freehold_scratch_${randomBytes(4).toString('hex')}`;
    const adminUrl = withDatabase(database.adminUrl, name);
    const { roleSecret, passwords, appStatementTimeoutMs, workerStatementTimeoutMs } = config.database;
    const secret = roleSecret ?? new URL(database.adminUrl).password;
    const roles = { passwords, appStatementTimeoutMs, workerStatementTimeoutMs };
    const urls = await prepareCluster(adminUrl, { secret, ...roles });
    try {
      return await work({ adminUrl, urls });
    } finally {
      const admin = await connectOrExplain(database.adminUrl, 'DATABASE_URL');
      await admin
        .query(`drop database if exists ${escapeIdentifier(name)} with (force)`)
        .finally(() => admin.end());
    }
  } finally {
    await database.close();
  }
}
