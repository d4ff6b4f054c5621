import './graphql/environment.ts';
import { createServer } from 'node:http';
import { checkDatabase, checkLogin } from '../db/check.ts';
import { type Serving, startServing } from '../db/serving.ts';
import type { Config } from '../runtime/config.ts';
import { urlOf } from '../runtime/config.ts';
import { explain } from '../runtime/failure.ts';
import { createLogger } from '../runtime/log.ts';
import { createKeyring } from '../runtime/sealing.ts';
import type { Telemetry } from '../runtime/telemetry/start.ts';
import { createApp } from './app.ts';
import { createPool } from './database/pool.ts';
import type { Health } from './health.ts';
import { answerClientErrors } from './http/client-errors.ts';
import { drain, listen, watchSilent } from './lifecycle.ts';
import { createRateLimitStore } from './rest/rate-limit-store.ts';
import { Streams, streamTiming } from './streams/streams.ts';

/** For telemetry, which is last, beyond SHUTDOWN_GRACE_MS: together with its default below the 30 s after which ECS and Kubernetes kill. */
const TELEMETRY_MS = 2_000;

/** Whatever hangs. */
const endWithin = (ms: number): void => {
  setTimeout(() => process.exit(1), ms).unref();
};

/** The whole server process: it listens until a signal comes, and ends the process. */
export async function serve(config: Config, telemetry: Telemetry): Promise<void> {
  const log = createLogger(config.log, 'server');
  let registering: Promise<Serving> | undefined;
  let abandoned = false;
  // Before it listens there is nothing to drain; but nobody shall wait for a process that never served.
  let stop = (signal: NodeJS.Signals | 'unfit'): void => {
    stop = () => {};
    abandoned = true;
    log.info({ signal }, 'the server stops before it was ready');
    endWithin(config.shutdownGraceMs);
    const left = async () => (await registering)?.stop();
    void left()
      .catch(() => {})
      .then(() => telemetry.stop())
      .finally(() => process.exit(signal === 'unfit' ? 1 : 0));
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(signal));

  try {
    const pool = (login: 'gate' | 'app') =>
      createPool(
        {
          name: login,
          connectionString: urlOf(config, login),
          max: config.pools[login],
          statementTimeoutMs: config.database.appStatementTimeoutMs,
        },
        log,
      );
    const pools = { gate: pool('gate'), app: pool('app') };
    await checkLogin(pools.gate, 'GATE_DATABASE_URL');
    await checkDatabase(pools.app, 'APP_DATABASE_URL');

    const deployed = { version: config.telemetry.version, env: config.env };
    const health: Health = { draining: false };
    const streams = new Streams({
      pool: pools.app,
      url: config.database.listen ?? urlOf(config, 'app'),
      log,
      limits: { ...streamTiming, ...config.streams },
    });
    const app = await createApp({
      ...pools,
      streams,
      log,
      deployed,
      production: config.production,
      trustProxy: config.http.trustProxy,
      developmentKey: config.http.developmentKey,
      graphql: config.graphql,
      tokenIssuers: config.tokenIssuers,
      workos: config.workos,
      workosWebhookSecret: config.workosWebhookSecret,
      publicUrl: config.http.publicUrl,
      origins: config.http.origins,
      keyring: createKeyring([config.secretKey, ...config.formerSecretKeys]),
      rateLimitStore: createRateLimitStore(config.rateLimits, pools.gate, log),
      health,
    });
    const server = createServer(app);
    const closeSilent = watchSilent(server);
    answerClientErrors(server, log, deployed);
    registering = startServing({
      pool: pools.app,
      kind: 'server',
      version: config.telemetry.version,
      log,
      onUnfit: (reason) => {
        log.fatal({ err: reason }, explain(reason));
        health.unfit = explain(reason);
        stop('unfit');
      },
    });
    const serving = await registering;
    if (abandoned) return;
    await listen(server, config.http);
    stop = (signal) => {
      stop = () => {};
      log.info({ signal }, 'the server is stopping');
      endWithin(config.shutdownGraceMs + TELEMETRY_MS);
      void drain({
        server,
        closeSilent,
        health,
        streams,
        serving,
        pools: Object.values(pools),
        delayMs: config.http.drainDelayMs,
        graceMs: config.shutdownGraceMs,
        log,
      }).then(async (clean) => {
        await telemetry.stop();
        process.exit(clean && signal !== 'unfit' ? 0 : 1);
      });
    };
    // Last: who reads it may ask us to stop at once.
    log.info({ url: config.http.publicUrl, port: config.http.port }, 'the server is ready');
  } catch (error) {
    log.fatal({ err: error }, explain(error));
    process.exit(1);
  }
}
