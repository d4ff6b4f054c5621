import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { escapeIdentifier } from 'pg';
import { connectOrExplain } from '../../db/connect.ts';
import { databaseOf, withDatabase } from '../../db/urls.ts';
import type { Config } from '../config.ts';
import { ConfigError, readConfig } from '../config.ts';
import { explain } from '../failure.ts';
import { freePort } from '../free-ports.ts';
import type { Running } from '../launch.ts';
import { launch, stop } from '../launch.ts';
import { mainJob } from './main-job.ts';
import { createStory } from './story.ts';

/*
 * npm run demo [-- --json]: the main job on real parts, step by step: two tenants, an upgrade through GraphQL, one transaction, a signed
 * webhook, and nothing for the other tenant. Everything is new and thrown away after: an embedded server in a temporary
 * directory, or a database of its own on the server of DATABASE_URL. Exits with 0 only if every step was observed.
 */
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const print = (line: string): void => {
  if (!values.json) console.log(line);
};

// An empty variable counts as absent, as in the configuration.
const given = process.env.DATABASE_URL || undefined;
const directory = await mkdtemp(join(tmpdir(), 'freehold-demo-'));
const running: Running = {};
const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort());
const story = createStory(print);
let failure: unknown;
let logs = '';
try {
  print('Freehold: the main job');
  const config = await configure();
  try {
    await perform(config);
  } catch (error) {
    failure = error;
  }
  await stop(running, config);
  if (given && config.database.admin) await dropDatabase(config.database.admin);
} catch (error) {
  failure ??= error;
}
await rm(directory, { recursive: true, force: true });

const ok = failure === undefined && story.steps.every((step) => step.ok);
if (values.json) {
  const error = failure === undefined ? undefined : reason(failure);
  console.log(JSON.stringify({ ok, steps: story.steps, error }));
} else if (ok) {
  print(`\nAll ${story.steps.length} steps were observed.`);
} else {
  console.error(`\n${reason(failure)}\n${logs.slice(-4000)}`);
}
process.exit(ok ? 0 : 1);

/** A database of the demo's own on the server of DATABASE_URL. */
async function configure(): Promise<Config> {
  const own = given && withDatabase(given, `${databaseOf(given)}_demo_${process.pid}`);
  const ports = {
    PORT: String(await freePort()),
    WORKOS_STAND_IN_PORT: String(await freePort()),
    TELEMETRY_STORE_PORT: String(await freePort()),
  };
  return readConfig({ ...process.env, ...ports, ...(own && { DATABASE_URL: own }) }, 'start', directory);
}

/** A wrong configuration is listed whole. */
function reason(error: unknown): string {
  return error instanceof ConfigError ? error.message : explain(error);
}

async function perform(config: Config): Promise<void> {
  const launched = await launch(config, running, {
    aborted: abort.signal,
    step: (line) => print(`   ${line} …`),
    onRestart: print,
    output: {
      write: (text) => {
        logs += text;
      },
    },
  });
  await Promise.race([
    mainJob({ story, launched, url: `http://127.0.0.1:${config.http.port}` }),
    launched.failed,
  ]);
}

async function dropDatabase(url: string): Promise<void> {
  const admin = await connectOrExplain(withDatabase(url, 'postgres'), 'DATABASE_URL');
  await admin
    .query(`drop database if exists ${escapeIdentifier(databaseOf(url))} with (force)`)
    .finally(() => admin.end());
}
