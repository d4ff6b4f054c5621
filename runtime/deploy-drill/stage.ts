import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../db/migrate.ts';
import { type SeededTenant, seed } from '../../db/seed.ts';
import type { LoginUrls } from '../../db/urls.ts';
import { Failure } from '../failure.ts';
import { freePorts } from '../free-ports.ts';
import { type Balancer, probe, startBalancer } from './balancer.ts';
import { answersOk, type Process, runProcess, startProcess, untilReady } from './processes.ts';
import type { Tree } from './release.ts';

/** Where the drill plays: a database with its logins, migrated or empty. */
export interface DrillDatabase {
  adminUrl: string;
  urls: LoginUrls;
}

export interface StageOptions {
  database: DrillDatabase;
  /** For logs and the configuration of HAProxy. */
  directory: string;
  tree: Tree;
  /** Of the tenant, before it begins. */
  projects: number;
}

/** Two servers behind HAProxy and a worker, and the one who deploys. */
export interface Stage {
  balancer: Balancer;
  tenant: SeededTenant;
  /** server 1 and server 2. */
  servers: readonly string[];
  /** Started again, by name. */
  restarts: number;
  /** Codes other than 0 of processes that were asked to stop, and processes that ended unasked. */
  unclean: string[];
  /** Stops it and starts it from this tree, until HAProxy sends it requests again. */
  roll(name: string, tree: Tree): Promise<void>;
  /** node db/main.ts migrate of a tree. */
  migrate(tree: Tree, ...args: string[]): Promise<{ code: number | null; output: string }>;
  /** Starts a server beside the others and waits for its end, which must come by itself. */
  startInVain(tree: Tree): Promise<{ code: number | null; output: string }>;
  stop(): Promise<void>;
}

const DRAIN_DELAY_MS = 2 * probe.everyMs * probe.fall;

/** Starts everything. @throws Failure */
export async function setStage({ database, directory, tree, projects }: StageOptions): Promise<Stage> {
  const { urls } = database;
  await migrate(urls.owner, { drafts: true });
  const secret = Buffer.alloc(32, 'deploy drill').toString('base64');
  const [tenant] = await seed(urls.owner, secret);
  if (!tenant) throw new Error('the development data has no tenant');
  await enlarge(urls.owner, tenant.id, projects);

  const [own = 0, figures = 0, first = 0, second = 0, third = 0] = await freePorts(5);
  const ports: Record<string, number> = { 'server 1': first, 'server 2': second };
  const { PATH, HOME } = process.env;
  const common = { PATH, HOME, LOG_FORMAT: 'json', LOG_LEVEL: 'warn', FREEHOLD_SECRET_KEY: secret };
  const environment = (port: number) => ({
    ...common,
    GATE_DATABASE_URL: urls.gate,
    APP_DATABASE_URL: urls.app,
    WORKER_DATABASE_URL: urls.worker,
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${own}`,
    TRUST_PROXY: '1',
    DRAIN_DELAY_MS: String(DRAIN_DELAY_MS),
    // Of one that starts beside the load, on two cores.
    LOG_LEVEL: 'info',
  });
  const running = new Map<string, Process>();
  const unclean: string[] = [];
  let balancer: Balancer | undefined;

  const start = async (name: string, from: Tree): Promise<void> => {
    const isServer = name in ports;
    const its = startProcess({
      tree: from,
      name,
      file: isServer ? 'server/main.ts' : 'worker/main.ts',
      env: environment(ports[name] ?? own),
      directory,
    });
    running.set(name, its);
    void its.ended.then((code) => {
      if (running.get(name) === its) unclean.push(`${name} (${from.version}) ended with ${code} unasked`);
    });
    await untilReady(its, async () =>
      isServer
        ? (await answersOk(`http://127.0.0.1:${ports[name]}/readyz`)) &&
          (balancer === undefined || (await balancer.isUp(name)))
        : its.lastWords().includes('the worker is ready'),
    );
  };
  const end = async (name: string): Promise<void> => {
    const its = running.get(name);
    running.delete(name);
    const code = await its?.stop();
    if (its && code !== 0)
      unclean.push(`${name} (${its.tree.version}) ended with ${code} when it was asked to`);
  };
  const stage: Stage = {
    get balancer() {
      return balancer as Balancer;
    },
    tenant,
    servers: Object.keys(ports),
    restarts: 0,
    unclean,
    async roll(name, from) {
      await end(name);
      await start(name, from);
      stage.restarts += 1;
    },
    migrate: (from, ...args) =>
      runProcess({
        tree: from,
        name: 'migrate',
        file: 'db/main.ts',
        args: ['migrate', ...args],
        env: { ...common, OWNER_DATABASE_URL: urls.owner },
        directory,
      }),
    startInVain: (from) =>
      runProcess({ tree: from, name: 'too old', file: 'server/main.ts', env: environment(third), directory }),
    async stop() {
      await Promise.all([...running.keys()].map(end));
      await balancer?.stop();
    },
  };
  try {
    await Promise.all([...stage.servers, 'worker'].map((name) => start(name, tree)));
    balancer = await startBalancer(directory, { own, figures, servers: ports });
  } catch (error) {
    await stage.stop();
    throw error instanceof Failure
      ? error
      : new Error(`the drill could not begin: see ${join(directory)}`, { cause: error });
  }
  return stage;
}

/** A plan without limits, and rows enough for a backfill of several batches. */
async function enlarge(ownerUrl: string, tenantId: string, projects: number): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query('begin');
    await client.query('select platform.enter_as_system($1, $2)', [tenantId, 'deploy drill']);
    await client.query(
      `select app.upgrade_subscription(s.id, 'enterprise') from app.subscription s where s.tenant_id = $1 and s.status = 'active'`,
      [tenantId],
    );
    await client.query(
      `insert into app.project (name) select 'Before ' || n from generate_series(1, $1::int) n`,
      [projects],
    );
    await client.query('commit');
  } finally {
    await client.end();
  }
}
