import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { prepareCluster } from '../../db/cluster.ts';
import { startEmbedded } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';
import { withDatabase } from '../../db/urls.ts';
import { explain, Failure } from '../../runtime/failure.ts';
import { previousRelease, unpack } from './release.ts';

/*
 * npm run test:previous: the tests of the API as the previous release has them, with its server code, on a database that the migrations of this one (without those of phase
 * contract) have brought forward: what a deployment has while it rolls. Prints how many tests ran; exits with 1 when one fails, or none ran.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));

const tests = ['test/graphql', 'test/server/rest'];

/** What tells what there is, and not whether what there was still works; and what is of the server alone, whatever the schema. */
const excluded: Record<string, string> = {
  'test/graphql/schema.test.ts': 'compares the whole schema with docs/schema.graphql: additions are allowed',
  'test/graphql/envelope.test.ts': 'how statements go over a connection, whatever the schema',
  'test/graphql/introspection.test.ts': 'modes of the server, each started anew',
  'test/graphql/trusted.test.ts': 'documents of the server, and modes in which it is started',
  'test/server/rest/openapi.test.ts': 'compares the whole document with docs/openapi.json',
  'test/server/rest/reference.test.ts': 'pages of the reference in a browser',
  'test/server/rest/fuzz.test.ts':
    'takes as long as all the others, and drives what the document of this database says',
};

const say = console.log;

/** Of the template that test/support/cluster.ts clones: any test makes it. */
const makesTemplate = 'test/db/template.test.ts';

const secret = 'of the tests of the previous release';

interface Report {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numTotalTests: number;
}

async function main(): Promise<boolean> {
  const release = previousRelease();
  say(`the previous release is ${release.commit.slice(0, 10)}, ${release.reason}`);
  const directory = mkdtempSync(join(tmpdir(), 'freehold-previous-'));
  // The embedded PostgreSQL of root is another user's, who has to get in.
  chmodSync(directory, 0o711);
  const tree = join(directory, 'tree');
  mkdirSync(tree);
  const began = Date.now();
  const seconds = () => `${Math.round((Date.now() - began) / 1_000)} s`;
  unpack(release, tree);
  await installInto(tree);
  say(`${seconds()}: its files are there`);
  const server = await startEmbedded({
    directory: join(directory, 'postgres'),
    durable: false,
    settings: { max_connections: '300' },
  });
  try {
    const env = {
      ...process.env,
      PATH: `${join(tree, 'node_modules/.bin')}:${process.env.PATH}`,
      DATABASE_URL: server.url,
      FREEHOLD_ROLE_SECRET: secret,
    };
    await vitest(tree, env, [makesTemplate]);
    const template = await templateOf(server.url);
    const { owner } = await prepareCluster(withDatabase(server.url, template), { secret });
    const ran = await migrate(owner, { drafts: false, expandOnly: true });
    say(`${seconds()}: brought forward by ${ran.length} migrations: ${ran.join(', ') || 'none'}`);
    const file = join(directory, 'report.json');
    const skipped = Object.keys(excluded).flatMap((name) => ['--exclude', name]);
    for (const [name, why] of Object.entries(excluded)) say(`without ${name}: ${why}`);
    await vitest(tree, env, [
      ...tests,
      ...skipped,
      '--testTimeout=180000',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ]);
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    say(`${seconds()}: ${report.numPassedTests} passed, ${report.numFailedTests} failed`);
    return report.success && report.numPassedTests > 0;
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Its dependencies: ours, where they are the same. */
async function installInto(tree: string): Promise<void> {
  const lock = (of: string) => readFileSync(join(of, 'package-lock.json'), 'utf8');
  if (lock(tree) === lock(root)) {
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
    return;
  }
  say('its package-lock.json is another: npm ci');
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], tree, process.env);
}

async function vitest(tree: string, env: NodeJS.ProcessEnv, args: string[]): Promise<void> {
  const code = await run(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', ...args],
    tree,
    env,
    [0, 1],
  );
  if (code !== 0 && args[0] === makesTemplate)
    throw new Failure('no_template', 'The previous release does not make its own database.', 'See above.');
}

function run(
  command: string,
  args: string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  fine = [0],
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
    // Then all that was started is stopped.
    const stop = () => child.kill('SIGTERM');
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
    child.once('error', reject);
    child.once('close', (code) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, stop);
      if (code !== null && fine.includes(code)) resolve(code);
      else reject(new Failure('command_failed', `${command} ${args[0]} ended with ${code}.`, 'See above.'));
    });
  });
}

async function templateOf(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>(
      `select datname from pg_database where datname ~ '^freehold_template_[0-9a-f]+$'`,
    );
    const [found, ...more] = rows;
    if (!found || more.length > 0)
      throw new Failure(
        'no_template',
        `There are ${rows.length} templates of its tests.`,
        'See test/support/cluster.ts.',
      );
    return found.datname;
  } finally {
    await client.end();
  }
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
