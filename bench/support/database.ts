import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client, escapeIdentifier } from 'pg';
import { prepareCluster } from '../../db/cluster.ts';
import { startEmbedded } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';
import type { LoginUrls } from '../../db/urls.ts';
import { databaseOf, withDatabase } from '../../db/urls.ts';
import { serverOf } from '../../runtime/config.ts';
import type { Profile } from './data.ts';
import { load } from './data.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type BenchUrls = LoginUrls & { admin: string };

/** A database for one measurement, which begins as every other of its kind. */
export interface FreshDatabase {
  urls: BenchUrls;
  drop(): Promise<void>;
}

export interface BenchServer {
  /** A database with this data, kept between runs under the hash of what it was made from. */
  database(profile: Profile): Promise<BenchUrls>;
  /** A new database: a copy of that of the profile, or an empty one. What a run before left under the name is dropped. */
  fresh(name: string, profile?: Profile): Promise<FreshDatabase>;
  /** Process id of the embedded server, for its CPU time; undefined for the server of DATABASE_URL. */
  pid: number | undefined;
  close(): Promise<void>;
}

/**
 * The embedded server with durable commits in .freehold/bench, or the server of DATABASE_URL. Two benches at once need a server each, because
 * each makes databases by name: BENCH_DIRECTORY says where the other's is.
 * @param settings of the embedded server, when this is who starts it
 */
export async function openBenchServer(
  say: (line: string) => void,
  settings: Record<string, string> = { autovacuum: 'off' },
): Promise<BenchServer> {
  const given = process.env.DATABASE_URL;
  const server = given
    ? undefined
    : await startEmbedded({
        directory: process.env.BENCH_DIRECTORY ?? `${root}/.freehold/bench`,
        settings: { max_connections: '200', shared_buffers: '2GB', max_wal_size: '8GB', ...settings },
        onProgress: say,
      });
  const adminUrl = server?.url ?? withDatabase(given as string, 'postgres');
  const secret = process.env.FREEHOLD_ROLE_SECRET ?? (given ? serverOf(given) : new URL(adminUrl).password);
  const database = async (profile: Profile): Promise<BenchUrls> => {
    const name = `freehold_bench_${sourcesHash(profile)}`;
    const url = withDatabase(adminUrl, name);
    const known = await exists(adminUrl, name);
    const urls = await prepareCluster(url, { secret });
    if (!known) {
      try {
        await migrate(urls.owner, { drafts: true });
        say(`loading ${profile.tenants} tenants with ${profile.rows} projects`);
        await load(urls.owner, profile);
        await onServer(url, (client) => client.query('vacuum analyze'));
      } catch (error) {
        await drop(adminUrl, name);
        throw error;
      }
    }
    return { ...urls, admin: url };
  };
  return {
    database,
    async fresh(name, profile) {
      const full = `freehold_bench_${name}`;
      const url = withDatabase(adminUrl, full);
      const template = profile && databaseOf((await database(profile)).admin);
      await drop(adminUrl, full);
      if (template) await copy(adminUrl, full, template);
      return {
        urls: { ...(await prepareCluster(url, { secret })), admin: url },
        drop: async () => {
          await drop(adminUrl, full);
        },
      };
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

const copy = (adminUrl: string, name: string, template: string): Promise<unknown> =>
  onServer(adminUrl, (client) =>
    client.query(
      `create database ${escapeIdentifier(name)} template ${escapeIdentifier(template)} strategy file_copy owner freehold_owner`,
    ),
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
