import './graphql/environment.ts';
import { createServer } from 'node:http';
import { checkDatabase, checkLogin } from '../db/check.ts';
import { startServing } from '../db/serving.ts';
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
import { drain, listen } from './lifecycle.ts';
import { createRateLimitStore } from './rest/rate-limit-store.ts';
import { Streams, streamTiming } from './streams/streams.ts';

/** The whole server process: it listens until a signal comes, and ends the process. */
export async function serve(config: Config, telemetry: Telemetry): Promise<void> {
  const log = createLogger(config.log, 'server');

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
    answerClientErrors(server, log, deployed);
    let stopping = false;
    const stop = (signal: NodeJS.Signals | 'unfit'): void => {
      if (stopping) return;
      stopping = true;
      log.info({ signal }, 'the server is stopping');
      void drain({
        server,
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
    const serving = await startServing({
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
    await listen(server, config.http);
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    // Last: who reads it may ask us to stop at once.
    log.info({ url: config.http.publicUrl, port: config.http.port }, 'the server is ready');
  } catch (error) {
    log.fatal({ err: error }, explain(error));
    process.exit(1);
  }
}
