import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareCluster } from '../../db/cluster.ts';
import { startEmbedded } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';
import { withDatabase } from '../../db/urls.ts';
import type { TestDatabase } from './database.ts';
import { openTestDatabase } from './database.ts';
import { dataOf, processesIn } from './process.ts';
import { waitUntil } from './wait.ts';

/** A database on a PostgreSQL that is this test file's alone, with durable commits. It is stopped and deleted when the file ends. */
export interface OwnServer {
  database: TestDatabase;
  /** SIGINT stops it in order, cutting all connections; SIGQUIT kills it, so that it recovers from its log. Resolves when it answers again. */
  restart(signal: 'SIGINT' | 'SIGQUIT'): Promise<void>;
}

const secret = 'of a server for one test file';

export async function startOwnServer(): Promise<OwnServer> {
  const directory = mkdtempSync(join(tmpdir(), 'freehold-own-'));
  // mkdtemp makes it private, and root's server runs as an ordinary user
  chmodSync(directory, 0o755);
  const start = () => startEmbedded({ directory, settings: { max_connections: '100' } });
  let server = await start();
  const { port } = server;
  const url = withDatabase(server.url, 'freehold');
  await migrate((await prepareCluster(url, { secret })).owner, { drafts: true });
  return {
    database: openTestDatabase(url, secret, async () => {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    }),
    async restart(signal) {
      process.kill(server.pid, signal);
      await waitUntil('PostgreSQL has ended', () => processesIn(dataOf(directory)).length === 0);
      await server.stop();
      server = await start();
      if (server.port !== port) throw new Error(`its port ${port} was taken meanwhile`);
    },
  };
}
