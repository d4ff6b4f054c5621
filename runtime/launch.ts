import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { migrate } from '../db/migrate.ts';
import type { OpenDatabase } from '../db/open.ts';
import { openDatabase } from '../db/open.ts';
import type { SeededTenant } from '../db/seed.ts';
import { seed } from '../db/seed.ts';
import type { Config } from './config.ts';
import { Failure } from './failure.ts';
import { addressOf, planStandIn, seedStandIn } from './stand-in.ts';
import type { Supervised } from './supervise.ts';
import { supervise } from './supervise.ts';
import { planTelemetryStore } from './telemetry-store/plan.ts';

const root = join(import.meta.dirname, '..');

/** Everything that must be stopped, in the order in which it was started. */
export interface Running {
  database?: OpenDatabase;
  telemetry?: Supervised;
  workos?: Supervised;
  server?: Supervised;
  worker?: Supervised;
}

export interface Launched {
  database: OpenDatabase;
  tenants: readonly SeededTenant[];
  /** Rejects when server or worker cannot be kept running. */
  failed: Promise<never>;
}

export interface LaunchOptions {
  aborted: AbortSignal;
  /** Told of what takes over a second. */
  step: (line: string) => void;
  /** Told when a process had to be started again. */
  onRestart: (line: string) => void;
  /** Where the processes' output goes; default: that of this process. */
  output?: { write(text: string): unknown };
}

/**
 * A database with its migrations and development data, the server and the worker, ready. `running` is filled as it goes, so that stop() ends
 * what there is when this fails half way.
 * @throws Failure
 */
export async function launch(config: Config, running: Running, options: LaunchOptions): Promise<Launched> {
  const { aborted, step, onRestart, output } = options;
  const database = await openDatabase(config, { exclusive: true, onProgress: step });
  running.database = database;
  const { host, port } = config.http;
  await requirePort(host, port, 'PORT');
  const standIn = config.workos ? undefined : planStandIn(config);
  if (standIn) await requirePort('127.0.0.1', config.workosStandInPort, 'WORKOS_STAND_IN_PORT');
  const telemetry = config.telemetry.endpoint ? undefined : planTelemetryStore(config);
  if (telemetry) await requirePort('127.0.0.1', config.telemetryStore.port, 'TELEMETRY_STORE_PORT');
  if (config.telemetry.metrics)
    for (const offset of [0, 1])
      await requirePort(
        config.telemetry.metrics.host,
        config.telemetry.metrics.port + offset,
        'METRICS_PORT',
      );
  const child = (name: string, file: string, env: NodeJS.ProcessEnv) =>
    supervise({ name, file: join(root, file), env, onRestart, ...(output && { output }) });
  const failures: Promise<never>[] = [];
  if (telemetry) {
    // The first: it starts while the database is migrated, and misses nothing of the others.
    const its = { ...process.env, ...telemetry.environment };
    running.telemetry = child('telemetry store', 'runtime/telemetry-store/main.ts', its);
    failures.push(running.telemetry.failed);
  }
  aborted.throwIfAborted();
  await migrate(database.urls.owner, { drafts: true, onProgress: step });
  aborted.throwIfAborted();
  const tenants = await seed(database.urls.owner, config.secretKey.toString('hex'));
  aborted.throwIfAborted();

  const env = {
    ...process.env,
    OWNER_DATABASE_URL: undefined,
    DATABASE_URL: undefined,
    GATE_DATABASE_URL: database.urls.gate,
    APP_DATABASE_URL: database.urls.app,
    WORKER_DATABASE_URL: database.urls.worker,
    FREEHOLD_SECRET_KEY: config.secretKey.toString('base64'),
    FREEHOLD_DEVELOPMENT_KEY: tenants[0]?.apiKey,
    PORT: String(port),
    ...standIn?.clients,
    ...telemetry?.clients,
  };
  // Where somebody wants them: the server's there, the worker's on the next port.
  const { metrics } = config.telemetry;
  const metricsPort = (name: 'server' | 'worker') =>
    metrics && String(metrics.port + (name === 'server' ? 0 : 1));
  if (standIn) {
    const its = { ...process.env, ...standIn.environment };
    running.workos = child('the stand-in for WorkOS', 'server/auth/workos-stand-in/main.ts', its);
    failures.push(running.workos.failed);
  }
  running.server = child('server', 'server/main.ts', { ...env, METRICS_PORT: metricsPort('server') });
  running.worker = child('worker', 'worker/main.ts', { ...env, METRICS_PORT: metricsPort('worker') });
  const failed = Promise.race([...failures, running.server.failed, running.worker.failed]);
  failed.catch(() => {});
  const ready = async () => {
    if (telemetry) await untilAnswers('the telemetry store', `${telemetry.url}/healthz`, aborted, step);
    if (standIn) {
      await untilAnswers('the stand-in for WorkOS', standIn.url, aborted, step);
      await seedStandIn(standIn, tenants);
    }
    await untilAnswers('the server', `${addressOf(host, port)}/readyz`, aborted, step);
  };
  await Promise.race([ready(), failed]);
  return { database, tenants, failed };
}

/** Server, then worker, then what both need: each still has that while it finishes. */
export async function stop(running: Running, config: Config): Promise<void> {
  const grace = config.shutdownGraceMs + 5_000;
  await running.server?.stop(grace);
  await running.worker?.stop(grace);
  await running.telemetry?.stop(grace);
  await running.workos?.stop(grace);
  await running.database?.close();
}

async function requirePort(host: string, port: number, variable: string): Promise<void> {
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const probe = createServer();
    probe.once('error', resolve);
    probe.listen({ host, port }, () => probe.close(() => resolve(undefined)));
  });
  if (!error) return;
  if (error.code === 'EADDRINUSE') {
    throw new Failure(
      'port_taken',
      `Port ${port} is taken by another program.`,
      `Stop it, or choose another: ${variable}=${port + 10} npm start.`,
    );
  }
  if (error.code === 'EACCES') {
    throw new Failure(
      'port_forbidden',
      `Port ${port} may not be opened by this user.`,
      `Choose one above 1023 with ${variable}.`,
    );
  }
  throw new Failure(
    'address_unusable',
    `The server cannot listen on ${host}:${port} (${error.code}).`,
    'Correct HOST.',
  );
}

async function untilAnswers(
  name: string,
  url: string,
  aborted: AbortSignal,
  step: (line: string) => void,
): Promise<void> {
  const began = Date.now();
  let told = false;
  for (;;) {
    aborted.throwIfAborted();
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    if (Date.now() - began > 120_000) {
      throw new Failure(
        'server_not_ready',
        `${name} was not ready within two minutes.`,
        'See its log above.',
      );
    }
    if (Date.now() - began > 1_000 && !told) {
      told = true;
      step(`waiting for ${name}`);
    }
    await pause(25);
  }
}
