import type { OpenDatabase } from '../db/open.ts';
import type { SeededTenant } from '../db/seed.ts';
import type { Config } from './config.ts';
import { loadConfig } from './config.ts';
import { explain, Failure } from './failure.ts';
import type { Running } from './launch.ts';
import { launch, stop } from './launch.ts';

const say = (line: string) => console.log(line);

/** npm start: a database, its migrations and development data, the server and the worker, until a signal comes. */
async function start(config: Config, running: Running, aborted: AbortSignal): Promise<void> {
  const began = performance.now();
  say('Starting Freehold');
  const { database, tenants, failed } = await launch(config, running, {
    aborted,
    step: (line) => say(`  ${line} …`),
    onRestart: (line) => say(`  ${line}`),
  });
  announce(config, database, tenants, (performance.now() - began) / 1000);
  await Promise.race([failed, stopped(aborted), lost(database)]);
}

function announce(
  config: Config,
  database: OpenDatabase,
  tenants: readonly SeededTenant[],
  seconds: number,
): void {
  const url = config.http.publicUrl;
  const first = tenants[0];
  say(`
Freehold is ready in ${seconds.toFixed(1)} s, on ${database.description}

  GraphQL    ${url}/graphql      send  Authorization: Bearer <key>
  Sign in    ${url}/auth${config.workos ? '' : `         people of the stand-in for WorkOS: http://127.0.0.1:${config.workosStandInPort}`}
  Explorer   ${url}/${first ? `             with the key of ${first.name}` : ''}
`);
  for (const tenant of tenants) say(`  ${tenant.name.padEnd(9)}  ${tenant.apiKey}`);
  say(
    '\n  npm run demo shows the main job; npm run db urls prints database URLs for psql. Ctrl-C stops everything.\n',
  );
}

function stopped(aborted: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (aborted.aborted) resolve();
    else aborted.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function lost(database: OpenDatabase): Promise<never> {
  await database.lost;
  throw new Failure(
    'database_lost',
    'The embedded PostgreSQL ended unexpectedly.',
    'See .freehold/postgres/postgres.log, then start again.',
  );
}

/** One signal stops in order; a second one, a second or more later, ends everything at once. */
function listenForSignals(running: Running): AbortSignal {
  const abort = new AbortController();
  let first = 0;
  const onSignal = () => {
    // npm forwards the Ctrl-C that the terminal has sent to everyone: one press arrives twice.
    if (first > 0 && Date.now() - first < 1_000) return;
    if (first > 0) {
      say('Ending at once');
      running.server?.kill();
      running.worker?.kill();
      running.workos?.kill();
      running.telemetry?.kill();
      void running.database?.close().finally(() => process.exit(130));
      setTimeout(() => process.exit(130), 3_000).unref();
      return;
    }
    first = Date.now();
    say('\nStopping (again: at once)');
    abort.abort(new Failure('stopped', 'Stopped.', ''));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  // Whoever started this, npm or a shell, was killed without a signal to us: nobody is left to stop it later.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    onSignal();
  }, 500).unref();
  return abort.signal;
}

// Who read our output may go (npm start | head): what runs must be stopped in order all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const config = loadConfig('start');
const running: Running = {};
const aborted = listenForSignals(running);
try {
  await start(config, running, aborted);
} catch (error) {
  if (!aborted.aborted) {
    console.error(`\n${explain(error)}`);
    if (!(error instanceof Failure)) console.error(error);
    process.exitCode = 1;
  }
}
await stop(running, config).catch((error: unknown) => {
  console.error(explain(error));
  process.exitCode = 1;
});
process.exit();
