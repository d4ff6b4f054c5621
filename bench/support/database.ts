import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client, escapeIdentifier } from 'pg';
import { prepareCluster } from '../../db/cluster.ts';
import { startEmbedded } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';
import type { LoginUrls } from '../../db/urls.ts';
import { withDatabase } from '../../db/urls.ts';
import { serverOf } from '../../runtime/config.ts';
import type { Profile } from './data.ts';
import { load } from './data.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface BenchServer {
  /** A database with this data, kept between runs under the hash of what it was made from. */
  database(profile: Profile): Promise<LoginUrls & { admin: string }>;
  /** Process id of the embedded server, for its CPU time; undefined for the server of DATABASE_URL. */
  pid: number | undefined;
  close(): Promise<void>;
}

/** The embedded server with durable commits in .freehold/bench, or the server of DATABASE_URL. */
export async function openBenchServer(say: (line: string) => void): Promise<BenchServer> {
  const given = process.env.DATABASE_URL;
  const server = given
    ? undefined
    : await startEmbedded({
        directory: `${root}/.freehold/bench`,
        settings: { max_connections: '200', shared_buffers: '2GB', max_wal_size: '8GB', autovacuum: 'off' },
        onProgress: say,
      });
  const adminUrl = server?.url ?? withDatabase(given as string, 'postgres');
  const secret = process.env.FREEHOLD_ROLE_SECRET ?? (given ? serverOf(given) : new URL(adminUrl).password);
  return {
    async database(profile) {
      const name = `freehold_bench_${sourcesHash(profile)}`;
      const url = withDatabase(adminUrl, name);
      const known = await exists(adminUrl, name);
      const urls = await prepareCluster(url, { secret });
      if (!known) {
        try {
          await migrate(urls.owner, { drafts: true });
          say(`loading ${profile.tenants} tenants with ${profile.rows} projects`);
          await load(urls.owner, profile);
          const vacuum = new Client({ connectionString: url });
          await vacuum.connect();
          await vacuum.query('vacuum analyze');
          await vacuum.end();
        } catch (error) {
          await drop(adminUrl, name);
          throw error;
        }
      }
      return { ...urls, admin: url };
    },
    pid: server?.pid,
    close: async () => {
      await server?.stop();
    },
  };
}

async function onServer<T>(adminUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const exists = (adminUrl: string, name: string): Promise<boolean> =>
  onServer(adminUrl, async (client) =>
    Boolean((await client.query('select from pg_database where datname = $1', [name])).rowCount),
  );

const drop = (adminUrl: string, name: string): Promise<unknown> =>
  onServer(adminUrl, (client) =>
    client.query(`drop database if exists ${escapeIdentifier(name)} with (force)`),
  );

function sourcesHash(profile: Profile): string {
  const hash = createHash('sha256').update(JSON.stringify(profile));
  for (const folder of ['migrations/committed', 'migrations/current', 'db', 'bench/support']) {
    for (const file of readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' }).sort()) {
      if (file.endsWith('.sql') || file === 'data.ts') hash.update(readFileSync(`${root}/${folder}/${file}`));
    }
  }
  return hash.digest('hex').slice(0, 12);
}
